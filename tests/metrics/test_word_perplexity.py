"""Perplexity per word: the same whatever the tokens are, and missing where words are not known."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.metrics.perplexity import Perplexity
from outcross.metrics.word_perplexity import WordPerplexity
from outcross.models.ngram import Ngram
from tests.metrics.reading import read, reading


def test_tokens_make_no_difference() -> None:
    words = np.array([[3.0, 7.0]])
    for tokens in (np.array([[3.0, 7.0]]), np.array([[30.0, 9.0]])):
        scores = LogProbs(np.array([[-4.0, -6.0]]), tokens, words)
        assert read(WordPerplexity(), scores).item() == pytest.approx(np.e)


def test_an_ngram_counts_words_without_the_ends_of_texts() -> None:
    texts = Texts.of(["the cat sat", "the dog sat on a mat"])
    scores = Ngram(order=2).fit(texts, Seed(0)).log_prob(texts)
    assert scores.words is not None
    assert scores.words.tolist() == [[3, 6]]
    per_token, per_word = (np.log(read(metric, scores).item()) for metric in (Perplexity(), WordPerplexity()))
    assert per_word == pytest.approx(per_token * 11 / 9)


def test_characters_are_no_words() -> None:
    texts = Texts.of(["the cat", "the dog"], "character")
    found = reading(WordPerplexity(), Ngram().fit(texts, Seed(0)).log_prob(texts))
    assert np.isnan(found.values).all()
    assert found.reason == "the model does not say how many words these records have"


def test_one_that_is_unknown_hides_the_others() -> None:
    metric = WordPerplexity()
    known, unknown = (LogProbs(-np.ones((2, 3)), np.ones((1, 3)), words) for words in (np.ones((1, 3)), None))
    merged = metric.merge(metric.summarize(known), metric.summarize(unknown))
    assert np.isnan(metric.compare(merged, merged).values).all()


def test_no_word_is_no_value() -> None:
    assert reading(WordPerplexity(), LogProbs(np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 1)))).reason == (
        "no word was scored"
    )
