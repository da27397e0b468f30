"""What an n-gram model says of every word of a text, against its distributions written out."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.models._ngram_levels import distribution, locate
from outcross.models.ngram import FittedNgram

RNG = np.random.default_rng(0)
SEEN = [" ".join(RNG.choice(list("abcdefgh"), size=RNG.integers(1, 9))) for _ in range(30)]
READ = [*SEEN[:5], "a b z", "", "h h h h q", "c", ""]
MODELS = (
    "ngram(order=3)",
    "ngram(order=2, smoothing=witten_bell, temperature=0.5, top_k=2)",
    "ngram(order=3, discount=none)",
    "ngram(order=1, smoothing=maximum_likelihood)",
    "ngram(order=3, smoothing=maximum_likelihood)",
    "ngram(order=3, smoothing=jelinek_mercer, floor=0)",
)


def fitted(words: str, texts: list[str], known: Texts | None = None) -> FittedNgram:
    found = build("model", words).fit(Texts.of(texts, "word" if known is None else known.vocabulary), Seed(0))
    assert isinstance(found, FittedNgram)
    return found


def after(model: FittedNgram, before: list[int]) -> Floats:
    """The whole distribution of the next symbol after some words."""
    history = [len(model.vocabulary)] * model.order + before
    rows = locate(model.levels, [np.array([history[-lag]]) for lag in range(1, model.order)], 1)
    return distribution(model.levels, [int(row[0]) for row in rows])


@pytest.mark.parametrize("words", MODELS)
def test_words_are_scored_as_the_distributions_say(words: str) -> None:
    model = fitted(words, SEEN)
    for text, scores in zip(READ, model.token_scores(READ), strict=True):
        code = model.vocabulary.encode(text).tolist()
        assert scores.size == len(code)
        for place, word in enumerate(code):
            p = after(model, code[:place])
            log = np.log(np.where(p > 0, p, 1))
            with np.errstate(divide="ignore"):
                assert scores.log_prob[place] == pytest.approx(np.log(p[word]), abs=1e-12)
            assert np.exp(scores.log_rank[place]) == pytest.approx(1 + (p > p[word] * (1 + 1e-9)).sum())
            assert scores.mean[place] == pytest.approx(p @ log, abs=1e-12)
            assert scores.variance[place] == pytest.approx(p @ (log - p @ log) ** 2, abs=1e-9)


def test_an_observer_draws_the_next_word() -> None:
    known = Texts.of(SEEN)
    model, observer = fitted("ngram(order=3)", SEEN, known), fitted("ngram(order=2)", SEEN[::3], known)
    pairs = zip(READ, model.token_scores(READ, observer), model.token_scores(READ), strict=True)
    for text, scores, alone in pairs:
        code = model.vocabulary.encode(text).tolist()
        assert np.array_equal(scores.log_prob, alone.log_prob)
        for place in range(len(code)):
            log, q = np.log(after(model, code[:place])), after(observer, code[:place])
            assert scores.mean[place] == pytest.approx(q @ log, rel=1e-12)
            assert scores.variance[place] == pytest.approx(q @ (log - q @ log) ** 2, rel=1e-12)


def test_a_model_is_its_own_observer() -> None:
    model = fitted("ngram(order=3)", SEEN)
    for alone, seen in zip(model.token_scores(READ), model.token_scores(READ, model), strict=True):
        assert np.allclose(alone.mean, seen.mean, rtol=1e-12) and np.allclose(alone.variance, seen.variance, rtol=1e-9)


def test_an_observer_of_other_words_is_refused() -> None:
    with pytest.raises(BadInput, match="the same vocabulary"):
        next(fitted("ngram", SEEN).token_scores(READ, fitted("ngram", ["other words"])))


def test_a_word_does_not_depend_on_other_texts() -> None:
    model = fitted("ngram", SEEN)
    together = list(model.token_scores(READ))
    for text, scores in zip(READ, together, strict=True):
        (alone,) = model.token_scores([text])
        assert np.array_equal(alone.log_prob, scores.log_prob) and np.array_equal(alone.mean, scores.mean)
