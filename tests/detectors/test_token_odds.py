"""Token odds by hand, and what they say of texts that are odd."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.detectors.token_odds import TokenOdds

TEXTS = ["We delve deep. We think.", "I was late. I ran.", "They delve again.", "I am here."]
LABELS = ["synthetic", "human", "synthetic", "human"]


def fitted(part: TokenOdds):  # type: ignore[no-untyped-def]
    return part.fit(Labelled.of(TEXTS, LABELS), Seed(0))


def score(part: TokenOdds, *texts: str) -> np.ndarray:
    return fitted(part).score(Documents.of(texts))


def test_by_hand() -> None:
    """Three sentences of each origin. 'delve' and 'we' are in 2 and 2 synthetic ones, 'i' in 3 human ones."""

    def present(synthetic: int, human: int) -> float:
        return math.log((synthetic + 0.5) / 4) - math.log((human + 0.5) / 4)

    def absent(synthetic: int, human: int) -> float:
        return math.log(1 - (synthetic + 0.5) / 4) - math.log(1 - (human + 0.5) / 4)

    delve = present(2, 0) + absent(2, 0) + absent(0, 3)
    late = 2 * absent(2, 0) + present(0, 3)
    found = score(TokenOdds(), "Let us delve!", "i, too", "Let us delve! I, too. Too.")
    nothing = 2 * absent(2, 0) + absent(0, 3)
    np.testing.assert_allclose(found, [delve, late, delve + late + nothing], rtol=1e-12)


def test_a_word_counts_once_a_sentence_and_case_does_not_matter() -> None:
    found = score(TokenOdds(), "Delve now", "delve DELVE Delve now", "Delve. Now.")
    assert found[0] == found[1] != found[2]
    one, two = score(TokenOdds(unit="document"), "Delve. Now.", "Delve now. Delve now, delve.")
    assert one == two


def test_what_has_no_known_word_has_no_score() -> None:
    found = score(TokenOdds(), "", "   \n\t", "!!! 12 ...", "猫は寝る。", "Zebras graze.", "delve")
    assert np.isnan(found[:5]).all() and np.isfinite(found[5])


def test_scripts_without_spaces_are_cut_into_sentences_and_words() -> None:
    data = Labelled.of(["猫は寝る。犬は走る。", "猫も寝る。犬も走る。"] * 2, [0, 1] * 2)
    found = TokenOdds().fit(data, Seed(0)).score(Documents.of(["鳥は", "鳥も"]))
    assert found[0] < 0 < found[1]


def test_it_goes_by_neighbours_of_no_document_and_comes_back_from_arrays() -> None:
    part = TokenOdds(least=1)
    texts = Documents.of(["We delve here.", "I was late again.", ""])
    scorer = fitted(part)
    whole = scorer.score(texts)
    singly = np.concatenate([scorer.score(texts.take(np.array([place]))) for place in range(3)])
    np.testing.assert_array_equal(whole, singly)
    arrays = scorer.arrays()
    assert all(array.dtype.kind in "uif" for array in arrays.values())
    np.testing.assert_array_equal(part.restore(arrays).score(texts), whole)


def test_swapping_origins_turns_the_sign() -> None:
    turned = TokenOdds().fit(Labelled.of(TEXTS, ["human", "synthetic"] * 2), Seed(0))
    text = "We delve. I was here."
    assert turned.score(Documents.of([text])) == pytest.approx(-score(TokenOdds(), text), abs=1e-12)


def test_log_odds_are_honest_where_words_are_independent() -> None:
    """Documents of one sentence whose words occur independently: among those with log odds near 1, e in 1 + e."""
    rng = np.random.default_rng(0)
    words = np.array([f"w{'abcdefghijkl'[place]}" for place in range(12)])
    chance = rng.uniform(0.1, 0.6, size=(2, 12))

    def write(synthetic: np.ndarray) -> list[str]:
        return [" ".join(words[rng.random(12) < chance[int(kind)]]) for kind in synthetic]

    kinds = np.arange(6000) % 2
    scorer = TokenOdds().fit(Labelled.of(write(kinds), kinds), Seed(0))
    odds = scorer.score(Documents.of(write(kinds)))
    near = np.abs(odds - 1) < 0.4
    share = math.e / (1 + math.e)
    assert kinds[near].mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / near.sum()) + 0.02)


@pytest.mark.parametrize(
    ("texts", "labels", "told"),
    [
        (["delve", "delve"], [1, 1], "no human document"),
        (["late", "..."], [0, 1], "no synthetic document"),
        (["late", "delve"], [0, 1], "no word occurs in 2 sentences"),
    ],
)
def test_what_cannot_be_compared_is_refused(texts: list[str], labels: list[int], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        TokenOdds().fit(Labelled.of(texts, labels), Seed(0))


def test_other_arrays_are_refused() -> None:
    arrays = fitted(TokenOdds()).arrays()
    for wrong in (
        {},
        {**arrays, "present": arrays["present"][:1]},
        {**arrays, "words": np.array([255], dtype=np.uint8)},
    ):
        with pytest.raises(BadInput, match="not the arrays of token_odds"):
            TokenOdds().restore(wrong)
