"""The run folder and the history: nothing lost, nothing overwritten, nothing half written."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused
from outcross.core.metric import Reading
from outcross.core.model import Fitted
from outcross.core.part import build
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.cabinet import Forgotten
from outcross.lab.files import write_atomically
from outcross.lab.history import Facts, History, join_outcomes
from outcross.lab.journal import Journal
from outcross.lab.plan import Plan
from outcross.lab.steps import Step
from outcross.lab.trial import Excerpt, Outcome, Shown, Trial

TRIAL = Trial(1, 20, 5, 7)


def history() -> History:
    values = {
        "variance": np.array([[1.0, 0.5, 0.25], [1.0, 0.75, np.nan]]),
        "types": np.array([[3.0, np.inf, 1.0]] * 2),
    }
    outcome = Outcome(values, {"variance": "stopped"}, [Excerpt("replace", 1, "the", "the cat")])
    return History(
        Plan(policy=("replace",)), Facts("sampled", "why", "data", "digest", notes=("a",)), {"replace": outcome}
    )


def test_save_and_load(tmp_path: Path) -> None:
    one = history()
    two = History.load(one.save(tmp_path / "run"))
    assert two.plan == one.plan
    assert two.facts == one.facts
    assert two.excerpts == one.excerpts
    assert two.table.equals(one.table)
    assert np.array_equal(two.values("replace", "variance"), one.values("replace", "variance"), equal_nan=True)


def test_table_is_tidy_and_missing_values_have_reasons() -> None:
    table = history().table
    assert table.shape == (12, 6)
    missing = table.filter(table["value"].is_null())
    assert missing["reason"].to_list() == ["stopped"]
    assert table["value"].is_nan().sum() == 0


def test_summary_and_measures() -> None:
    one = history()
    row = one.summary().filter(metric="variance", generation=1).to_dicts()[0]
    assert (row["mean"], row["n"]) == (0.625, 2)
    assert row["low"] < 0.625 < row["high"]
    assert one.measure("replace", "variance", 2).n == 1
    assert one.measure("replace", "variance", 9).reason.startswith("generation 9 was not reached")
    assert one.last("replace") == 2
    with pytest.raises(BadSetting, match="did you mean 'variance'"):
        one.values("replace", "varience")
    with pytest.raises(BadSetting, match="did you mean 'replace'"):
        one.values("replase", "variance")


def test_no_run_and_a_broken_run(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="no finished run"):
        History.load(tmp_path)
    history().save(tmp_path)
    (tmp_path / "history.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInput, match="cannot be read"):
        History.load(tmp_path)


def test_survivors_have_no_mean(tmp_path: Path) -> None:
    """Where some replicates stopped early, a mean over the others would be one of survivors."""
    joined = join_outcomes([Outcome({"m": np.zeros((2, 3))}), Outcome({"m": np.ones((1, 2))})])
    one = History(Plan(policy=("replace",)), Facts("sampled", "why", "data", "digest"), {"replace": joined})
    two = History.load(one.save(tmp_path / "run"))
    for found in (one, two):
        assert found.measure("replace", "m", 1).n == 3
        assert found.measure("replace", "m", 2).reason == "1 of 3 replicates had stopped before"
        assert found.last("replace") == 1
        assert found.traces("replace")["m"].values.shape == (3, 2)
        assert found.table.filter(found.table["value"].is_null())["reason"].to_list() == ["stopped before"]


def test_another_run_is_not_overwritten(tmp_path: Path) -> None:
    history().save(tmp_path)
    history().save(tmp_path)
    other = History(Plan(seed=9), history().facts, history().outcomes)
    with pytest.raises(OutputRefused, match="the run of another plan"):
        other.save(tmp_path)
    assert History.load(tmp_path).plan == history().plan


def test_a_damaged_part_is_computed_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write_outcome(TRIAL, Outcome({"m": np.ones((5, 2))}))
    part = next((tmp_path / "parts").glob("*.npz"))
    part.write_bytes(part.read_bytes()[:100])
    assert journal.outcome(TRIAL) is None


def test_blocks_that_stopped_at_different_generations() -> None:
    joined = join_outcomes([Outcome({"m": np.zeros((2, 3))}), Outcome({"m": np.ones((1, 2))}, {"m": "why"})])
    assert joined.values["m"].shape == (3, 3)
    assert joined.reasons == {"m": "why"}


def test_outcome_round_trip(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    outcome = Outcome({"a@x": np.array([[1.0, np.nan]])}, {"a@x": "why"}, [Excerpt("p", 0, "é", "日本")])
    assert journal.outcome(TRIAL) is None
    journal.write_outcome(TRIAL, outcome)
    found = journal.outcome(TRIAL)
    assert found is not None
    assert np.array_equal(found.values["a@x"], outcome.values["a@x"], equal_nan=True)
    assert (found.reasons, found.excerpts) == (outcome.reasons, outcome.excerpts)


@pytest.mark.parametrize("raw", [False, True])
def test_generations_come_back_up_to_a_gap(tmp_path: Path, raw: bool) -> None:
    journal = Journal(tmp_path)
    texts = Texts.of(["a cat", "", "a black dog"])
    output = texts if raw else Texts(texts.codes, texts.starts, texts.vocabulary)
    fitted = build("model", "ngram").fit(texts.take(np.array([[0, 2]])), Seed(0))
    recipe = Recipe((), 3)
    for generation in (1, 2, 4):
        step = Step(generation, recipe, fitted, fitted, output, texts if raw else None, {"own": np.full((1, 3), 0.5)})
        journal.write_generation(TRIAL, step, {"m": Reading(np.array([float(generation)]))}, Shown())
    past = journal.past(TRIAL, texts)
    assert sorted(past.recorded) == [1, 2]
    assert (past.recorded[1].fitted, past.recorded[2].fitted) == (None, None)
    assert past.recorded[2].scores is not None
    assert past.recorded[2].scores["own"].tolist() == [[0.5, 0.5, 0.5]]
    pooled = past.recorded[2].pooled
    assert pooled.strings() == texts.strings() if isinstance(pooled, Texts) else not raw
    found = past.recorded[2].output
    assert isinstance(found, Texts)
    assert found.strings() == output.strings()
    assert past.readings[2]["m"].values.tolist() == [2.0]


@pytest.mark.parametrize(
    ("kept", "last"), [("MMMM", 4), ("MFFM", 4), ("MFF", 1), ("MFMF", 3), ("M-MM", 1), ("-", 0), ("F", 0), ("MFF-", 1)]
)
def test_a_chain_goes_on_from_a_model_that_is_there(tmp_path: Path, kept: str, last: int) -> None:
    """Models (M), forgotten ones (F), and none: what was recorded after the last model is computed again."""
    journal, texts = Journal(tmp_path), Texts.of(["a cat"])
    model = build("model", "ngram").fit(texts, Seed(0))
    for generation in range(1, len(kept) + 1):
        shown = Shown([Excerpt("p", place, "a", "cat") for place in range(generation + 1)])
        reading = {"m": Reading(np.array([1.0]))}
        journal.write_generation(TRIAL, Step(generation, Recipe((), 1), model, model, texts), reading, shown)
    models: dict[str, Fitted | None] = {"M": model, "F": Forgotten("digest"), "-": None}
    past = journal.past(TRIAL, texts, lambda generation: models[kept[generation - 1]])
    assert list(past.recorded) == list(past.readings) == list(range(1, last + 1))
    assert [known.fitted for known in past.recorded.values()] == [models[one] for one in kept[:last]]
    assert len(past.shown.excerpts) == (last + 1 if last else 0)


def test_a_folder_is_taken_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    assert not journal.holds(Plan(), "digest", resume=False)
    journal.open(Plan(), "digest")
    with pytest.raises(OutputRefused, match="add --resume"):
        journal.holds(Plan(), "digest", resume=False)
    assert not journal.holds(Plan(), "digest", resume=True)
    assert not journal.holds(Plan(seed=1), "digest", resume=False)  # nothing was computed yet
    journal.write_outcome(TRIAL, Outcome({"m": np.ones((5, 2))}))
    with pytest.raises(OutputRefused, match="a run of another plan"):
        journal.holds(Plan(seed=1), "digest", resume=True)
    with pytest.raises(OutputRefused, match="a run of other data"):
        journal.holds(Plan(), "another", resume=True)
    (tmp_path / "run" / "run.json").write_text(f'{{"plan": "{Plan().digest}", "data": "digest", "version": "0.0.1"}}')
    with pytest.raises(OutputRefused, match=r"a run of outcross 0\.0\.1"):
        journal.holds(Plan(), "digest", resume=True)
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter.txt").write_text("dear")
    with pytest.raises(OutputRefused, match="is not a run folder"):
        Journal(foreign).holds(Plan(), "digest", resume=True)
    assert (foreign / "chapter.txt").read_text() == "dear"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_atomically(tmp_path / "a.txt", b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputRefused, match="No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
