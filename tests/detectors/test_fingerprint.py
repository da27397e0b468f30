"""Looking texts up among recorded ones: exactly, nearly, and what is not there."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.core.text import tokenize
from outcross.detectors._minhash import digests, signatures
from outcross.detectors.fingerprint import FingerprintScorer

WORDS = [f"w{number}" for number in range(5000)]


def drawn(number: int, length: int, seed: int = 0) -> list[str]:
    rows = np.random.default_rng(seed).integers(0, len(WORDS), size=(number, length))
    return [" ".join(WORDS[word] for word in row) for row in rows.tolist()]


def recorded(texts: list[str], words: str = "fingerprint") -> FingerprintScorer:
    found = build("detector", words).fit(Labelled.of(texts, ["synthetic"] * len(texts)), Seed(0))
    assert isinstance(found, FingerprintScorer)
    return found


def jaccard(one: str, other: str, width: int = 5) -> float:
    """The similarity written out."""
    first, second = (
        {tuple(cut[place : place + width]) for place in range(len(cut) - width + 1)}
        for cut in (tokenize(one), tokenize(other))
    )
    return len(first & second) / len(first | second)


def test_what_was_recorded_is_found_and_nothing_else() -> None:
    texts = drawn(300, 30)
    scorer = recorded(texts)
    assert np.all(scorer.score(Documents.of(texts)) == 1)
    assert np.all(scorer.score(Documents.of(drawn(3000, 30, seed=1))) == 0)


def test_white_space_and_composition_do_not_matter_but_case_does() -> None:
    text = "The café is open until ten o'clock tonight, they say."
    scorer = recorded([text])
    same = [
        "  The café\nis  open until ten o'clock\ttonight, they say. ",
        "The cafe\u0301 is open until ten o'clock tonight, they say.",
    ]
    assert scorer.score(Documents.of(same)).tolist() == [1, 1]
    assert scorer.score(Documents.of([text.upper()])).tolist() == [0]
    (near,) = scorer.score(Documents.of([text.replace("The", "the")]))
    assert 0.5 < near < 1


def test_the_similarity_is_estimated_without_bias() -> None:
    """Texts of which a part was kept: mean error within 4 standard errors of the error's own."""
    texts = drawn(400, 60)
    cut = [
        " ".join([*text.split()[:50], *other.split()[:10]])
        for text, other in zip(texts, drawn(400, 60, 2), strict=True)
    ]
    truth = jaccard(texts[0], cut[0])
    found = recorded(texts, "fingerprint(bands=64, rows=1)").score(Documents.of(cut))
    error = np.sqrt(truth * (1 - truth) / 64)
    assert abs(found.mean() - truth) < 4 * error / 20
    assert found.std() == pytest.approx(error, rel=0.25)


def test_candidates_are_as_frequent_as_the_bands_say() -> None:
    """At a similarity of about a half."""
    texts = drawn(600, 60)
    cut = [
        " ".join([*text.split()[:41], *other.split()[:19]])
        for text, other in zip(texts, drawn(600, 60, 2), strict=True)
    ]
    similar = jaccard(texts[0], cut[0])
    expected = 1 - (1 - similar**4) ** 16
    found = np.mean(recorded(texts).score(Documents.of(cut)) > 0)
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / 600)


def test_an_estimate_is_never_certain() -> None:
    """A text that repeats itself has the same runs as the one it repeats, and is another text."""
    text = drawn(1, 9)[0]
    (score,) = recorded([f"{text} {text} {text}"]).score(Documents.of([f"{text} {text}"]))
    assert 0.9 < score < 1


def test_short_texts_are_not_looked_up() -> None:
    scorer = recorded(["I do not know", "it is a longer one this time"])
    assert np.isnan(scorer.score(Documents.of(["I do not know", "", "Yes", " \n "]))).all()


@pytest.mark.parametrize(
    "text",
    [
        "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
        "Жил-был у бабушки серенький козлик, вот как, вот как.",
    ],
)
def test_any_script(text: str) -> None:
    scorer = recorded([text, *drawn(3, 20)])
    assert scorer.score(Documents.of([text, text[::-1]])).tolist() == [1, 0]


def test_a_text_of_many_copies_among_the_recorded() -> None:
    """Thousands of candidates for one text, and texts recorded twice are kept once."""
    text = " ".join(WORDS[:40])
    copies = [f"{text} {word}" for word in WORDS[:3000]]
    scorer = recorded([*copies, *copies])
    assert len(scorer.recorded) == 3000
    scores = scorer.score(Documents.of([text, copies[7], *drawn(5, 20)]))
    assert 0.9 < scores[0] < 1 and scores[1] == 1 and not scores[2:].any()


def test_a_text_does_not_depend_on_the_others() -> None:
    texts = drawn(50, 30)
    scorer = recorded(texts)
    documents = Documents.of(["", *texts[:3], *(" ".join(text.split()[:20]) for text in texts[3:9]), "a b"])
    together = scorer.score(documents)
    alone = [scorer.score(documents.take(np.array([place])))[0] for place in range(documents.size)]
    assert np.array_equal(together, alone, equal_nan=True)


def test_long_texts_between_short_ones_keep_their_places() -> None:
    """Words are hashed some ten thousand at a time."""
    texts = [drawn(1, length, seed)[0] for seed, length in enumerate((3, 40_000, 4, 5, 70_000, 6, 2))]
    made, runs = signatures(texts, 5, 8, b"key")
    for text, signature, number in zip(texts, made, runs, strict=True):
        (alone,), (count,) = signatures([text], 5, 8, b"key")
        assert np.array_equal(alone, signature) and count == number


def test_saved_and_read_it_gives_the_same_scores() -> None:
    texts = drawn(40, 30)
    scorer = recorded(texts)
    arrays = scorer.arrays()
    assert all(array.dtype.kind in "ui" for array in arrays.values())
    asked = Documents.of([texts[0], " ".join(texts[1].split()[:25]), "", *drawn(3, 30, 5)])
    again = build("detector", "fingerprint").restore(arrays)
    assert np.array_equal(again.score(asked), scorer.score(asked), equal_nan=True)


def test_hashes_depend_on_the_key() -> None:
    texts = drawn(2, 20)
    assert not np.array_equal(digests(texts, b"a"), digests(texts, b"b"))
    assert not np.array_equal(signatures(texts, 5, 8, b"a")[0], signatures(texts, 5, 8, b"b")[0])


def test_arrays_that_are_no_fingerprint() -> None:
    arrays = recorded(drawn(5, 20)).arrays()
    detector = build("detector", "fingerprint")
    with pytest.raises(BadInput, match="key is missing"):
        detector.restore({name: array for name, array in arrays.items() if name != "key"})
    with pytest.raises(BadInput, match="version 7"):
        detector.restore(arrays | {"version": np.array([7])})
    with pytest.raises(BadInput, match="other settings"):
        build("detector", "fingerprint(bands=8)").restore(arrays)


def test_nothing_to_look_up_among() -> None:
    with pytest.raises(BadInput, match="has 5 words"):
        recorded(["too short", ""])
    with pytest.raises(BadInput, match="nothing to look"):
        build("detector", "fingerprint").fit(Labelled.of(["a b c d e f"], ["human"]), Seed(0))
    with pytest.raises(BadSetting):
        build("detector", "fingerprint(words=0)")
