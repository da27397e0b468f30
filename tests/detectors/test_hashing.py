"""Hashed n-grams: what falls together, what is kept apart, and nothing that depends on neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.detectors._hashing import BLOCK, DEAD, Family, Grams, blocks, sums

ALL = Grams(words=3, characters=4, bits=20)


def slots(text: str, grams: Grams = ALL, among: tuple[str, ...] = ()) -> list[list[int]]:
    """The slots of a text's n-grams, by family, with other texts before and behind it."""
    families = grams.families([*among, text, *among])
    return [alive(family, len(among)) for family in families]


def alive(family: Family, place: int) -> list[int]:
    found = family.slots[family.starts[place] : family.starts[place + 1]]
    return found[found != DEAD].tolist()


@pytest.mark.parametrize("text", ["The cat sat, again.", "a", "猫は眠る", "Ünïcode “quoted” text", "", "x" * 50])
@pytest.mark.parametrize("n", [3, 4, 5, 8])
def test_neighbours_do_not_matter(text: str, n: int) -> None:
    grams = Grams(2, n, 18)
    assert slots(text, grams) == slots(text, grams, among=("other words", "", "the"))


def test_all_n_grams_are_there() -> None:
    one, two, three, characters = slots("the cat sat on the mat")
    assert [len(one), len(two), len(three)] == [6, 5, 4]
    assert one[0] == one[4] and len(set(one)) == 5
    assert len(characters) == 2 * 5 + 1  # " the" and "the ", and " on "


def test_counts_are_those_of_the_n_grams() -> None:
    texts = ["the cat sat", "", "on", "a mat ."]
    for family in ALL.families(texts):
        assert family.counts.tolist() == [len(alive(family, place)) for place in range(len(texts))]


def test_case_white_space_and_typography_are_not_seen() -> None:
    assert slots("The  cat's\n“mat”") == slots(' the cat’s "mat"\t')
    assert slots("cat , mat .") == slots("cat, mat.")


def test_marks_and_order_are_seen() -> None:
    assert slots("cat, mat") != slots("cat; mat")
    assert slots("cat mat")[1] != slots("mat cat")[1]
    assert slots("cat mat")[0] != slots("catmat")[0]


def test_different_words_fall_into_different_slots() -> None:
    """As many shared slots as at random: 10,000 words in 2^20 slots, 48 pairs expected."""
    words = [f"w{number}" for number in range(10_000)]
    taken = {slot for family in [ALL.families([" ".join(words)])[0]] for slot in family.slots.tolist()}
    assert 10_000 - len(taken) < 48 + 4 * np.sqrt(48)


def test_long_texts_are_cut_and_nothing_is_lost() -> None:
    text = "some words of a long text " * (BLOCK // 10)
    pieces = [piece for block, _ in blocks([text, "short"]) for piece in block]
    assert "".join(pieces) == text + "short"
    assert max(map(len, pieces)) <= BLOCK
    owners = np.concatenate([owner for _, owner in blocks([text, "short"])])
    assert owners.tolist() == [0] * (len(pieces) - 1) + [1]


def test_sums_of_texts_without_n_grams_are_0() -> None:
    assert sums(np.array([1, 2, 3]), np.array([0, 0, 2, 2, 3, 3])).tolist() == [0, 3, 0, 3, 0]
