"""The analytic curvature: against the published formula in plain PyTorch, and what it is by drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadSetting
from outcross.core.part import build
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.detectors.fast_detect import FastDetectScorer, discrepancy
from outcross.models._ngram_levels import distribution, locate
from outcross.models.ngram import FittedNgram

HUMAN = Labelled.of(
    ["the cat sat on the mat", "my dog ate the mat", "a cat ran", "the dog sat on a cat"] * 3, ["human"] * 12
)
ASKED = Documents.of(["the cat sat on a mat", "mat mat the on on", "", "a dog"])


def fitted(words: str) -> FastDetectScorer:
    found = build("detector", words).fit(HUMAN, Seed(0))
    assert isinstance(found, FastDetectScorer)
    return found


@pytest.mark.parametrize("observer", ["", ", observer=ngram(order=1)"])
def test_mean_and_variance_are_those_of_texts_drawn_token_by_token(observer: str) -> None:
    """20,000 alternatives for every word, drawn by the observer given the words before as they are."""
    scorer, text, draws = fitted(f"fast_detect(model=ngram(order=2){observer})"), "the cat sat on a mat", 20_000
    model = scorer.model.fitted
    drawing = model if scorer.observer is None else scorer.observer.fitted
    assert isinstance(model, FittedNgram) and isinstance(drawing, FittedNgram)
    code, rng, total = model.vocabulary.encode(text).tolist(), np.random.default_rng(0), np.zeros(draws)
    for place in range(len(code)):
        p, q = after(model, code[:place]), after(drawing, code[:place])
        total += np.log(p)[rng.choice(len(q), size=draws, p=q)]
    (own,) = model.token_scores([text])
    (score,) = scorer.score(Documents.of([text]))
    estimate = (own.log_prob.sum() - total.mean()) / total.std()
    assert abs(score - estimate) < 4 * np.sqrt((1 + score**2) / draws)


def after(model: FittedNgram, before: list[int]) -> Floats:
    history = [len(model.vocabulary)] * model.order + before
    rows = locate(model.levels, [np.array([history[-lag]]) for lag in range(1, model.order)], 1)
    return distribution(model.levels, [int(row[0]) for row in rows])


def reference(logits: Any, labels: Any, seen: Any) -> float:
    """The discrepancy as the paper has it, in plain PyTorch: logits of both models, shape (T, V), and the tokens."""
    import torch

    scoring, sampling = torch.log_softmax(logits.double(), -1), torch.softmax(seen.double(), -1)
    likelihood = scoring[torch.arange(len(labels)), labels]
    mean = (sampling * scoring).sum(-1)
    variance = (sampling * scoring.square()).sum(-1) - mean.square()
    return float((likelihood.sum() - mean.sum()) / variance.sum().sqrt())


@pytest.mark.parametrize("alone", [True, False])
def test_networks_give_the_published_formula(tmp_path: Path, alone: bool) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tests.models.test_transformer_bases import write_base

    folder, other = write_base(tmp_path / "base", "GPT2"), write_base(tmp_path / "other", "GPT2")
    network = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.mul_(1.7)
    network.save_pretrained(other)
    words = f"fast_detect(model=transformer(base='{folder}')" + (
        "" if alone else f", observer=transformer(base='{other}')"
    )
    scorer = fitted(words + ")")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    networks = [transformers.AutoModelForCausalLM.from_pretrained(place).eval() for place in (folder, other)]
    scores = scorer.score(ASKED)
    for text, score in zip(ASKED.texts, scores, strict=True):
        codes = torch.tensor([[0, *tokenizer(text)["input_ids"]]])
        if codes.shape[1] == 1:
            assert np.isnan(score)
            continue
        with torch.no_grad():
            first, second = (one(codes).logits[0, :-1] for one in networks)
        assert score == pytest.approx(reference(first, codes[0, 1:], first if alone else second), abs=1e-4)
    again = build("detector", words + ")").restore(scorer.arrays())
    assert np.allclose(again.score(ASKED), scores, atol=1e-4, equal_nan=True)


def test_texts_that_the_model_wrote_score_nought() -> None:
    """Of independent words, the discrepancy of what the model itself writes has mean 0 and variance about 1."""
    scorer = fitted("fast_detect(model=ngram(order=1))")
    model = scorer.model.fitted
    assert isinstance(model, FittedNgram)
    p, rng = after(model, []), np.random.default_rng(0)
    words = p[:-1] / p[:-1].sum()  # a text goes on: its end is no word
    texts = [model.vocabulary.decode(rng.choice(len(words), size=60, p=words)) for _ in range(400)]
    scores = scorer.score(Documents.of(texts))
    (one,) = model.token_scores(["the"])
    shift = (words @ np.log(p[:-1]) - one.mean[0]) * 60 / np.sqrt(60 * one.variance[0])
    assert abs(scores.mean() - shift) < 4 * scores.std() / 20


def test_what_it_needs_and_what_cannot_be() -> None:
    published = "transformer(base=gpt2)"
    assert build("detector", f"fast_detect(model={published}, observer={published})").needs == frozenset()
    assert build("detector", f"fast_detect(model={published}, observer=ngram)").needs == {Origin.HUMAN}
    with pytest.raises(BadSetting, match="a model of texts is wanted"):
        build("detector", "fast_detect(model=gaussian)")


def test_a_certain_text_has_no_score() -> None:
    assert np.isnan(discrepancy(next(iter(certain().token_scores(["a"])))))


def certain() -> FittedNgram:
    """A model of which the first word is always the same."""
    found = build("model", "ngram(order=2, smoothing=maximum_likelihood)").fit(Texts.of(["a", "a"]), Seed(0))
    assert isinstance(found, FittedNgram)
    return found


def test_saved_and_read_it_gives_the_same_scores() -> None:
    words = "fast_detect(model=ngram(order=2), observer=ngram(order=3))"
    scorer = fitted(words)
    again = build("detector", words).restore(scorer.arrays())
    assert np.array_equal(scorer.score(ASKED), again.score(ASKED), equal_nan=True)
    assert np.isnan(scorer.score(ASKED)).tolist() == [False, False, True, False]
