"""What every detector must obey; parts are found by themselves.

A detector of published networks is tried with the smallest that stand for them: n-gram models, a tokeniser written on
the spot.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.part import build, example, parts, words
from outcross.core.provenance import Origin
from outcross.core.seed import Seed

DETECTORS = sorted(parts("detector"))
CHEAP = {
    "binoculars": "binoculars(performer=ngram(order=2), observer=ngram(order=1))",
    "fast_detect": "fast_detect(model=ngram(order=2))",
}
"""Words for those whose required settings would ask for a published network."""
SOURCE = "A report on the harvest of apples and pears in the valley."
ODD = [
    "猫は静かに眠っている。犬も眠る。",
    "Привет, как дела? Всё хорошо.",
    "🙂🙃 🎉",
    "word",
    "!",
    "\ud800 lone",
    "a\x00b",
    "١٢٣",
]


def texts_of(rng: np.random.Generator, synthetic: bool, number: int) -> list[str]:
    """Texts on the same subjects in two styles, so that every sort of evidence can tell them apart."""
    subjects = ["apples", "pears", "weather", "harvest", "market", "village", "river", "children", "bread"]
    human = [
        "honestly, {a} was a mess!",
        "my {a}? gone... i can't say",
        "so we ate {a} and ran home",
        "i think {a} is odd, no?",
    ]
    machine = [
        "It is important to note that {a} remains essential.",
        "Moreover, the {a} provides a comprehensive overview of the matter.",
        "In conclusion, {a} plays a crucial role; consequently, it endures.",
    ]
    styles = machine if synthetic else human
    return [
        " ".join(str(rng.choice(styles)).format(a=rng.choice(subjects)) for _ in range(int(rng.integers(4, 9))))
        for _ in range(number)
    ]


def labelled(seed: int, number: int = 20) -> Labelled:
    rng = np.random.default_rng(seed)
    human, synthetic = (texts_of(rng, kind, number) for kind in (False, True))
    documents = Documents.of(human + synthetic, [SOURCE] * number + [""] * number)
    return Labelled.of(documents, ["human"] * number + ["synthetic"] * number)


TRAIN, TEST = labelled(0), labelled(1)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tokeniser of whole words, in a folder."""
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    place: Path = tmp_path_factory.mktemp("tokenizer")
    cut = sorted({word for text in TRAIN.documents.texts + TEST.documents.texts for word in text.split()})
    inner = Tokenizer(models.WordLevel({word: code for code, word in enumerate(["<unk>", *cut])}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>").save_pretrained(place)
    return str(place)


@pytest.fixture(params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> Detector:
    """Each detector of the shelf."""
    name = request.param
    if name == "watermark":
        pytest.importorskip("torch", reason="a watermark is read by transformers")
        given = f"watermark(tokenizer={request.getfixturevalue('tokenizer')!r})"
    else:
        given = CHEAP.get(name, example(parts("detector")[name]))
    found = build("detector", given)
    assert isinstance(found, Detector)
    return found


@cache
def fitted(detector: Detector) -> Scorer:
    return detector.fit(TRAIN, Seed(0))


def scores_of(scorer: Scorer, texts: list[str]) -> Floats:
    found = scorer.score(Documents.of(texts))
    assert found.shape == (len(texts),)
    assert not np.isinf(found).any()
    return found


def same(one: Floats, other: Floats) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True)


def area(scores: Floats, synthetic: np.ndarray) -> float:
    """The probability that a synthetic document scores higher than a human one, ties half."""
    gap = scores[synthetic][:, None] - scores[~synthetic][None]
    return float(np.mean((gap > 0) + (gap == 0) / 2))


def test_words_build_it_again(detector: Detector) -> None:
    assert build("detector", words(detector)) == detector


def test_says_what_it_is(detector: Detector) -> None:
    assert detector.definition.strip() and detector.source.strip()
    assert detector.needs <= {Origin.HUMAN, Origin.SYNTHETIC}


def test_same_seed_same_scores(detector: Detector) -> None:
    again = detector.fit(TRAIN, Seed(0)).score(TEST.documents)
    np.testing.assert_array_equal(again, fitted(detector).score(TEST.documents))


def test_restored_from_plain_arrays_it_gives_the_same_scores(detector: Detector) -> None:
    scorer = fitted(detector)
    arrays = scorer.arrays()
    assert all(array.dtype.kind in "biuf" for array in arrays.values())
    copies = {name: array.copy() for name, array in arrays.items()}
    np.testing.assert_array_equal(detector.restore(copies).score(TEST.documents), scorer.score(TEST.documents))


def test_neighbours_and_order_do_not_matter(detector: Detector) -> None:
    scorer, asked = fitted(detector), TEST.documents
    together = scorer.score(asked)
    order = np.random.default_rng(0).permutation(asked.size)
    same(scorer.score(asked.take(order)), together[order])
    alone = [scorer.score(asked.take(np.array([place])))[0] for place in range(0, asked.size, 5)]
    same(np.array(alone), together[::5])
    same(scores_of(scorer, ["", *ODD, "a b c d e f g"])[-1:], scores_of(scorer, ["a b c d e f g"]))


def test_an_empty_text_has_no_score(detector: Detector) -> None:
    assert np.isnan(scores_of(fitted(detector), ["", "  \n\t "])).all()
    assert scores_of(fitted(detector), []).shape == (0,)


def test_odd_texts_are_scored_or_left(detector: Detector) -> None:
    scores_of(fitted(detector), ODD)


def test_a_long_text_is_scored(detector: Detector) -> None:
    """A million characters in one field, with white space and without any."""
    scores_of(fitted(detector), ["It is important to note that " * 34_000, "x" * 1_000_000])


def test_empty_texts_among_those_to_learn_from(detector: Detector) -> None:
    texts = [*TRAIN.documents.texts, "", " "]
    data = Labelled.of(texts, [*TRAIN.synthetic, False, True])
    assert np.isfinite(detector.fit(data, Seed(0)).score(TEST.documents)).any()


@pytest.mark.parametrize("missing", [Origin.HUMAN, Origin.SYNTHETIC], ids=str)
def test_a_missing_class_is_refused_where_it_is_needed(detector: Detector, missing: Origin) -> None:
    left = TRAIN.take(TRAIN.machines if missing is Origin.HUMAN else TRAIN.humans)
    if missing not in detector.needs:
        detector.fit(left, Seed(0)).score(TEST.documents)
        return
    with pytest.raises(BadInput) as refused:
        detector.fit(left, Seed(0))
    assert "\n" not in str(refused.value)


def test_no_documents_are_refused_where_some_are_needed(detector: Detector) -> None:
    if not detector.needs:
        pytest.skip("it learns from no document")
    with pytest.raises(BadInput):
        detector.fit(Labelled.of([], []), Seed(0))


def test_what_differs_is_told_apart(detector: Detector) -> None:
    """Other documents, where both kinds are learned from; the recorded ones, where only outputs are."""
    if detector.needs == {Origin.HUMAN, Origin.SYNTHETIC}:
        asked = TEST
    elif detector.needs == {Origin.SYNTHETIC}:
        asked = TRAIN
    else:
        pytest.skip("what it scores highly is not learned from synthetic documents")
    scores = fitted(detector).score(asked.documents)
    assert np.isfinite(scores).mean() > 0.9
    known = np.isfinite(scores)
    assert area(scores[known], asked.synthetic[known]) > 0.9
