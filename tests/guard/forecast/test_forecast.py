"""A forecast as a whole: what it takes, what it says, what it refuses; and that it is the same again."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import outcross as oc
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.text import Texts, tokenize
from outcross.guard import source
from outcross.guard.forecast import reading
from outcross.guard.forecast.reading import count_words, read_corpus
from outcross.guard.forecast.rehearsal import rehearse
from outcross.guard.forecast.spectrum import TAIL, Spectrum, pieces

GENERATIONS = 3


def _texts(documents: int = 150, seed: int = 0) -> list[str]:
    """Texts of about forty words, whose frequencies are those of Zipf."""
    rng = np.random.default_rng(seed)
    found = np.minimum(rng.zipf(1.4, size=(documents, 40)), 10**6)
    return [" ".join(f"w{code}" for code in row) for row in found.tolist()]


@pytest.fixture(scope="module", name="found")
def _found() -> oc.Forecast:
    return oc.forecast(_texts(), policy="replace", generations=GENERATIONS)


def test_the_same_seed_gives_the_same_forecast(found: oc.Forecast) -> None:
    assert oc.forecast(_texts(), policy="replace", generations=GENERATIONS) == found
    other = oc.forecast(_texts(), policy="replace", generations=GENERATIONS, inverse=False, seed=1)
    assert other.left != found.left


def test_what_it_says(found: oc.Forecast) -> None:
    assert (found.documents, found.words, found.policy) == (150, 6000, "replace")
    for row in found.left.values():
        values = [one.value for one in row]
        assert values[0] == 1.0 and len(values) == GENERATIONS + 1
        assert all(later < earlier for earlier, later in pairwise(values))  # type: ignore[operator]
        assert all(one.low < one.value < one.high < 1 for one in row[1:])  # type: ignore[operator]
    assert 0.2 < found.least_human.value <= 1  # type: ignore[operator]
    assert found.fresh_records.value == int(found.fresh_records.value) <= 150  # type: ignore[arg-type]
    json.dumps(found.to_dict())


def test_more_human_records_leave_more() -> None:
    ends = [
        oc.forecast(_texts(), synthetic_share=share, generations=GENERATIONS, inverse=False).left["tail_mass"][-1].value
        for share in (1.0, 0.5, 0.0)
    ]
    assert ends == sorted(ends)  # type: ignore[type-var]


def test_less_is_needed_where_less_is_to_be_kept(found: oc.Forecast) -> None:
    less = oc.forecast(_texts(), policy="replace", generations=GENERATIONS, keep=0.8)
    assert less.least_human.value < found.least_human.value  # type: ignore[operator]
    assert less.fresh_records.value < found.fresh_records.value  # type: ignore[operator]


def test_a_file_is_read_as_its_texts(tmp_path: Path, found: oc.Forecast) -> None:
    texts = _texts()
    file = tmp_path / "zipf.jsonl"
    rows = [{"body": text, "kind": "ab"[i % 5 == 0]} for i, text in enumerate(texts)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    fields = oc.Fields({"text": "body"})
    read = oc.forecast(file, fields=fields, group="kind", policy="replace", generations=GENERATIONS)
    assert read.left["types"] == found.left["types"]
    assert set(read.left) == {"types", "tail_mass", "group_share@a", "group_share@b"}
    assert "1 record could not be read" in read.notes[0]
    listed = oc.forecast(texts, group=[row["kind"] for row in rows], policy="replace", generations=GENERATIONS)
    assert listed.left == read.left


def test_groups_of_balance_are_kept() -> None:
    groups = ["few" if i % 10 == 0 else "many" for i in range(150)]
    found = oc.forecast(_texts(), policy="balance(policy=replace)", group=groups, generations=2, inverse=False)
    assert found.left["group_share@few"][2].value == pytest.approx(1, abs=0.15)
    assert found.left["types"][2].value < found.left["types"][1].value  # type: ignore[operator]


def test_a_policy_with_a_score_is_rehearsed_and_said() -> None:
    policy = "filtered(policy=replace, keep=0.5)"
    found = oc.forecast(_texts(), policy=policy, generations=2, inverse=False)
    assert any("chooses records by a score" in note for note in found.notes)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"policy": "replace", "synthetic_share": 0.5}, "name a policy, or a synthetic share"),
        ({"synthetic_share": 1.5}, "between 0 and 1, not 1.5"),
        ({"generations": 0}, "1 to 1,000 generations"),
        ({"keep": 1.0}, "lies between 0 and 1"),
        ({"level": 0.0}, "lies between 0 and 1"),
        ({"policy": "replcae"}, "replace"),
        ({"model": "gaussian"}, "gaussian"),
        ({"group": "kind"}, "no columns"),
        ({"group": ["a"]}, "1 groups"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(oc.OutcrossError, match=sentence):
        oc.forecast(["a cat sat", "a dog ran"], **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("texts", [[], ["", " "]])
def test_nothing_is_forecast_of_nothing(texts: list[str]) -> None:
    with pytest.raises(oc.OutcrossError, match="no word"):
        oc.forecast(texts)


def test_a_rehearsal_is_the_labs_chain() -> None:
    """Its counts are those of the lab: the same numbers of types as `Chain` reports for the same texts and seed."""
    texts = Texts.of(_texts(60))
    chain = oc.Chain("ngram(order=3)", texts, "anchor(real=0.3)", ["types"], heldout=0.1)
    history = chain.run(generations=3, replicates=1, seed=0, engine="serial")
    seen = [history.measure("anchor(real=0.3)", "types", t).value for t in range(4)]
    counted = []
    for step in chain.steps(seed=0):
        counted.append(float((step.output.take(np.arange(54)[None]).counts().values > 0).sum()))  # type: ignore[attr-defined]
        if step.generation == 3:
            break
    assert seen[1:] == counted
    mine = rehearse(texts, chain.model, as_part(Policy, "anchor(real=0.3)"), 3, Seed(0))
    assert mine.counts.shape == (4, len(texts.vocabulary) - 1)
    assert mine.alive[0].all() and mine.kept[0].all()


def test_words_are_counted_as_they_are_cut() -> None:
    texts = ["It's 3.5 cats, (two)  dogs", "cats\tdogs. 猫は cats"]
    expected: dict[str, int] = {}
    for text in texts:
        for word in tokenize(text):
            expected[word] = expected.get(word, 0) + 1
    assert count_words(texts) == expected


def test_of_a_large_corpus_a_sample_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = _texts(3000)
    whole = oc.forecast(texts, policy="replace", generations=2, inverse=False)
    monkeypatch.setattr(reading, "COUNTED", 60_000)
    monkeypatch.setattr(reading, "TEXTS", 5_000)
    read = read_corpus(texts, seed=Seed(0))
    assert read.documents == 3000 and abs(read.words / whole.words - 1) < 0.02
    assert any("a random sample" in note for note in read.notes)
    part = oc.forecast(texts, policy="replace", generations=2, inverse=False)
    for name, row in whole.left.items():
        wide, narrow = part.left[name][2], row[2]
        assert wide.low < narrow.value < wide.high, name  # type: ignore[operator]


def test_parts_of_a_large_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in _texts(2000)))
    monkeypatch.setattr(source, "SIZE", 200)
    monkeypatch.setattr(reading, "READ", 100_000)
    read = read_corpus(file, seed=Seed(0))
    assert any("of the corpus was read" in note for note in read.notes)
    assert abs(read.documents / 2000 - 1) < 0.05 and abs(read.words / 80_000 - 1) < 0.05


def test_the_tail_is_a_tenth_of_the_words() -> None:
    spectrum = Spectrum.of(np.array([1.0, 1.0, 2.0, 2.0, 2.0, 12.0, 80.0]))
    assert spectrum.words == 100
    assert (spectrum.tail * spectrum.counts * spectrum.types).sum() == pytest.approx(TAIL * 100)
    assert spectrum.tail.round(3).tolist() == [1.0, 1.0, round(2 / 12, 3), 0.0]


def test_long_texts_are_cut_and_no_word_is_lost() -> None:
    texts = Texts.of(_texts(20))
    cut = pieces(texts, texts.tokens, 15)
    assert cut.tokens == texts.tokens and (cut.codes == texts.codes).all() and cut.lengths.max() == 15


def test_the_page(tmp_path: Path, found: oc.Forecast) -> None:
    page = found.page(tmp_path / "forecast.html").read_text()
    assert "Different words" in page and "new human records a generation" in page and len(page) < 1_000_000
    strange = dataclasses.replace(found, corpus="<script>alert(1)</script>")
    assert "<script>alert" not in strange.page(tmp_path / "strange.html").read_text()


def test_one_document_of_one_word_is_forecast_too() -> None:
    for texts in (["word"], ["word word word"] * 3, ["it is late"]):
        found = oc.forecast(texts, generations=10)
        assert all(0 <= (one.value or 0) <= 1 for row in found.left.values() for one in row)


def test_groups_of_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "cats.jsonl"
    path.write_text('{"text": "a cat sat on a mat"}\n' * 30)
    with pytest.raises(oc.BadInput, match="no record has a group in a column 'colour'"):
        oc.forecast(path, group="colour", generations=1, inverse=False)
