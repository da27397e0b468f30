"""Perplexity over cross-perplexity, against the formula in plain PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.detectors.binoculars import BinocularsScorer

HUMAN = Labelled.of(
    ["the cat sat on the mat", "my dog ate the mat", "a cat ran", "the dog sat on a cat"] * 3, ["human"] * 12
)
ASKED = Documents.of(["the cat sat on a mat", "mat mat the on on", "", "a dog"])
PAIR = "binoculars(performer=ngram(order=2), observer=ngram(order=1))"


def fitted(words: str) -> BinocularsScorer:
    found = build("detector", words).fit(HUMAN, Seed(0))
    assert isinstance(found, BinocularsScorer)
    return found


def test_the_ratio_of_the_paper() -> None:
    scorer = fitted(PAIR)
    scores = scorer.score(ASKED)
    for score, tokens in zip(scores, scorer.performer.token_scores(list(ASKED.texts), scorer.observer), strict=True):
        if not tokens.size:
            assert np.isnan(score)
            continue
        assert score == pytest.approx(-tokens.log_prob.mean() / tokens.mean.mean())
        assert score < 0, "both are negative: the ratio is positive, and a lower one is more synthetic"


def test_networks_give_the_published_formula(tmp_path: Path) -> None:
    """As the published code has it: the observer's shares, the performer's log probabilities."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tests.models.test_transformer_bases import write_base

    performer, observer = write_base(tmp_path / "performer", "GPT2"), write_base(tmp_path / "observer", "GPT2")
    network = transformers.AutoModelForCausalLM.from_pretrained(observer).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.mul_(1.7)
    network.save_pretrained(observer)
    words = f"binoculars(performer=transformer(base='{performer}'), observer=transformer(base='{observer}'))"
    scorer = fitted(words)
    tokenizer = transformers.AutoTokenizer.from_pretrained(performer)
    pair = [transformers.AutoModelForCausalLM.from_pretrained(place).eval() for place in (performer, observer)]
    scores = scorer.score(ASKED)
    for text, score in zip(ASKED.texts, scores, strict=True):
        codes = torch.tensor([[0, *tokenizer(text)["input_ids"]]])
        if codes.shape[1] == 1:
            assert np.isnan(score)
            continue
        with torch.no_grad():
            own, other = (one(codes).logits[0, :-1] for one in pair)
        perplexity = torch.nn.functional.cross_entropy(own, codes[0, 1:])
        crossed = torch.nn.functional.cross_entropy(own, other.softmax(-1))
        assert score == pytest.approx(-float(perplexity / crossed), abs=1e-4)
    again = build("detector", words).restore(scorer.arrays())
    assert np.allclose(again.score(ASKED), scores, atol=1e-4, equal_nan=True)
    assert set(scorer.arrays()) == {"performer/digest", "observer/digest"}


def test_models_that_cut_texts_differently(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.models.test_transformer_bases import write_base

    folder = write_base(tmp_path / "base", "GPT2")
    with pytest.raises(BadInput, match="an observer of a transformer is another one"):
        fitted(f"binoculars(performer=transformer(base='{folder}'), observer=ngram)").score(ASKED)


def test_what_it_needs_and_what_cannot_be() -> None:
    assert build("detector", PAIR).needs == {Origin.HUMAN}
    assert (
        build("detector", "binoculars(performer=transformer(base=a), observer=transformer(base=b))").needs
        == frozenset()
    )
    with pytest.raises(BadSetting, match="a model of texts is wanted"):
        build("detector", "binoculars(performer=ngram, observer=gaussian)")


def test_saved_and_read_it_gives_the_same_scores() -> None:
    scorer = fitted(PAIR)
    again = build("detector", PAIR).restore(scorer.arrays())
    assert np.array_equal(scorer.score(ASKED), again.score(ASKED), equal_nan=True)
