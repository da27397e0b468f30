"""What every model must obey; parts are found by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from outcross.core.batch import Batch, Records
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import Editing, Exact, ExactModel, Fitted, Model, Neural, Prompted, Scored
from outcross.core.part import build, example, parts, words
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.setting import settings_of
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts

MODELS = sorted(parts("model"))
SENTENCES = (
    "the cat sat on the mat .",
    "a dog ran in the park and the cat saw it .",
    "the sun is up , and the day is long .",
    "it rains on the park ; the dog is wet .",
    "a cat is not a dog , and a mat is not a park .",
)


def a(name: str) -> Model:
    """The model with its usual settings."""
    model = build("model", example(parts("model")[name]))
    assert isinstance(model, Model)
    return model


def human(model: Model, replicates: int = 1, n: int = 40, seed: int = 0) -> Records:
    """Records of the kind that the model reads first. Rows are counts, which every model of numbers can read.

    Neural models of numbers get small pictures: a bright bar across, on noise.
    """
    rng, kind = np.random.default_rng(seed), model.reads[0]
    if issubclass(kind, Rows) and isinstance(model, Neural):
        bars = np.eye(6)[rng.integers(6, size=n)][:, :, None]
        return Rows(np.clip(0.8 * bars + 0.2 * rng.random((n, 6, 4)), 0, 1).reshape(1, n, 24), shape=(6, 4))
    if issubclass(kind, Rows):
        values = rng.poisson((3.0, 5.0, 9.0), (replicates, n, 3)).astype(np.float64)
        return Rows(values, group=rng.integers(2, size=(replicates, n)), names=("a", "b"))
    if issubclass(kind, Symbols):
        return Symbols(rng.integers(5, size=(replicates, n)), 5)
    assert issubclass(kind, Texts), f"write here what {kind.__name__} look like, so that the laws test {model}"
    texts = Texts.of(SENTENCES)
    chosen = texts.take(rng.integers(len(SENTENCES), size=(1, n)))
    return replace(chosen, group=rng.integers(2, size=(1, n)), names=("a", "b"))


def arrays(batch: Batch) -> Mapping[str, np.ndarray]:
    return {name: np.array(array) for name, array in batch.arrays().items()}


def said(fitted: Fitted, data: Batch) -> np.ndarray:
    """What a fitted model says: its law, or how probable it finds the data, one row a replicate."""
    law = fitted.law()
    if law is not None:
        parts = [array for array in law.arrays().values() if np.ndim(array)]
        return np.concatenate([np.reshape(part, (len(part), -1)) for part in parts], axis=1)
    assert isinstance(fitted, Scored), "a model that has no law and scores nothing cannot be compared with another"
    return fitted.log_prob(data).values


@pytest.mark.parametrize("name", MODELS)
def test_words_build_it_again(name: str) -> None:
    assert build("model", words(a(name))) == a(name)


@pytest.mark.parametrize("name", MODELS)
def test_settings_out_of_range_are_refused(name: str) -> None:
    part = parts("model")[name]
    for setting in settings_of(part):
        for allowed in setting.ranges:
            beyond = [allowed.low - 1, allowed.low if allowed.above else -np.inf, float("nan")]
            beyond += [allowed.high + 1, allowed.high if allowed.below else np.inf]
            for value in (value for value in beyond if not allowed.allows(value)):
                given = int(value) if setting.type is int and np.isfinite(value) else value
                with pytest.raises(BadSetting, match=setting.name):
                    part(**{setting.name: given})


@pytest.mark.parametrize("name", MODELS)
def test_it_refuses_what_it_does_not_read(name: str) -> None:
    with pytest.raises(BadInput):
        a(name).fit(LogProbs(np.zeros((1, 3)), np.ones((1, 3))), Seed(0))


@pytest.mark.parametrize("name", MODELS)
def test_fitting_is_pure(name: str) -> None:
    model = a(name)
    data = human(model)
    before = arrays(data)
    one, other = model.fit(data, Seed(1)), model.fit(data, Seed(1))
    one.sample(5, Seed(2))
    assert all(np.array_equal(before[key], array) for key, array in arrays(data).items())
    assert np.array_equal(said(one, data), said(other, data))


@pytest.mark.parametrize("name", MODELS)
def test_a_sample_depends_on_the_seed_alone(name: str) -> None:
    fitted = a(name).fit(human(a(name)), Seed(1))
    one, again, other = (arrays(fitted.sample(30, Seed(key))) for key in (2, 2, 3))
    assert all(np.array_equal(one[key], again[key]) for key in one)
    assert not all(np.array_equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("n", [1, 7, 40, 100])
def test_a_sample_has_the_size_asked_for_and_can_be_trained_on(name: str, n: int) -> None:
    model = a(name)
    replicates = 3 if model.batched else 1
    sample = model.fit(human(model, replicates), Seed(1)).sample(n, Seed(2))
    assert (sample.replicates, sample.size) == (replicates, n)
    assert isinstance(sample, model.reads)
    assert isinstance(sample, Records)
    if n >= 40:
        model.fit(sample, Seed(3))


@pytest.mark.parametrize("name", MODELS)
def test_replicates_do_not_touch(name: str) -> None:
    """Replicate r of a batch is fitted as it would be alone."""
    model = a(name)
    if not model.batched:
        pytest.skip("one replicate at a time")
    data = human(model, replicates=5)
    together = said(model.fit(data, Seed(1)), data)
    for r in range(5):
        one = Rows(data.values[r : r + 1]) if isinstance(data, Rows) else Symbols(data.values[r : r + 1], 5)  # type: ignore[attr-defined]
        np.testing.assert_allclose(said(model.fit(one, Seed(1)), one)[0], together[r], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_replicates_are_independent(name: str) -> None:
    """Alike replicates write different samples."""
    model = a(name)
    if not model.batched:
        pytest.skip("one replicate at a time")
    fitted = model.fit(human(model).take(np.broadcast_to(np.arange(40), (2, 40))), Seed(1))
    assert all(not np.array_equal(array[0], array[1]) for array in arrays(fitted.sample(30, Seed(2))).values())


@pytest.mark.parametrize("name", MODELS)
def test_weight_two_is_a_record_twice(name: str) -> None:
    model = a(name)
    if isinstance(model, Neural):
        pytest.skip("so it is in the loss, but a record that is there twice comes up in two batches of each epoch")
    data = human(model)
    first, rest = data.take(np.arange(15)[None]), data.take(np.arange(15, 40)[None])
    weighted = model.fit(first.weighted(2.0).join([rest]), Seed(1))
    doubled = model.fit(first.join([rest, first]), Seed(1))
    np.testing.assert_allclose(said(weighted, data), said(doubled, data), rtol=1e-6, atol=1e-9)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(said(model.fit(data, Seed(1)), data), said(doubled, data), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_weight_zero_is_no_record(name: str) -> None:
    model = a(name)
    data = human(model)
    first, rest = data.take(np.arange(15)[None]), data.take(np.arange(15, 40)[None])
    weighted = model.fit(first.weighted(0.0).join([rest]), Seed(1))
    np.testing.assert_allclose(said(weighted, data), said(model.fit(rest, Seed(1)), data), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_probabilities_are_honest(name: str) -> None:
    """A log probability is a number or minus infinity, and a model finds its own records possible."""
    model = a(name)
    replicates = 2 if model.batched else 1
    fitted = model.fit(human(model, replicates), Seed(1))
    if not isinstance(fitted, Scored):
        pytest.skip("it does not know how probable a record is")
    own = fitted.sample(50, Seed(2))
    found = fitted.log_prob(own)
    assert (found.replicates, found.size) == (replicates, 50)
    assert np.isfinite(found.values).all()
    assert np.broadcast_shapes(found.tokens.shape, found.values.shape) == found.values.shape
    heldout = fitted.log_prob(human(model, 1, 20, seed=9))
    assert heldout.values.shape == (replicates, 20)
    assert not np.isnan(heldout.values).any()
    assert (heldout.values < np.inf).all()


@pytest.mark.parametrize("name", MODELS)
def test_probabilities_prefer_what_the_model_writes(name: str) -> None:
    """Gibbs' inequality: a model's own records are on average likelier under it than under one of other records."""
    model = a(name)
    one, other = model.fit(human(model, seed=1), Seed(1)), model.fit(human(model, n=8, seed=5), Seed(1))
    if not isinstance(one, Scored) or not isinstance(other, Scored):
        pytest.skip("it does not know how probable a record is")
    own = one.sample(2000, Seed(2))
    gain = one.log_prob(own).values - other.log_prob(own).values
    assert gain.mean() > 0


@pytest.mark.parametrize("name", MODELS)
def test_a_prompt_is_gone_on_with(name: str) -> None:
    fitted = a(name).fit(human(a(name)), Seed(1))
    if not isinstance(fitted, Prompted):
        pytest.skip("it takes no prompt")
    texts = fitted.extend("the cat", 4, 6, Seed(2)).strings()
    assert len(texts) == 4
    assert all(text.startswith("the cat") for text in texts)


@pytest.mark.parametrize("name", MODELS)
def test_an_edit_is_of_the_texts_that_are_given(name: str) -> None:
    """Above probability 1 nothing is edited, above 0 something; the seed alone decides what is written instead."""
    data = human(a(name))
    fitted = a(name).fit(data, Seed(1))
    if not isinstance(fitted, Editing) or not isinstance(data, Texts):
        pytest.skip("it edits no texts")
    same = fitted.edit(data, 1.0, Seed(2))
    assert np.array_equal(same.codes, data.codes)
    assert np.array_equal(same.starts, data.starts)
    edited, again, other = (fitted.edit(data, 0.0, Seed(seed)).strings() for seed in (2, 2, 3))
    assert len(edited) == data.size
    assert edited == again
    assert edited != other


@pytest.mark.parametrize("name", [name for name in MODELS if issubclass(parts("model")[name], ExactModel)])
@pytest.mark.parametrize("n", [2, 25])
def test_the_exact_path_is_equal_in_distribution(name: str, n: int) -> None:
    """Every number of the drawn statistic, and every product of two, against the statistic of a sample."""
    model, replicates = a(name), 4000
    assert isinstance(model, ExactModel)
    once = human(model, n=12)
    fitted = model.fit(once.take(np.broadcast_to(np.arange(12), (replicates, 12))), Seed(1))
    assert isinstance(fitted, Exact)
    drawn, computed = fitted.sample_statistic(n, Seed(2)), model.statistic(fitted.sample(n, Seed(3)))
    assert type(drawn) is type(computed)
    assert (drawn.replicates, drawn.size) == (computed.replicates, computed.size) == (replicates, n)
    ours, theirs = with_products(*map(numbers, (drawn, computed)))
    error = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / replicates)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) <= 4 * error + 1e-9).all()
    for one, other in zip(ours.T, theirs.T, strict=True):
        assert stats.ks_2samp(one, other).pvalue > 1e-5


def numbers(statistic: Batch) -> np.ndarray:
    """The numbers of a statistic, shape (R, m)."""
    found = [array.reshape(len(array), -1) for array in arrays(statistic).values() if array.ndim]
    return np.concatenate(found, axis=1)


def with_products(*several: np.ndarray) -> list[np.ndarray]:
    """Numbers of shape (R, m), and beside them every product of two of their deviations from a common centre."""
    centre = np.mean(several, axis=(0, 1))
    first, second = np.triu_indices(several[0].shape[1])
    return [np.hstack([one, (one - centre)[:, first] * (one - centre)[:, second]]) for one in several]


@pytest.mark.parametrize("name", [name for name in MODELS if issubclass(parts("model")[name], ExactModel)])
def test_a_statistic_is_sufficient(name: str) -> None:
    """Fitted to records, to their statistic, or to the statistics of two halves joined, it is the same model."""
    model = a(name)
    assert isinstance(model, ExactModel)
    data = human(model, replicates=3)
    statistic = model.statistic(data)
    halves = [model.statistic(data.take(index[None])) for index in (np.arange(15), np.arange(15, 40))]
    known = said(model.fit(data, Seed(1)), data)
    np.testing.assert_allclose(said(model.fit(statistic, Seed(1)), data), known, rtol=1e-12)
    np.testing.assert_allclose(said(model.fit(halves[0].join(halves[1:]), Seed(1)), data), known, rtol=1e-10)
    law = model.fit(data, Seed(1)).law()
    assert law is not None
    np.testing.assert_allclose(said(model.fit(law, Seed(1)), data), known, rtol=1e-12)
