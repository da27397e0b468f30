"""Likelihood detectors: the formulas against log probabilities written out, fitted and published models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.text import Texts, tokenize
from outcross.detectors.likelihood import LikelihoodScorer
from outcross.models.ngram import FittedNgram

HUMAN = ["the cat sat on the mat", "my dog ate the mat", "a cat ran off", "the dog sat on a cat"] * 3
SYNTHETIC = ["it is key to note the cat", "it is key to act", "note that it is key", "it is a key mat"] * 3
DATA = Labelled.beside(Documents.of(HUMAN), Documents.of(SYNTHETIC))
ASKED = Documents.of(["the cat sat on a mat", "it is key to sit", "", "  ", "zebras", "the the the"])


def fitted(words: str, data: Labelled = DATA) -> LikelihoodScorer:
    found = build("detector", words).fit(data, Seed(0))
    assert isinstance(found, LikelihoodScorer)
    return found


def test_the_score_is_the_mean_log_probability_of_the_words() -> None:
    """The sum that the model itself gives for the text, without that of its end."""
    scorer = fitted("likelihood(model=ngram(order=2))")
    model = scorer.human.fitted
    assert isinstance(model, FittedNgram)
    text = "the cat sat on a mat"
    whole = model.log_prob(Texts.of([text], model.vocabulary)).values[0, 0]
    last = Texts.of([text], model.vocabulary)
    end = whole - sum(next(iter(model.token_scores([text]))).log_prob)
    assert end < 0
    assert scorer.score(Documents.of([text]))[0] == pytest.approx((whole - end) / last.tokens)


@pytest.mark.parametrize(
    ("statistic", "formula"),
    [
        ("perplexity", lambda s: s.log_prob.mean()),
        ("log_rank", lambda s: -s.log_rank.mean()),
        ("entropy", lambda s: s.mean.mean()),
        ("lrr", lambda s: s.log_prob.sum() / -s.log_rank.sum()),
    ],
)
def test_statistics(statistic: str, formula: object) -> None:
    assert callable(formula)
    scorer = fitted(f"likelihood(statistic={statistic})")
    scores = scorer.score(ASKED)
    known = [0, 1, 4, 5]
    wanted = [formula(one) for one in scorer.human.token_scores([ASKED.texts[place] for place in known])]
    assert np.allclose(scores[known], wanted)
    assert np.isnan(scores[[2, 3]]).all()


def test_a_contrast_is_the_ratio_of_two_models_of_one_vocabulary() -> None:
    scorer = fitted("likelihood(contrast=true, model=ngram(order=2))")
    assert scorer.synthetic is not None
    human, synthetic = scorer.human.fitted, scorer.synthetic.fitted
    assert isinstance(human, FittedNgram) and isinstance(synthetic, FittedNgram)
    assert human.vocabulary.words == synthetic.vocabulary.words
    scores = scorer.score(ASKED)
    for place in (0, 1, 4, 5):
        (h,), (s,) = (model.token_scores([ASKED.texts[place]]) for model in (human, synthetic))
        words = len(tokenize(ASKED.texts[place]))
        assert scores[place] == pytest.approx((s.log_prob.sum() - h.log_prob.sum()) / words)
    assert scores[0] < 0 < scores[1]
    assert np.isnan(scores[[2, 3]]).all()


def test_a_contrast_tells_two_sources_apart_on_texts_that_it_has_not_seen() -> None:
    """Two Markov sources of the same words: the ratio must sort nearly all of 60 new texts."""
    rng = np.random.default_rng(0)
    tables = rng.dirichlet(np.full(12, 0.4), size=(2, 12))

    def text(table: Floats) -> str:
        words = [0]
        for _ in range(40):
            words.append(int(rng.choice(12, p=table[words[-1]])))
        return " ".join(f"w{word}" for word in words)

    seen = Labelled.beside(*(Documents.of([text(table) for _ in range(60)]) for table in tables))
    human, synthetic = (Documents.of([text(table) for _ in range(30)]) for table in tables)
    scorer = fitted("likelihood(contrast=true, model=ngram(order=2))", seen)
    assert np.mean(scorer.score(synthetic)[:, None] > scorer.score(human)) > 0.99


def test_words_of_one_document_only_are_unknown() -> None:
    scorer = fitted("likelihood", Labelled.of([*HUMAN, "an armadillo"], ["human"] * (len(HUMAN) + 1)))
    armadillo, zebra = scorer.score(Documents.of(["the armadillo", "the zebra"]))
    assert armadillo == zebra


def test_what_it_needs() -> None:
    assert build("detector", "likelihood").needs == {Origin.HUMAN}
    assert build("detector", "likelihood(contrast=true)").needs == {Origin.HUMAN, Origin.SYNTHETIC}
    assert build("detector", "likelihood(model=transformer(base=gpt2))").needs == frozenset()
    assert build("detector", "likelihood(model=transformer)").needs == {Origin.HUMAN}


@pytest.mark.parametrize(
    "words",
    ["likelihood", "likelihood(statistic=lrr)", "likelihood(contrast=true, model=ngram(smoothing=witten_bell))"],
)
def test_saved_and_read_it_gives_the_same_scores(words: str) -> None:
    scorer = fitted(words)
    arrays = scorer.arrays()
    assert all(array.dtype.kind in "iu" for array in arrays.values())
    again = build("detector", words).restore(arrays)
    assert np.array_equal(scorer.score(ASKED), again.score(ASKED), equal_nan=True)
    assert again.arrays().keys() == arrays.keys()


def test_a_text_does_not_depend_on_the_others() -> None:
    scorer = fitted("likelihood(contrast=true)")
    alone = [scorer.score(ASKED.take(np.array([place])))[0] for place in range(ASKED.size)]
    assert np.array_equal(scorer.score(ASKED), alone, equal_nan=True)


def test_only_the_beginning_is_read() -> None:
    scorer = fitted("likelihood(characters=7)")
    first, second = scorer.score(Documents.of(["the cat sat on it", "the cat is key"]))
    assert first == second


def test_a_probability_of_nought_is_no_score() -> None:
    scorer = fitted("likelihood(model=ngram(order=1, smoothing=maximum_likelihood))")
    assert np.isnan(scorer.score(Documents.of(["the cat", "zebra"]))).tolist() == [False, True]


def test_no_documents_at_all() -> None:
    assert fitted("likelihood").score(Documents.of([])).shape == (0,)
    assert fitted("likelihood(statistic=lrr)").score(Documents.of([])).shape == (0,)


def test_what_cannot_be() -> None:
    for words, said in (
        ("likelihood(contrast=true, statistic=lrr)", "not of lrr"),
        ("likelihood(model=gaussian)", "a model of texts is wanted"),
    ):
        with pytest.raises(BadSetting, match=said):
            build("detector", words)
    with pytest.raises(BadInput, match="no human document with a word"):
        fitted("likelihood", Labelled.of(["a cat", " "], ["synthetic", "human"]))
    with pytest.raises(BadInput, match="no synthetic document with a word"):
        fitted("likelihood(contrast=true)", Labelled.of(["a cat"], ["human"]))
    with pytest.raises(BadInput, match="are not those of a detector"):
        build("detector", "likelihood").restore({})


def test_networks_published_and_fitted(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.models.test_transformer_bases import write_base

    folder, asked = write_base(tmp_path / "base", "Llama"), Documents.of(["the cat", "", "half \ud83d a dog"])
    published = f"likelihood(model=transformer(base='{folder}'))"
    scratch = "likelihood(model=transformer(size='20K', window=64, vocabulary=300, training=adamw(steps=2)))"
    for words in (published, scratch, scratch.replace("likelihood(", "likelihood(contrast=true, ")):
        scorer = fitted(words)
        scores = scorer.score(asked)
        assert np.isnan(scores).tolist() == [False, True, False]
        again = build("detector", words).restore(scorer.arrays())
        assert np.allclose(again.score(asked), scores, atol=1e-5, equal_nan=True)
    arrays = fitted(published).arrays()
    assert list(arrays) == ["human/digest"]
    with pytest.raises(BadInput, match="are not those that the detector was made with"):
        build("detector", published).restore({"human/digest": arrays["human/digest"][::-1]})
