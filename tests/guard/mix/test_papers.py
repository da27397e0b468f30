"""Papers of a mix: others read them, nothing in them changes by itself, and what is changed is found."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from outcross.core.errors import MissingInput, NotProven
from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.provenance import Origin, Stratum
from outcross.guard.mix.assembled import Assembled, Material, Product
from outcross.guard.mix.papers import papers
from outcross.guard.mix.planning import plan_mix
from outcross.guard.mix.proof import verify_mix
from outcross.report.bill import bill_page
from outcross.vault.envelope import open_envelope
from outcross.vault.keys import Key
from tests.report.html import Page

HUMAN, WEB = Stratum(Origin.HUMAN), Stratum(Origin.UNKNOWN)
FIRST, THIRD = Stratum(Origin.SYNTHETIC, 1, generator="gpt2"), Stratum(Origin.SYNTHETIC, 3, generator="gpt2")
ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "text": ["A cat sleeps.", "It rains <b>.", "Ünïcode 🐈"],
        "origin": ["human", "synthetic", "unknown"],
        "generation": [0, 1, 0],
        "parents": [[], ["a"], None],
    },
    schema_overrides={"generation": pl.Int32, "parents": pl.List(pl.String)},
)
COLUMNS = (("id", "text"), ("text", "text"), ("origin", "text"), ("generation", "integer"), ("parents", "text"))
KEY = Key.of_seed(bytes(32))
ODD = 'a "cat" & <dog>|`x`\u202e[y](z).jsonl'


def made(folder: Path, shards: int = 2) -> Assembled:
    """A mix on the disk, without its papers; every shard has the three rows."""
    (folder / "data").mkdir(parents=True)
    products = []
    for shard in range(shards):
        name = f"data/mix-{shard:05}.parquet"
        ROWS.write_parquet(folder / name)
        data = (folder / name).read_bytes()
        products.append(Product(name, hashlib.sha256(data).hexdigest(), len(data), 3))
    pool = Inventory({HUMAN: shards, FIRST: 7 * shards, THIRD: shards, WEB: 500})
    plan = plan_mix(pool, "anchor(real=0.5)", 3 * shards, {WEB: Measure(0.1, 0.05, 0.2)}, 0.9)
    return Assembled(
        plan=plan,
        materials=(
            Material("cats.jsonl", "1" * 64, 12, "human"),
            Material("cats.jsonl", "2" * 64, 12),
            Material("vault:v", "3" * 64, 500, checkpoint="v\n3\nqg==\n"),
            Material(ODD, "4" * 64, 1),
        ),
        products=tuple(products),
        counts={HUMAN: shards, FIRST: shards, WEB: shards},
        seed=7,
        command="outcross mix human=cats.jsonl 'dir with blank/cats.jsonl' --policy 'anchor(real=0.5)' --budget 6",
        columns=COLUMNS,
        licenses={"CC-BY-4.0": shards, "MIT": 1},
        generators={"gpt2": shards},
    )


def on_disk(folder: Path, key: Key | None = KEY) -> Path:
    """A whole mix."""
    for name, content in papers(made(folder), key).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return on_disk(tmp_path / "mixed")


def test_the_same_mix_has_the_same_papers(tmp_path: Path) -> None:
    one, other = (papers(made(tmp_path / name), KEY) for name in ("here", "there"))
    assert one == other
    assert sorted(one) == ["README.md", "bill.html", "croissant.json", "manifest.json", "statement.json"]
    assert all(str(tmp_path).encode() not in content for content in one.values())


def test_without_a_key_there_is_no_statement_and_the_others_say_so(tmp_path: Path) -> None:
    unsigned = papers(made(tmp_path / "mixed"))
    assert "statement.json" not in unsigned
    assert json.loads(unsigned["manifest.json"])["signed"] is None
    for name in ("README.md", "bill.html"):
        assert b"Nobody has signed it" in unsigned[name]


def test_the_manifest_has_everything(mixed: Path) -> None:
    told = json.loads((mixed / "manifest.json").read_bytes())
    assert told["format"] == "outcross-mix/1" and told["seed"] == 7 and told["records"] == 6
    assert told["plan"]["policy"] == "anchor(real=0.5)" and told["plan"]["floor"] == 3
    assert sum(draw["quota"] for draw in told["plan"]["recipe"]["draws"]) == 6
    assert {one["origin"]: one["records"] for one in told["counts"]} == {"human": 2, "synthetic": 2, "unknown": 2}
    assert [one["name"] for one in told["products"]] == ["data/mix-00000.parquet", "data/mix-00001.parquet"]
    assert told["signed"] == KEY.public.fingerprint


def test_the_statement_is_a_link_of_in_toto(mixed: Path) -> None:
    told = json.loads(open_envelope((mixed / "statement.json").read_bytes(), KEY.public))
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://in-toto.io/attestation/link/v0.3"
    subjects = {one["name"]: one["digest"]["sha256"] for one in told["subject"]}
    files = {str(path.relative_to(mixed)) for path in mixed.rglob("*") if path.is_file()}
    assert len(subjects) == len(told["subject"]) and set(subjects) == files - {"statement.json"}
    link = told["predicate"]
    assert link["name"] == "mix" and link["command"][2:4] == ["human=cats.jsonl", "dir with blank/cats.jsonl"]
    names = [one["name"] for one in link["materials"]]
    assert names == ["cats.jsonl", "cats.jsonl (2)", "vault:v", ODD]
    assert link["materials"][2]["annotations"] == {"records": 500, "checkpoint": "v\n3\nqg==\n"}
    assert link["byproducts"]["recipe"]["draws"][0]["quota"] == 2


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_croissant_validates_and_its_loader_reads_every_record(mixed: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=str(mixed / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert {warning for warning in dataset.metadata.ctx.issues.warnings if "datePublished" not in warning} == set()
    rows = list(dataset.records("records"))
    assert sorted(row["records/text"].decode() for row in rows) == sorted(2 * ROWS["text"].to_list())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_library_datasets_reads_the_folder(mixed: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset(str(mixed), cache_dir=str(tmp_path / "cache"))
    assert list(found) == ["train"]
    assert found["train"].to_list() == 2 * ROWS.to_dicts()


def test_a_mix_that_nobody_touched_is_sound(mixed: Path, tmp_path: Path) -> None:
    for public in (None, KEY.public, KEY.public.text()):
        found = verify_mix(mixed, public)
        found.require()
        assert found.sound and found.files == 6 and found.signer == KEY.public.fingerprint
    unsigned = verify_mix(on_disk(tmp_path / "unsigned", None))
    assert unsigned.sound and unsigned.signer is None and "Nobody has signed" in unsigned.remarks[0]
    assert json.loads(json.dumps(found.to_dict()))["sound"] is True


@pytest.mark.parametrize("key", [KEY, None], ids=["signed", "unsigned"])
@pytest.mark.parametrize("name", ["data/mix-00001.parquet", "README.md", "bill.html", "croissant.json"])
def test_a_file_that_is_damaged_missing_or_added_is_named(key: Key | None, name: str, tmp_path: Path) -> None:
    folder = on_disk(tmp_path / "mixed", key)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    assert [str(one) for one in verify_mix(folder).faults] == [f"{name} is damaged: its bytes have changed"]
    (folder / name).unlink()
    assert [str(one) for one in verify_mix(folder).faults] == [f"{name} is missing"]
    (folder / name).write_bytes(data)
    (folder / "data" / "more.parquet").write_bytes(b"")
    found = verify_mix(folder)
    assert [one.file for one in found.faults] == ["data/more.parquet"]
    with pytest.raises(NotProven, match=r"data/more\.parquet was added"):
        found.require()


def test_every_byte_of_manifest_and_statement_counts(mixed: Path) -> None:
    for name in ("manifest.json", "statement.json"):
        data = (mixed / name).read_bytes()
        for at in range(0, len(data), max(1, len(data) // 40)):
            (mixed / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert name in {one.file for one in verify_mix(mixed).faults}, at
        (mixed / name).write_bytes(data + b" ")
        assert name in {one.file for one in verify_mix(mixed).faults}
        (mixed / name).unlink()
        assert next(str(one) for one in verify_mix(mixed).faults if one.file == name).startswith(f"{name} is missing")
        (mixed / name).write_bytes(data)
    assert verify_mix(mixed).sound


def test_a_mix_that_somebody_else_signed_is_not_ours(tmp_path: Path) -> None:
    other = Key.of_seed(bytes([1]) * 32)
    folder = on_disk(tmp_path / "mixed", other)
    assert verify_mix(folder).sound
    [fault] = verify_mix(folder, KEY.public).faults
    assert fault.file == "statement.json" and "is signed by the key" in fault.what


def test_a_manifest_and_a_statement_of_two_mixes_do_not_fit(mixed: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    changed = replace(made(stranger), seed=8)
    (mixed / "manifest.json").write_bytes(papers(changed, KEY)["manifest.json"])
    assert {one.file for one in verify_mix(mixed).faults} == {"manifest.json"}
    (mixed / "statement.json").unlink()
    assert [str(one) for one in verify_mix(mixed, KEY.public).faults if one.file == "statement.json"]


def test_a_signature_that_was_taken_away_is_missed(mixed: Path) -> None:
    (mixed / "statement.json").unlink()
    assert [str(one) for one in verify_mix(mixed).faults] == ["statement.json is missing: it was signed"]


def test_manifests_that_are_none(mixed: Path, tmp_path: Path) -> None:
    (mixed / "statement.json").unlink()
    for data in (b"", b"[]", b"{}", b'{"format":"outcross-mix/2"}', b'{"format":"outcross-mix/1"}', b"\xff", b"null"):
        (mixed / "manifest.json").write_bytes(data)
        assert "manifest.json" in {one.file for one in verify_mix(mixed).faults}
    for data in (b"", b"{}", base64.b64encode(b"{}")):
        (mixed / "statement.json").write_bytes(data)
        assert "statement.json" in {one.file for one in verify_mix(mixed).faults}
    shutil.rmtree(mixed)
    with pytest.raises(MissingInput, match="no mix at"):
        verify_mix(mixed)


def test_the_bill_is_a_page_that_needs_nothing(tmp_path: Path) -> None:
    assembled = made(tmp_path / "mixed")
    text = bill_page(assembled, KEY.public.fingerprint)
    for said in (
        "At least 3 of them (50\u00a0%) are human",
        "anchor(real=0.5)",
        "outcross mix human=cats.jsonl",
        "gpt2",
    ):
        assert said in text
    assert all(product.sha256 in text.replace("<br>", "") for product in assembled.products)
    assert "<script" not in text and "<dog>" not in text and "\u202e" not in text
    assert "Bill of materials" in Page(text).text
    many = replace(assembled, products=assembled.products[:1] * 500)
    assert "460 more are in manifest.json" in bill_page(many)
    assert len(bill_page(many)) < 100_000
