"""Chains of networks on pictures: cut off at chosen moments and taken up, refused at once, and nothing left behind."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

torch = pytest.importorskip("torch")

import outcross as oc  # noqa: E402
from outcross.cli import main  # noqa: E402
from outcross.core.batch import Batch  # noqa: E402
from outcross.core.model import Fitted, Neural, Stored  # noqa: E402
from outcross.core.records import Rows  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.lab.cabinet import Cabinet  # noqa: E402
from outcross.lab.journal import Journal  # noqa: E402
from outcross.models.vae import Vae  # noqa: E402

TINY = "vae(latents=2, training=adam(rate=0.01, batch=50, epochs=2, clip=none))"
PICTURES = np.random.default_rng(0).random((90, 3, 4))


class Killed(BaseException):
    """Stands for a kill."""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def chain(*policies: str) -> oc.Chain:
    return oc.Chain(TINY, PICTURES, policies or ("replace",), ("variance", "perplexity"), sample_size=60)


def models(run: Path) -> dict[str, list[str]]:
    """The files of the models that are kept, by generation."""
    folders = sorted((run / "models" / "policy0-replicates0-0").iterdir())
    return {folder.name: sorted(path.name for path in folder.iterdir()) for folder in folders}


WHOLE, FORGOTTEN = ["digest.json", "model.safetensors", "outcross.json"], ["digest.json"]


@pytest.mark.parametrize(
    ("where", "when", "left"),
    [
        ((Journal, "write_generation"), 3, {"00001": WHOLE, "00002": WHOLE, "00003": WHOLE}),
        ((Cabinet, "forget"), 3, {"00001": WHOLE, "00002": FORGOTTEN, "00003": WHOLE}),
        ((Cabinet, "forget"), 5, {"00001": WHOLE, **dict.fromkeys(("00002", "00003", "00004"), FORGOTTEN),
                                  "00005": WHOLE}),
        ((Cabinet, "put"), 4, {"00001": WHOLE, "00002": FORGOTTEN, "00003": WHOLE, "00004": WHOLE}),
    ],
)  # fmt: skip
def test_a_chain_that_is_cut_off_after_an_event_ends_the_same(
    tmp_path: Path, where: tuple[type, str], when: int, left: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a generation is recorded, after the model before it is let go, after a new model is put away."""
    whole = chain().run(5, 1, engine="serial", out=tmp_path / "whole")
    owner, name = where
    work, count = getattr(owner, name), 0

    def stop(*args: Any) -> Any:
        nonlocal count
        found, count = work(*args), count + 1
        if count == when:
            raise Killed
        return found

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, stop)
        with pytest.raises(Killed):
            chain().run(5, 1, engine="serial", out=tmp_path / "cut")
    assert models(tmp_path / "cut") == left
    fitted = 0
    fit = Vae.fit

    def counted(*args: Any) -> Any:
        nonlocal fitted
        fitted += 1
        return fit(*args)

    monkeypatch.setattr(Vae, "fit", counted)
    history = chain().run(5, 1, engine="serial", out=tmp_path / "cut", resume=True)
    assert fitted == 5 - (when - (name == "put")), "what was let go is not fitted again"
    assert history.table.equals(whole.table, null_equal=True)
    assert models(tmp_path / "cut") == models(tmp_path / "whole")
    middle = dict.fromkeys(("00002", "00003", "00004"), FORGOTTEN)
    assert models(tmp_path / "whole") == {"00001": WHOLE, **middle, "00005": WHOLE}
    assert (tmp_path / "cut/models.jsonl").read_text() == (tmp_path / "whole/models.jsonl").read_text()


@pytest.mark.parametrize("lost", ["weights", "folder"])
def test_a_chain_whose_last_model_was_lost_is_computed_again(
    tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = chain().run(4, 1, engine="serial")
    forget = Cabinet.forget

    def stop(self: Cabinet, generation: int) -> None:
        forget(self, generation)
        if generation == 2:
            raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Cabinet, "forget", stop)
        chain().run(4, 1, engine="serial", out=tmp_path / "run")
    for path in (tmp_path / "run/models/policy0-replicates0-0/00003").iterdir():
        if lost == "folder" or path.name == "model.safetensors":
            path.unlink()
    history = chain().run(4, 1, engine="serial", out=tmp_path / "run", resume=True)
    assert history.table.equals(whole.table, null_equal=True)


def test_what_joins_the_pool_is_kept_where_it_is_not_what_was_written(tmp_path: Path) -> None:
    chain("verified(policy=replace, of=2)").run(2, 1, engine="serial", out=tmp_path / "run")
    folder = tmp_path / "run/generations/0-verified/replicate-000"
    for generation in (1, 2):
        written, pooled = (
            pl.read_parquet(folder / f"generation-{generation:03d}{what}.parquet") for what in ("", "-pooled")
        )
        assert (len(written), len(pooled)) == (120, 60)
        assert set(map(tuple, pooled["values"])) <= set(map(tuple, written["values"]))
        assert set(pooled["id"]).isdisjoint(written["id"])
        assert pooled["origin"].unique().to_list() == ["synthetic"]
        assert pooled["digest"].unique().to_list() == written["digest"].unique().to_list()


class Mute(Stored):
    """A model that neither edits nor knows how probable anything is."""

    digest = "0" * 32

    def sample(self, n: int, seed: Seed) -> Rows:
        return Rows(np.zeros((1, n, 12)))

    def save(self, folder: Path) -> None: ...


@dataclass(frozen=True)
class Mutes(Neural):
    """The settings of such a model; it must never be fitted."""

    reads = (Rows,)
    gives: ClassVar[type[Stored]] = Mute

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Mute:
        raise AssertionError("fitted, and then refused")

    def load(self, folder: Path) -> Mute:
        return Mute()


@pytest.mark.parametrize(
    ("model", "policy", "said"),
    [
        (TINY, "token_edit(above=0.9)", "above=0.9) needs a model that edits texts, such as ngram, and vae does not"),
        (Mutes(), "token_edit", "needs a model that edits texts, such as ngram, and mutes does not"),
        (Mutes(), "verified(policy=replace, of=2)", "the score 'verifier' needs a model that knows how probable"),
        (Mutes(), "verified(policy=replace, of=2, judge=own)", "the score 'own' needs a model that knows how probable"),
        (Mutes(), "filtered(policy=replace, keep=0.5)", "needs a model that knows how probable a record is"),
    ],
)
def test_a_policy_that_the_model_cannot_follow_is_refused_before_anything_is_fitted(
    model: Any, policy: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vae, "fit", None)
    refused = oc.Chain(model, PICTURES, ["replace", policy], "variance", sample_size=60)
    with pytest.raises((oc.BadSetting, oc.BadInput)) as error:
        refused.run(3, 1, engine="serial", out=tmp_path / "run")
    assert said in str(error.value)
    assert not (tmp_path / "run").exists(), "the folder is not taken"


def test_the_command_refuses_it_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "--data", "builtin:digits", "--model", TINY, "--policy", "token_edit", "--metric", "variance"]
    monkeypatch.setattr("sys.argv", ["outcross", *words, "--generations", "2", "--replicates", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == "outcross: token_edit needs a model that edits texts, such as ngram, and vae does not"


def test_policies_that_the_model_can_follow_are_not_refused() -> None:
    history = chain("verified(policy=replace, of=2)", "filtered(policy=replace, keep=0.5)").run(1, 1, engine="serial")
    assert len(history.policies) == 2


def test_models_of_workers_that_are_ended_are_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a run that is not kept: here it is stopped when the first of four trials is done."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[Path] = []

    def stop(done: int, total: int) -> None:
        if done:
            patience = time.monotonic() + 20
            while not seen and time.monotonic() < patience:  # the others are at work
                seen.extend(tmp_path.glob("outcross-*/*/*/digest.json"))
            raise Killed

    with pytest.raises(Killed):
        chain("replace", "accumulate").run(30, 2, engine="processes(workers=2)", progress=stop)
    assert seen, "workers keep their models in the folder of the run"
    assert list(tmp_path.glob("outcross-*")) == []
