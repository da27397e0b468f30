"""Experiments are run, compared and written: what is published about closed forms is found again."""

from pathlib import Path

import polars as pl
import pytest

from outcross.core.errors import BadSetting, OutputRefused
from outcross.core.verdict import Answer
from outcross.lab.reproduce.published import PublishedExperiment
from outcross.lab.reproduce.reproduction import reproduce

QUICK = [
    "bernoulli-survival", "gaussian", "golden-ratio", "kazdan-discrete", "mad-gaussian", "poisson-survival",
    "regression", "zipf-survival",
]  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_what_was_published_is_found(name: str) -> None:
    """Values lie within four standard errors (one in twenty outside 95 %), orders and shapes are as published."""
    found = reproduce(name, engine="serial")
    wrong = [(one.claim.says, one.sentence) for one in found.comparisons if one.answer is Answer.NO]
    assert not wrong
    surely = [one.answer is Answer.YES for one in found.comparisons if one.claim.relation in ("order", "shape")]
    assert all(surely)
    assert sum(one.answer is Answer.YES for one in found.comparisons) >= 0.8 * len(found.comparisons)
    assert found.table.height == sum(len(one.rows) for one in found.comparisons)


def test_a_wrong_claim_is_found_wrong() -> None:
    text = """
    title = "A Gaussian"
    source = "nobody"
    [small]
    differs = "all"
    every = { data = "normal", model = "gaussian(ddof=1)", policy = "replace", metric = "mean_drift" }
    plan.a = { sample_size = 100, replicates = 500 }
    [[published]]
    says = "The mean walks twice as far."
    relation = "equal"
    policy = "replace"
    metric = "mean_drift"
    readings = [{ generation = 10, value = 0.2 }, { generation = 10, value = 0.1 }]
    """
    found = reproduce(PublishedExperiment.from_toml("mine", text), engine="serial")
    assert [one.answer is Answer.NO for one in found.comparisons] == [True, False]
    assert "1 do not" in found.sentence


def test_a_folder_is_written_and_gone_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    calls: list[tuple[int, int]] = []
    reproduce("poisson-survival", only=["rate-1"], out=folder, engine="serial")
    whole = reproduce(
        "poisson-survival", out=folder, engine="serial", resume=True, progress=lambda *where: calls.append(where)
    )
    assert set(whole.histories) == {"rate-1", "rate-10"}
    assert calls[-1] == (2 * 60 * 4000, 2 * 60 * 4000)
    page = whole.report(folder)
    assert page == folder / "index.html"
    text = page.read_text()
    assert 'href="rate-10/index.html"' in text
    assert whole.experiment.title in text
    assert "<script" not in text
    assert (folder / "rate-10" / "index.html").is_file()
    table = pl.read_csv(folder / "comparison.csv")
    assert table.height == 8
    assert table["ratio"].is_between(0.5, 2).all()


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    for resume in (False, True):
        with pytest.raises(OutputRefused):
            reproduce("poisson-survival", out=tmp_path, engine="serial", resume=resume)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_resume_needs_a_folder() -> None:
    with pytest.raises(BadSetting, match="out="):
        reproduce("poisson-survival", resume=True)


def test_other_data_are_for_experiments_with_data() -> None:
    with pytest.raises(BadSetting, match="population normal"):
        reproduce("gaussian", data="builtin:digits")


def test_other_data_take_the_place_of_the_plan_s(tmp_path: Path) -> None:
    corpus = tmp_path / "mine.txt"
    animals, places = ("cat", "dog", "cow", "owl"), ("mat", "hill", "roof", "road")
    corpus.write_text("\n".join(f"The {a} sat on the {p} of the {q}." for a in animals for p in places for q in places))
    found = reproduce("bigram-survival", data=str(corpus), engine="serial")
    assert found.histories["main"].plan.data == str(corpus)
    assert found.comparisons[0].rows[0].ours.value is not None
