"""Chains of language models: what is kept of them, which no kill, full disk or lack of memory changes or loses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import outcross as oc  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.lab.cabinet import Cabinet  # noqa: E402
from outcross.models._torch import bpe, hub  # noqa: E402
from tests.lab.forked import Done, Forked  # noqa: E402

forks = pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and limits on memory and files")

TINY = "transformer(size='20K', vocabulary=280, window=32, carry={}, training=adamw(epochs=2, batch=4, rate=0.003))"
TEXTS = [
    f"the {one} sat on the {place} and saw the {other}"
    for one in ("cat", "dog", "cow")
    for place in ("mat", "hill", "roof")
    for other in ("moon", "sun", "owl", "sea")
]
POLICIES = ("replace", "accumulate", "anchor(real=0.25)", "token_edit(above=0.2)", "verified(policy=replace, of=2)")
METRICS = ("perplexity", "word_perplexity", "distinct(n=2)")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def outcross(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forked]:
    forked = Forked(tmp_path_factory.mktemp("forked"))
    yield forked
    forked.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "texts.txt"
    file.write_text("\n".join(TEXTS))
    return file


def chain(carry: bool = False, policies: tuple[str, ...] = POLICIES, **more: Any) -> oc.Chain:
    return oc.Chain(TINY.format(str(carry).lower()), TEXTS[::2], policies, METRICS, test=TEXTS[1::2], **more)


def names(folder: Path) -> dict[str, str]:
    """What is in a run folder that must not depend on how it came about: texts, models, excerpts, the history."""
    found = {
        str(path.relative_to(folder)): str(pl.read_parquet(path).rows())
        for path in [*folder.glob("generations/**/*.parquet"), folder / "history.parquet"]
    }
    for name in ("models.jsonl", "excerpts.jsonl", "plan.toml"):
        found[name] = (folder / name).read_text()
    weights = [path for path in folder.glob("models/**/*") if path.is_file()]
    found["files of models"] = str(sorted(str(path.relative_to(folder)) for path in weights))
    assert not (folder / "parts").exists()
    return found


def test_every_generation_is_kept_with_where_it_came_from(tmp_path: Path) -> None:
    """What is in the files is what the models that are beside them write from the same seed."""
    history = chain().run(3, 1, seed=5, engine="serial", out=tmp_path / "run", keep_models=True)
    model = oc.build("model", TINY.format("false"))
    models = [json.loads(line) for line in (tmp_path / "run/models.jsonl").read_text().splitlines()]
    assert len(models) == len(POLICIES) * 3
    assert all(told["weights"] for told in models)
    digests = {(told["trial"], told["generation"]): told["digest"] for told in models}
    assert len(set(digests.values())) == 1 + 2 * len(POLICIES), "the first model is that of the human data for all"
    seed = Seed(5).child("replicates", 0)
    heldout = chain().read().test
    for number, policy in enumerate(POLICIES):
        trial = f"policy{number}-replicates0-0"
        for generation in (1, 2, 3):
            stem = f"generations/{number}-{policy.partition('(')[0]}/replicate-000/generation-{generation:03d}.parquet"
            frame = pl.read_parquet(tmp_path / "run" / stem)
            fitted = model.load(tmp_path / "run/models" / trial / f"{generation:05d}")
            count = 2 * 18 if policy.startswith("verified") else 18
            assert frame["text"].to_list() == list(fitted.sample(count, seed.child("sample", generation)).strings())
            assert frame["id"].to_list() == [f"{number}-0-{generation}-{place}" for place in range(count)]
            told = frame.select(pl.exclude("id", "text")).unique().rows(named=True)
            assert told == [
                {
                    "origin": "synthetic",
                    "generation": generation,
                    "generator": oc.words(model),
                    "digest": digests[trial, generation],
                    "policy": oc.words(oc.build("policy", policy)),
                    "replicate": 0,
                    "seed": 5,
                }
            ]
            assert fitted.digest == digests[trial, generation]
            scored = fitted.log_prob(heldout)
            found = history.measure(oc.words(oc.build("policy", policy)), "perplexity", generation).value
            assert found == pytest.approx(np.exp(-scored.values.sum() / scored.tokens.sum()), rel=1e-9)
    assert len({history.measure(policy, "perplexity", 3).value for policy in history.policies}) == len(POLICIES)


def test_only_the_first_and_the_last_weights_are_kept(tmp_path: Path) -> None:
    chain(policies=("replace",)).run(4, 1, engine="serial", out=tmp_path / "run")
    models = [json.loads(line) for line in (tmp_path / "run/models.jsonl").read_text().splitlines()]
    assert [told["generation"] for told in models if told["weights"]] == [1, 4]
    assert len({told["digest"] for told in models}) == 4
    found = (tmp_path / "run/models").glob("*/*/model.safetensors")
    assert sorted(path.parent.name for path in found) == ["00001", "00004"]
    with pytest.raises(oc.OutputRefused, match="already holds this run"):
        chain(policies=("replace",)).run(4, 1, out=tmp_path / "run")


def test_without_a_folder_no_more_is_kept_than_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    most, put = 0, Cabinet.put

    def counted(self: Cabinet, generation: int, fitted: Any) -> Any:
        nonlocal most
        parked = put(self, generation, fitted)
        most = max(most, len(list(self.folder.glob("*/model.safetensors"))))
        return parked

    monkeypatch.setattr(Cabinet, "put", counted)
    one = chain(policies=("replace",)).run(5, 1, engine="serial")
    assert most == 3, "the first, the last, and the one before it"
    assert list(tmp_path.iterdir()) == []
    two = chain(policies=("replace",)).run(5, 1, engine="serial", out=tmp_path / "run")
    assert same(one, two)


def same(one: oc.History, two: oc.History) -> bool:
    return one.table.equals(two.table, null_equal=True) and one.excerpts == two.excerpts


def test_workers_do_the_same() -> None:
    policies = ("replace", "verified(policy=accumulate, of=2)")
    serial, processes = (
        chain(carry=True, policies=policies).run(2, 2, seed=1, engine=engine)
        for engine in ("serial", "processes(workers=2)")
    )
    assert same(serial, processes)
    assert len(serial.excerpts) == 2 * 3


def test_a_chain_is_the_same_step_by_step(tmp_path: Path) -> None:
    history = chain(policies=("accumulate",)).run(2, 1, seed=3, engine="serial", out=tmp_path / "run")
    assert history.last("accumulate") == 2
    for step in chain(policies=("accumulate",)).steps(seed=3):
        file = tmp_path / f"run/generations/0-accumulate/replicate-000/generation-{step.generation:03d}.parquet"
        assert pl.read_parquet(file)["text"].to_list() == list(step.output.strings())  # type: ignore[attr-defined]
        if step.generation == 2:
            break


def test_the_usual_metrics_of_a_language_model_are_found_without_fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = oc.Chain(TINY.format("false"), TEXTS, "replace")
    history = plain.run(1, 1, engine="serial")
    assert {"perplexity", "own_perplexity", "distinct", "self_bleu", "types", "repetition"} <= set(history.metrics)
    assert not {"variance", "heterozygosity"} & set(history.metrics)
    monkeypatch.setattr("outcross.models._torch.fine_tuning.fit", None)
    with pytest.raises(oc.BadSetting, match="variance cannot be measured of transformer"):
        oc.Chain(TINY.format("false"), TEXTS, "replace", "variance").run(1, 1, engine="serial")


def command(data: Path, out: Path, model: str, *policies: str, generations: int = 5) -> list[str | Path]:
    chosen = [word for policy in policies or ("replace",) for word in ("--policy", policy)]
    measured = [word for metric in METRICS for word in ("--metric", metric)]
    words: list[str | Path] = [
        "run",
        "--data",
        data,
        "--model",
        model,
        *chosen,
        *measured,
        "--replicates",
        "1",
        "--seed",
        "3",
    ]
    return [*words, "--generations", str(generations), "--engine", "serial", "--out", out]


@forks
@pytest.mark.parametrize("carry", ["true", "false"])
def test_a_chain_that_is_killed_five_times_ends_the_same(
    outcross: Forked, data: Path, tmp_path: Path, carry: str
) -> None:
    """At random moments, once at least in the middle of an epoch."""
    rng = np.random.default_rng(int(carry == "true"))
    words = [TINY.format(carry), "accumulate", "token_edit(above=0.2)"]
    whole = outcross(*command(data, tmp_path / "whole", *words, generations=6))
    assert whole.returncode == 0, whole.stderr
    cut = command(data, tmp_path / "cut", *words, generations=6)
    kills: list[dict[str, Any]] = [{"kill_after": share * whole.seconds} for share in rng.uniform(0.08, 0.2, 4)]
    kills.insert(int(rng.integers(5)), {"kill_in_training": int(rng.integers(5, 20))})
    for kill in kills:
        done = outcross(*cut, "--resume", **kill)
        assert done.returncode == -9, (kill, whole.seconds, done)
    assert outcross(*cut, "--resume").returncode == 0
    assert names(tmp_path / "cut") == names(tmp_path / "whole")


KILLS = (
    "os.mkdir:/.00001.",
    "open:/outcross.json",
    "shutil.rmtree:/00001",
    "os.rename:/.00002.",
    "open:/.generation-002.parquet",
    "os.rename:/.00002.npz",
    "open:/.00003.npz",
    "os.remove:/00002/model.safetensors",
    "open:/.policy0-replicates0-0.npz",
    "os.rename:/.history.parquet",
    "open:/.models.jsonl",
    "shutil.rmtree:/parts",
)


@forks
def test_a_chain_that_is_killed_between_any_two_files_ends_the_same(
    outcross: Forked, data: Path, tmp_path: Path
) -> None:
    """At every place where one has been written and the next has not; what was half written is gone at the end."""
    words = [TINY.format("true"), "replace"]
    assert outcross(*command(data, tmp_path / "whole", *words, generations=3)).returncode == 0
    cut = command(data, tmp_path / "cut", *words, generations=3)
    for place in KILLS:
        assert outcross(*cut, "--resume", kill_at=place).returncode == -9, place
    assert outcross(*cut, "--resume").returncode == 0
    assert names(tmp_path / "cut") == names(tmp_path / "whole")


def refused(done: Done, *pieces: str) -> None:
    """One clear line, and exit 2."""
    assert done.returncode == 2, done
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("outcross:")]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for piece in pieces:
        assert piece in line, line


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("parts/policy0-replicates0-0/*"))


@forks
@pytest.mark.parametrize("name", ["generation-002.parquet", "00002.npz", "/00002/digest.json"])
def test_a_full_disk_is_one_line_and_the_run_goes_on_where_there_is_room(
    outcross: Forked, data: Path, tmp_path: Path, name: str
) -> None:
    words = [TINY.format("true"), "replace"]
    whole, cut = (command(data, tmp_path / where, *words, generations=3) for where in ("whole", "cut"))
    assert outcross(*whole).returncode == 0
    refused(outcross(*cut, no_space_after=name.rpartition("/")[2], space=1000), "cannot write", "File too large")
    assert len(kept(tmp_path / "cut")) >= (name != "/00002/digest.json")
    refused(outcross(*cut), "--resume")
    assert outcross(*cut, "--resume").returncode == 0
    assert names(tmp_path / "cut") == names(tmp_path / "whole")


@forks
def test_a_disk_that_is_really_full(outcross: Forked, data: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=220k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can make a small disk")
    try:
        words = [TINY.format("false"), "replace"]
        cut = command(data, disk / "run", *words, generations=4)
        refused(outcross(*cut), "cannot write", "No space left on device")
        assert kept(disk / "run") == ["00001.npz"]
        refused(outcross(*cut, "--resume"), "cannot write", "No space left on device")
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        assert outcross(*cut, "--resume").returncode == 0
        assert outcross(*command(data, tmp_path / "whole", *words, generations=4)).returncode == 0
        assert names(disk / "run") == names(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@forks
def test_what_cannot_be_trained_is_one_line(outcross: Forked, data: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    empty, words, out = tmp_path / "empty", tmp_path / "words", tmp_path / "run"
    empty.mkdir()
    config = transformers.GPT2Config(vocab_size=4, n_embd=8, n_layer=1, n_head=1, n_positions=32)
    with torch.random.fork_rng(), hub._quiet():
        transformers.GPT2LMHeadModel(config).save_pretrained(words)
    inner: Any = Tokenizer(models.WordLevel({"[U]": 0, "the": 1, "cat": 2, "[E]": 3}, unk_token="[U]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    codes = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[U]", eos_token="[E]")
    codes.save_pretrained(words)
    for model, *said in (
        (f"transformer(base='{tmp_path}/emty')", "no folder", "did you mean 'empty'"),
        ("transformer(base='nobody/nothing-1b')", "no model 'nobody/nothing-1b'"),
        (f"transformer(base='{empty}')", "no model in the folder", "config.json"),
        (f"transformer(base='{words}', window=16)", "the tokeniser of words cannot encode the text beginning 'the "),
        (TINY.format("false").replace("0.003", "1e9"), "training diverged", "in epoch 1", "lower rate"),
        ("transformer(size='12')", "a size is a number of parameters"),
        ("transformer(device='cuda:77')", "there is no device 'cuda:77' here"),
    ):
        refused(outcross(*command(data, out, model)), *said)
        assert list(tmp_path.rglob("*.parquet")) == []
    done = outcross(*command(data, out, TINY.format("false"), generations=1))
    assert done.returncode == 0, "a folder of a run that never began can be taken"


@forks
def test_too_little_memory_is_one_line(outcross: Forked, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    large = "transformer(size='300M', vocabulary=280)"
    refused(outcross(*command(data, out, large), memory=300), "out of memory")
    many = tmp_path / "many.txt"
    many.write_text("\n".join(TEXTS * 30))
    batch = "transformer(size='1M', window=64, training=adamw(epochs=1, batch=10000))"
    refused(outcross(*command(many, out, batch), memory=300), "out of memory", "lower the training's batch")


@forks
def test_what_was_finished_is_kept_where_a_later_generation_fails(outcross: Forked, data: Path, tmp_path: Path) -> None:
    """The disk is full for the second policy only; on the second try the first one is not done again."""
    cut = command(data, tmp_path / "run", TINY.format("true"), "replace", "accumulate", generations=2)
    refused(outcross(*cut, no_space_after="policy1", space=1000), "cannot write")
    found = sorted(path.name for path in (tmp_path / "run/parts").iterdir())
    assert "policy0-replicates0-0.npz" in found
    before = (tmp_path / "run/generations/0-replace/replicate-000/generation-002.parquet").stat().st_mtime_ns
    assert outcross(*cut, "--resume").returncode == 0
    after = (tmp_path / "run/generations/0-replace/replicate-000/generation-002.parquet").stat().st_mtime_ns
    assert before == after


def test_pretrained_bases_in_a_chain(tmp_path: Path) -> None:
    """A folder with a model, whose texts go on from human ones."""
    folder = tmp_path / "base"
    folder.mkdir()
    codes = bpe.train(TEXTS, 280)
    config = transformers.LlamaConfig(
        vocab_size=codes.size,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    with torch.random.fork_rng(), hub._quiet():
        torch.manual_seed(0)
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
    codes.save(folder)
    words = f"transformer(base='{folder}', window=16, prompt=4, length=6, training=adamw(epochs=1, rate=0.01))"
    made = oc.Chain(words, TEXTS[::2], ("replace", "accumulate"), METRICS, test=TEXTS[1::2])
    history = made.run(2, 1, engine="serial", out=tmp_path / "run")
    assert np.isfinite([history.measure(policy, "perplexity", 2).value or np.nan for policy in history.policies]).all()
    assert len({excerpt.prompt for excerpt in history.excerpts}) == 1
    assert "tokens of" in " ".join(history.facts.notes)
