"""What every metric must obey; metrics are found by themselves."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading, View
from outcross.core.part import build, example, parts, words
from outcross.core.statistics import Counts
from outcross.metrics import _embedding
from tests.laws.batches import EMPTY, EXAMPLES, GROUPS, Example, arrays, only, repeated

METRICS = sorted(parts("metric"))


def a(name: str) -> Metric[Any]:
    """The metric with middling settings."""
    metric = build("metric", example(parts("metric")[name]))
    assert isinstance(metric, Metric)
    return metric


def bag_of_words(texts: tuple[str, ...], encoder: str) -> NDArray[np.float32]:
    """Stands for a sentence encoder, which takes seconds to load: a law is about what is done with embeddings."""
    words = {word for text in texts for word in text.split()}
    vectors = {word: np.random.default_rng(zlib.crc32(word.encode())).normal(size=6) for word in words}
    sums = np.array([sum((vectors[word] for word in text.split()), np.full(6, 1e-3)) for text in texts])
    return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(autouse=True)
def no_encoder_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_embedding, "embed", bag_of_words)


def readable(metric: Metric[Any], case: Example) -> bool:
    """Whether the metric reads this batch: even of a kind it reads it may refuse some, such as negative counts."""
    if not isinstance(case.one, metric.reads):
        return False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_embedding, "embed", bag_of_words)
        try:
            metric.compare(metric.summarize(case.one), metric.summarize(case.reference))
        except BadInput:
            return False
    return True


def pairs(laws: bool | None = None) -> list[Any]:
    """Every metric with every example that it reads."""
    return [
        pytest.param(name, case, id=f"{name}-{case}")
        for name in METRICS
        for case in EXAMPLES
        if laws in (None, case.is_law) and readable(a(name), case)
    ]


def readings(result: Reading | Mapping[str, Reading]) -> Mapping[str, Reading]:
    return {"": result} if isinstance(result, Reading) else result


def values(result: Reading | Mapping[str, Reading]) -> dict[str, Floats]:
    return {name: reading.values for name, reading in readings(result).items()}


def assert_same(one: Reading | Mapping[str, Reading], other: Reading | Mapping[str, Reading]) -> None:
    assert values(one).keys() == values(other).keys()
    for name, found in values(one).items():
        np.testing.assert_allclose(found, values(other)[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_says_what_it_is(name: str) -> None:
    metric = a(name)
    for text in (metric.definition, metric.source, metric.unit):
        assert isinstance(text, str)
        assert text.strip() == text != ""
    assert metric.collapse in {"falls", "rises", "moves"}
    assert metric.view in View
    assert metric.reads
    assert all(issubclass(kind, Batch) for kind in (*metric.reads, *metric.usual_for))
    if metric.view is View.OUTPUT:
        assert all(issubclass(kind, metric.reads) for kind in metric.usual_for)


@pytest.mark.parametrize("name", METRICS)
def test_words_build_it_again(name: str) -> None:
    metric = a(name)
    assert build("metric", words(metric)) == metric


@pytest.mark.parametrize("name", METRICS)
def test_every_kind_it_reads_gives_a_number(name: str) -> None:
    """So that none of the laws below holds only because nothing was read."""
    metric = a(name)
    for kind in metric.reads:
        found: list[Reading] = []
        for case in EXAMPLES:
            if isinstance(case.reference, kind) and readable(metric, case):
                reference = metric.summarize(case.reference)
                found += readings(metric.compare(reference, reference)).values()
        lacking = [reading.reason for reading in found if "not installed" in reading.reason]
        if lacking:
            pytest.skip(lacking[0])
        assert any(np.isfinite(reading.values).all() for reading in found), kind


@pytest.mark.parametrize("name", METRICS)
def test_refuses_other_kinds(name: str) -> None:
    metric = a(name)
    for case in EXAMPLES:
        if not isinstance(case.one, metric.reads):
            with pytest.raises(BadInput):
                metric.summarize(case.one)


@pytest.mark.parametrize(("name", "case"), pairs())
def test_the_reference_against_itself_is_finite(name: str, case: Example) -> None:
    metric = a(name)
    for batch in (case.reference, case.one):
        reference = metric.summarize(batch)
        for reading in readings(metric.compare(reference, reference)).values():
            assert reading.values.shape == (batch.replicates,)
            assert np.isfinite(reading.values).all() or (np.isnan(reading.values).all() and reading.reason)


@pytest.mark.parametrize(("name", "case"), pairs(laws=False))
def test_merging_summaries_is_joining_records(name: str, case: Example) -> None:
    metric = a(name)
    reference = metric.summarize(case.reference)
    joined = metric.summarize(case.one.join([case.other]))
    merged = metric.merge(metric.summarize(case.one), metric.summarize(case.other))
    assert_same(metric.compare(merged, reference), metric.compare(joined, reference))
    # a reference may have been merged too
    twice = metric.merge(reference, reference)
    again = metric.summarize(case.reference.join([case.reference]))
    assert_same(metric.compare(joined, twice), metric.compare(joined, again))


@pytest.mark.parametrize(("name", "case"), pairs(laws=True))
def test_laws_do_not_merge(name: str, case: Example) -> None:
    metric = a(name)
    with pytest.raises(BadInput):
        metric.merge(metric.summarize(case.one), metric.summarize(case.other))


@pytest.mark.parametrize(("name", "case"), pairs())
def test_inputs_stay_as_they_are(name: str, case: Example) -> None:
    metric = a(name)
    batches = (case.one, case.other, case.reference)
    before = [arrays(batch) for batch in batches]
    one, other, reference = (metric.summarize(batch) for batch in batches)
    first = metric.compare(one, reference)
    if not case.is_law:
        metric.merge(one, other)
    second = metric.compare(one, reference)
    assert_same(first, second)
    for batch, arrays_before in zip(batches, before, strict=True):
        for key, array in arrays(batch).items():
            np.testing.assert_array_equal(array, arrays_before[key])


@pytest.mark.parametrize(("name", "case"), pairs())
def test_a_replicate_does_not_know_of_the_others(name: str, case: Example) -> None:
    metric = a(name)
    reference = metric.summarize(case.reference)
    together = values(metric.compare(metric.summarize(case.one), reference))
    for replicate in range(case.one.replicates):
        alone = values(metric.compare(metric.summarize(only(case.one, replicate)), reference))
        for key, found in alone.items():
            np.testing.assert_allclose(found, together[key][replicate : replicate + 1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "case"), pairs())
def test_one_reference_serves_all_replicates(name: str, case: Example) -> None:
    metric = a(name)
    sample = metric.summarize(case.one)
    once = metric.compare(sample, metric.summarize(case.reference))
    assert all(reading.values.shape == (case.one.replicates,) for reading in readings(once).values())
    assert_same(once, metric.compare(sample, metric.summarize(repeated(case.reference))))


@pytest.mark.parametrize(
    ("name", "batch"),
    [
        pytest.param(name, batch, id=f"{name}-{kind}")
        for name in METRICS
        for kind, batch in EMPTY.items()
        if isinstance(batch, a(name).reads)
    ],
)
def test_nothing_is_not_a_number(name: str, batch: Batch) -> None:
    """Without a record there is an error or a missing reading that says why; never a number."""
    metric = a(name)
    try:
        found = metric.summarize(batch)
        result = metric.compare(found, found)
    except BadInput as refusal:
        assert str(refusal)
        return
    for reading in readings(result).values():
        assert np.isnan(reading.values).all()
        assert reading.reason


@pytest.mark.parametrize("name", [name for name in METRICS if issubclass(Counts, a(name).reads)])
def test_one_empty_replicate_is_missing_alone(name: str) -> None:
    """Counts may be empty in one replicate and not in the next."""
    metric = a(name)
    case = next(case for case in EXAMPLES if case.name == "counts-named")
    holes = np.array(arrays(case.one)["values"], dtype=np.float64)
    holes[1] = 0
    sample = metric.summarize(Counts(holes, GROUPS))
    for reading in readings(metric.compare(sample, metric.summarize(case.reference))).values():
        assert np.isnan(reading.values).tolist() == [False, True, False]
        assert reading.reason
