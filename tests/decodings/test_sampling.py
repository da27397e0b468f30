"""Sampling draws as often as the distribution says, after penalty, temperature, top-k and top-p."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from outcross.core.part import build  # noqa: E402
from outcross.decodings.sampling import HEAD, Sampling, _inverse, _nucleus  # noqa: E402
from tests.decodings.books import Markov, seeds, table  # noqa: E402

TEXTS = 4000


def first_tokens(words: str, logits: list[float], prompt: int = 0) -> np.ndarray:
    """How often each token came first."""
    chain = Markov(torch.tensor([logits] * len(logits)))
    prompts = torch.full((TEXTS, 1), prompt)
    texts = build("decoding", words).write(chain, prompts, 1, None, seeds(TEXTS, 3))
    return np.bincount(np.concatenate(texts), minlength=len(logits)) / TEXTS


def softmax(logits: list[float]) -> np.ndarray:
    shares = np.exp(np.array(logits))
    return shares / shares.sum()


LOGITS = [2.0, 1.0, 0.0, -1.0, 0.5]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sampling", softmax(LOGITS)),
        ("sampling(temperature=0.5)", softmax([2 * x for x in LOGITS])),
        ("sampling(top_k=2)", softmax([2.0, 1.0, -np.inf, -np.inf, -np.inf])),
        ("sampling(top_k=9)", softmax(LOGITS)),
        # .563 .207 .126 .076 .028 in order: the first two have .770, so the third is needed for .8
        ("sampling(top_p=0.8)", softmax([2.0, 1.0, -np.inf, -np.inf, 0.5])),
        ("sampling(top_p=0.5)", np.eye(5)[0]),
        ("sampling(top_k=2, top_p=0.7)", np.eye(5)[0]),  # .73 of the two
        ("sampling(repetition_penalty=2.0)", softmax([1.0, 1.0, 0.0, -1.0, 0.5])),  # token 0 is the prompt
    ],
)
def test_frequencies(words: str, expected: np.ndarray) -> None:
    found = first_tokens(words, LOGITS)
    error = np.sqrt(expected * (1 - expected) / TEXTS)
    assert (np.abs(found - expected) <= 4 * error).all()


def test_a_negative_score_is_multiplied_by_the_penalty() -> None:
    found = first_tokens("sampling(repetition_penalty=2.0)", LOGITS, prompt=3)
    expected = softmax([2.0, 1.0, 0.0, -2.0, 0.5])
    assert (np.abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / TEXTS)).all()


def test_frequencies_along_a_chain() -> None:
    logits = table(6, 0)
    texts = Sampling().write(Markov(logits), torch.zeros(TEXTS, 1, dtype=torch.long), 3, None, seeds(TEXTS, 1))
    pairs = np.concatenate([np.stack([text[:-1], text[1:]], 1) for text in texts])
    counts = np.zeros((6, 6))
    np.add.at(counts, tuple(pairs.T), 1)
    rows = counts.sum(1, keepdims=True)
    expected = logits.softmax(-1).numpy()
    assert (np.abs(counts / rows - expected) <= 4 * np.sqrt(expected * (1 - expected) / rows) + 1e-12).all()


def test_the_nucleus_of_a_large_vocabulary_is_that_of_a_sort() -> None:
    for sharpness in (0.1, 5.0):  # the nucleus is longer, and shorter, than what is tried first
        shares = (torch.randn(4, 12 * HEAD, generator=torch.Generator().manual_seed(0)) * sharpness).softmax(-1)
        kept, places = _nucleus(shares, 0.9)
        ordered, order = shares.sort(descending=True)
        expected = torch.zeros_like(shares).scatter(1, order, ordered * (ordered.cumsum(-1) - ordered < 0.9))
        assert torch.allclose(torch.zeros_like(shares).scatter(1, places, kept), expected)


def test_a_token_of_no_probability_is_never_drawn() -> None:
    shares = torch.tensor([[0.0, 0.5, 0.0, 0.5, 0.0]])
    points = torch.tensor([0.0, 0.5, np.nextafter(1.0, 0.0)], dtype=torch.float64)
    assert _inverse(shares.expand(3, -1), points).tolist() == [1, 3, 3]


def test_tiny_probabilities_are_not_rounded_away() -> None:
    shares = torch.tensor([[1.0, 1e-12]], dtype=torch.float32)
    points = torch.tensor([1 - 5e-13, 1 - 2e-12], dtype=torch.float64)
    assert _inverse(shares.expand(2, -1), points).tolist() == [1, 0]
