"""Mixes end to end: exact, the same whatever the order, the files and the engine, and nothing lost without a word."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import outcross as oc
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutcrossError, OutputRefused, Shortage
from outcross.core.part import as_part
from outcross.corpus.fields import Fields
from outcross.guard.mix import mix as making
from outcross.guard.mix import writing
from outcross.guard.mix.mix import mix
from outcross.guard.mix.mixed import Mixed
from outcross.guard.source import Source
from tests.guard.mix.corpora import content, held, lines, rows

NEEDS_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")


def made(sources: Any, out: Path, budget: int = 20, engine: str | Engine = "serial", **more: Any) -> Mixed:
    return mix(sources, budget=budget, out=out, engine=engine, **more)


def counted(mixed: Mixed) -> dict[str, int]:
    return {str(stratum): count for stratum, count in mixed.counts.items()}


def test_a_mix_is_what_was_asked_for(tmp_path: Path) -> None:
    mixed = made(lines(tmp_path / "cats.jsonl", rows(30, 70)), tmp_path / "out", policy="anchor(real=0.35)")
    assert counted(mixed) == {"human/0": 7, "synthetic/1": 13}
    assert (mixed.read, mixed.records, mixed.rejected, mixed.copies) == (100, 20, {}, 0)
    found = held(tmp_path / "out")
    assert len(found) == len({row[0] for row in found}) == 20
    assert sum(row[2] == "human" for row in found) == 7
    given = {row["id"]: row for row in rows(30, 70)}
    for name, text, origin, generation, group, metadata, license in found:
        row = given[name]
        assert (text, origin, group, license) == (row["text"], row["origin"], row["group"], row["license"])
        assert json.loads(metadata) == {"n": row["n"]}
        assert generation == int(origin == "synthetic")
    assert not list(tmp_path.glob(".*"))
    for product in mixed.products:
        assert (tmp_path / "out" / product.name).stat().st_size == product.size


def test_the_papers_say_so(tmp_path: Path) -> None:
    mixed = made(lines(tmp_path / "cats.jsonl", rows(30, 70)), tmp_path / "out", key=oc.Key.of_seed(bytes(32)))
    names = {"manifest.json", "croissant.json", "README.md", "bill.html", "statement.json"}
    assert set(content(tmp_path / "out")) == {*names, *(one.name for one in mixed.products)}
    told = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert told["records"] == 20
    assert told["licenses"] == {"MIT": 20}
    assert told["generators"] == {"parrot": 14}
    assert [one["records"] for one in told["materials"]] == [100]


@pytest.mark.parametrize("ids", [True, False])
def test_the_choice_knows_neither_order_nor_files(tmp_path: Path, ids: bool) -> None:
    """Shuffled, split, merged, as Parquet, as a vault: with ids and without, and with copies among the records."""
    given = rows(30, 70, ids=ids) + [dict(row, n=1000 + n) for n, row in enumerate(rows(8, 0, ids=ids) * 2)]
    if ids:  # and two records of one name that say different things
        given += [dict(given[0], text="Another cat."), dict(given[1], text="Yet another.")]
    made(lines(tmp_path / "one.jsonl", given), tmp_path / "one", 40)
    expected = held(tmp_path / "one")
    shuffled = list(given)
    random.Random(1).shuffle(shuffled)
    made(lines(tmp_path / "two.jsonl", shuffled), tmp_path / "two", 40)
    parts = [lines(tmp_path / f"part-{n}.jsonl", shuffled[n::3]) for n in range(3)]
    made(parts, tmp_path / "three", 40)
    pl.DataFrame(shuffled).write_parquet(tmp_path / "four.parquet", row_group_size=17)
    made(tmp_path / "four.parquet", tmp_path / "four", 40)
    assert held(tmp_path / "two") == held(tmp_path / "three") == held(tmp_path / "four") == expected
    if not ids:
        vault = oc.Vault.create(tmp_path / "vault", key=oc.Key.of_seed(bytes(32)), memory=False)
        for part in parts:
            vault.ingest(part)
        made(vault, tmp_path / "five", 40)
        assert [row[1:] for row in sorted(held(tmp_path / "five"), key=lambda row: repr(row[1:]))] == sorted(
            (row[1:] for row in expected), key=repr
        )


def test_a_vault_gives_what_its_files_did(tmp_path: Path) -> None:
    given = rows(30, 70)
    vault = oc.Vault.create(tmp_path / "vault", key=oc.Key.of_seed(bytes(32)), memory=False)
    vault.ingest(lines(tmp_path / "cats.jsonl", given))
    made(tmp_path / "cats.jsonl", tmp_path / "file")
    mixed = made(vault, tmp_path / "out")
    assert held(tmp_path / "out") == held(tmp_path / "file")
    assert mixed.materials[0].checkpoint == vault.checkpoint
    vault.withdraw([held(tmp_path / "out")[0][0]], "asked")
    again = made(vault, tmp_path / "again")
    assert again.read == 99
    assert len({*held(tmp_path / "out")} & {*held(tmp_path / "again")}) == 19, "the others are chosen as before"


def test_a_record_of_a_thousand_copies_is_not_in_or_out_as_a_block(tmp_path: Path) -> None:
    same = [{"text": "The same cat.", "origin": "human"}] * 300
    mixed = made(lines(tmp_path / "cats.jsonl", [*same, *rows(300, 100)]), tmp_path / "out", 200, policy="accumulate")
    assert mixed.copies == 299
    share = sum(row[1] == "The same cat." for row in held(tmp_path / "out"))
    human = mixed.counts[oc.Stratum(oc.Origin.HUMAN)]
    assert abs(share - human / 2) < 4 * (human * 0.25 * 0.75) ** 0.5  # hypergeometric, of 600 human records


def test_the_same_seed_gives_the_same_bytes_on_every_engine(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(30, 70, ids=False) + rows(20, 0))
    for name, engine in (("a", "serial"), ("b", "processes(workers=2)"), ("c", "serial")):
        made(path, tmp_path / name, engine=engine, seed=0 if name != "c" else 1)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert held(tmp_path / "a") != held(tmp_path / "c")


def test_threads_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SHARD", 30)  # several files at a time
    (tmp_path / "cats").mkdir()
    for n in range(8):
        given = [
            dict(row, id=f"{n}/{row['id']}", text=f"{n}: {'' if n % 3 else 'été '}{row['text']}")
            for row in rows(20, 30)
        ]
        pl.DataFrame(given).write_parquet(tmp_path / "cats" / f"{n}.parquet", row_group_size=17)
    for name, engine in (("a", "serial"), ("b", "threads(workers=4)"), ("c", None)):
        mixed = mix(tmp_path / "cats", budget=200, out=tmp_path / name, engine=engine)
        sizes = [one.records for one in mixed.products]
        assert sum(sizes) == 200
        assert len(sizes) >= 4
        assert max(sizes) < 60
    assert content(tmp_path / "a") == content(tmp_path / "b") == content(tmp_path / "c")


def test_workers_are_started_only_where_there_is_much_to_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(kind: Any, given: Any) -> Any:
        if kind is Engine:
            asked.append(given)
        return as_part(kind, "serial" if kind is Engine else given)

    monkeypatch.setattr(making, "as_part", noted)
    monkeypatch.setattr(making, "PARSED", 10_000)
    for number in (30, 300):
        path = lines(tmp_path / f"{number}.jsonl", rows(number, number))
        pl.DataFrame(rows(number, number)).write_parquet(tmp_path / f"{number}.parquet")
        mix(path, budget=20, dry_run=True)
        mix(path.with_suffix(".parquet"), budget=20, dry_run=True)
    assert asked == ["threads", "threads", "processes", "threads"]


@NEEDS_RAY
def test_ray_gives_the_same_bytes(tmp_path: Path) -> None:
    import ray

    paths = [lines(tmp_path / f"{n}.jsonl", rows(30, 70, ids=bool(n))) for n in range(2)]
    made(paths, tmp_path / "serial")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    try:
        made(paths, tmp_path / "ray", engine="ray")
    finally:
        ray.shutdown()
    assert content(tmp_path / "ray") == content(tmp_path / "serial")


def test_rows_that_are_no_records_are_counted(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(30, 70))
    path.write_text(
        path.read_text() + '{"text": ""}\n{"text": "cut o\n{"text": "x", "origin": "human", "generation": 2}\n'
    )
    mixed = made(path, tmp_path / "out")
    assert mixed.rejected == {"no-text": 1, "broken-line": 1, "bad-label": 1}
    assert mixed.examples[0][:2] == ("cats.jsonl", 101)
    assert mixed.read == mixed.materials[0].records == 100


def test_parquet_without_texts_is_found_out_in_the_second_pass(tmp_path: Path) -> None:
    """Names are enough for the first pass, so records without a text come to light later: the mix is exact anyway."""
    given = rows(60, 60)
    for row in given[::3]:
        row["text"] = " "
    pl.DataFrame(given).write_parquet(tmp_path / "cats.parquet", row_group_size=50)
    mixed = made(tmp_path / "cats.parquet", tmp_path / "out", 30)
    assert mixed.rejected == {"no-text": 40}
    assert (mixed.read, counted(mixed)) == (80, {"human/0": 9, "synthetic/1": 21})
    made(lines(tmp_path / "cats.jsonl", given), tmp_path / "lines", 30)
    assert held(tmp_path / "out") == held(tmp_path / "lines")
    with pytest.raises(Shortage):
        made(tmp_path / "cats.parquet", tmp_path / "more", 60, policy="anchor(real=0.7)")
    looked = mix(tmp_path / "cats.parquet", budget=30, dry_run=True, engine="serial")
    assert (looked.read, looked.rejected, looked.path) == (80, {"no-text": 40}, None)


def test_what_is_said_of_a_file_counts(tmp_path: Path) -> None:
    plain = [{"story": f"Cat {n}."} for n in range(40)]
    human, machine = lines(tmp_path / "human.jsonl", plain), lines(tmp_path / "machine.jsonl", plain)
    mixed = made([f"human={human}", f"synthetic={machine}"], tmp_path / "out", fields=Fields({"text": "story"}))
    assert counted(mixed) == {"human/0": 6, "synthetic/1": 14}
    assert [one.origin for one in mixed.materials] == ["human", "synthetic"]


def test_groups_keep_their_share(tmp_path: Path) -> None:
    given = [dict(row, lang=["en", "de", "fy"][min(n % 10, 2)]) for n, row in enumerate(rows(200, 200))]
    mixed = made(lines(tmp_path / "cats.jsonl", given), tmp_path / "out", 50, balance="lang", policy="anchor(real=0.4)")
    assert sum(mixed.counts.values()) == 50
    by_group = {group: sum(n for s, n in mixed.counts.items() if s.group == group) for group in ("de", "en", "fy")}
    assert by_group == {"de": 5, "en": 5, "fy": 40}
    assert sum(n for s, n in mixed.counts.items() if s.origin is oc.Origin.HUMAN) == 20


def test_weights_of_the_policy_are_a_column(tmp_path: Path) -> None:
    mixed = made(lines(tmp_path / "cats.jsonl", rows(30, 70)), tmp_path / "out", policy="weighted(real=0.7)")
    frame = pl.read_parquet(tmp_path / "out" / mixed.products[0].name)
    assert frame.columns[-1] == "weight"
    by_origin = dict(frame.group_by("origin").agg(pl.col("weight").first()).rows())
    assert by_origin["human"] != by_origin["synthetic"]


def test_records_of_unknown_origin_enter_with_their_share(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(25, 60, 400))
    mixed = made(path, tmp_path / "out", 100, synthetic_share=(0.0, 0.1))
    assert sum(mixed.counts.values()) == 100
    assert mixed.plan.floor >= 30
    assert [str(stratum) for stratum in mixed.plan.unlabelled] == ["unknown/0"]


def test_a_mix_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(30, 70))
    made(path, tmp_path / "out")
    before = content(tmp_path / "out")
    assert counted(made(path, tmp_path / "out")) == {"human/0": 6, "synthetic/1": 14}
    assert content(tmp_path / "out") == before
    with pytest.raises(OutputRefused, match="there already"):
        made(path, tmp_path / "out", seed=1)
    lines(path, rows(40, 70))
    with pytest.raises(OutputRefused, match="not the mix that these sources give"):
        made(path, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputRefused, match="there already"):
        made(path, tmp_path / "mine")
    assert content(tmp_path / "out") == before


def test_work_is_gone_on_with_only_from_the_same(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(10, 70))

    class Stopped(Engine):
        def map(self, work: Any, tasks: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(path, tmp_path / "out", 30, Stopped())
    with pytest.raises(BadInput, match="begun with other"):
        made(path, tmp_path / "out", 20)
    assert made(path, tmp_path / "out", 30).records == 30


def test_a_source_that_changes_meanwhile_is_found_out(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(30, 70))
    first = True

    class Meddler(Engine):
        def map(self, work: Any, tasks: Any) -> Any:
            nonlocal first
            for index, task in enumerate(tasks):
                yield index, work(task)
            if first:
                lines(path, rows(3, 7))
            first = False

    with pytest.raises(BadInput, match="was changed while it was read"):
        made(path, tmp_path / "out", engine=Meddler())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"budget": 0}, BadSetting, "at least one record"),
        ({"policy": "anchr"}, OutcrossError, "anchor"),
        ({"policy": "filtered(policy=accumulate, keep=0.5)"}, OutcrossError, "score"),
        ({"sources": "no.jsonl"}, MissingInput, "no.jsonl"),
        ({"sources": []}, BadSetting, "needs a source"),
        ({"balance": "texture"}, MissingInput, "no record has the column 'texture'"),
        ({"budget": 90}, Shortage, "short by"),
        ({"engine": "proceses"}, OutcrossError, "processes"),
        ({"key": "no.pem"}, MissingInput, "no.pem"),
        ({"out": None}, BadSetting, "--dry-run"),
    ],
)
def test_misuse_is_told_and_leaves_nothing(tmp_path: Path, change: dict[str, Any], error: Any, said: str) -> None:
    given: dict[str, Any] = {
        "sources": lines(tmp_path / "cats.jsonl", rows(5, 70)),
        "out": tmp_path / "out",
        "budget": 10,
    } | change
    if isinstance(given["sources"], str):
        given["sources"] = str(tmp_path / given["sources"])
    with pytest.raises(error, match=said.replace(".", r"\.")):
        mix(given.pop("sources"), **{"engine": "serial"} | given)
    assert not (tmp_path / "out").exists()


def test_nothing_to_choose_from_is_no_mix(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text("no\nJSON\n")
    with pytest.raises(BadInput, match="no record to choose from: 2 rejected as "):
        made(tmp_path / "broken.jsonl", tmp_path / "out")
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(BadInput, match="empty"):
        made(tmp_path / "empty.jsonl", tmp_path / "out")
    path = lines(tmp_path / "cats.jsonl", rows(5, 5))
    with pytest.raises(BadSetting, match="named twice"):
        made([path, f"human={path}"], tmp_path / "out")
    with pytest.raises(BadSetting, match="lies in"):
        made([tmp_path, path], tmp_path.parent / "out")


def test_the_share_is_estimated_where_there_are_references(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def texts(words: str, number: int) -> list[dict[str, Any]]:
        return [{"text": " ".join(rng.choice(words.split(), 30))} for _ in range(number)]

    human, machine = (
        "cat sleeps in the old warm barn and dreams of mice",
        "cat delves in the rich warm tapestry of the realm",
    )
    refs = [lines(tmp_path / "h.jsonl", texts(human, 150)), lines(tmp_path / "m.jsonl", texts(machine, 150))]
    target = lines(tmp_path / "t.jsonl", texts(human, 160) + texts(machine, 40))
    mixed = made(
        [target, f"human={lines(tmp_path / 'own.jsonl', texts(human, 60))}"], tmp_path / "out", 50,
        policy="anchor(real=0.5)", references=tuple(refs),
    )  # fmt: skip
    [share] = mixed.plan.unlabelled.values()
    assert share.low is not None and share.high is not None
    assert share.low <= 0.2 <= share.high
    assert share.high < 0.5


def test_a_source_is_a_source(tmp_path: Path) -> None:
    path = lines(tmp_path / "cats.jsonl", rows(30, 70))
    assert counted(made(Source.of(path), tmp_path / "a")) == counted(made(str(path), tmp_path / "b"))


def test_a_file_of_texts_alone_is_mixed(tmp_path: Path) -> None:
    pl.DataFrame({"text": [f"Cat {n} sleeps." for n in range(30)]}).write_parquet(tmp_path / "cats.parquet")
    mixed = made(tmp_path / "cats.parquet", tmp_path / "out", policy="replace")
    assert (mixed.read, mixed.records, mixed.rejected) == (30, 20, {})


def test_after_a_shortage_what_would_do_does(tmp_path: Path) -> None:
    given = lines(tmp_path / "cats.jsonl", rows(30, 70))
    with pytest.raises(Shortage, match="a budget of 100"):
        made(given, tmp_path / "out", budget=1000)
    assert not list(tmp_path.glob(".*"))
    assert made(given, tmp_path / "out", budget=100).records == 100


def test_a_mix_does_not_grow_its_own_source(tmp_path: Path) -> None:
    lines(tmp_path / "cats.jsonl", rows(30, 70))
    with pytest.raises(OutputRefused, match="lies in the source"):
        made(tmp_path, tmp_path / "out")


def test_a_confidence_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="confidence"):
        made(lines(tmp_path / "cats.jsonl", rows(30, 70)), tmp_path / "out", confidence=float("nan"))
