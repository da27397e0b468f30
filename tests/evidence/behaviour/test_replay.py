"""The replay against a field that is edited at random while every character remembers who put it there."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.evidence.behaviour import Event, Kind, Log, replay
from outcross.evidence.behaviour.matching import blocks, copied
from outcross.evidence.behaviour.replay import NOBODY

ALPHABET = "abcdefghij klmnop"


def edited(seed: int, steps: int = 300) -> tuple[Log, list[int]]:
    """A log of random edits, and the event that put in each character that is left."""
    rng = np.random.default_rng(seed)
    text: list[str] = []
    owners: list[int] = []
    events: list[Event] = []
    for number in range(steps):
        position = int(rng.integers(0, len(text) + 1))
        deleted = int(rng.integers(0, min(4, len(text) - position + 1))) if rng.random() < 0.3 else 0
        kind = Kind.PASTE if rng.random() < 0.05 else Kind.TYPE
        # a paste in letters of its own, so that it never is a text that was there before
        letters = "0123456789" if kind is Kind.PASTE else ALPHABET
        put_in = "".join(rng.choice(list(letters), 40 if kind is Kind.PASTE else 1))
        if deleted and rng.random() < 0.5:
            kind, put_in = Kind.DELETE, ""
        events.append(Event(kind, float(number), position, len(put_in), deleted, put_in or None))
        text[position : position + deleted] = put_in
        owners[position : position + deleted] = [number] * len(put_in)
    return Log("a", tuple(events), final="".join(text)), owners


@pytest.mark.parametrize("seed", range(5))
def test_edits_with_positions_are_replayed_exactly(seed: int) -> None:
    log, owners = edited(seed)
    done = replay(log)
    assert done.exact
    assert done.text == log.final
    assert done.owners.tolist() == owners


@pytest.mark.parametrize("seed", range(3))
def test_lengths_alone_tell_the_same(seed: int) -> None:
    log, owners = edited(seed)
    silent = replace(log, events=tuple(replace(event, text=None) for event in log.events))
    assert replay(silent).owners.tolist() == owners


def test_without_the_final_text_the_replay_gives_it() -> None:
    log, owners = edited(7)
    done = replay(replace(log, final=None))
    assert done.text == log.final
    assert done.owners.tolist() == owners


def test_a_trimmed_text_keeps_its_owners() -> None:
    log, owners = edited(3)
    assert log.final is not None
    done = replay(replace(log, final=log.final[5:-5]))
    assert not done.exact
    assert done.owners.tolist() == owners[5:-5]


def keys(text: str, start: float = 0.0) -> tuple[Event, ...]:
    """Keys without positions; ``<`` is Backspace."""
    return tuple(
        Event(Kind.DELETE, start + place, deleted=1)
        if one == "<"
        else Event(Kind.TYPE, start + place, inserted=1, text=one)
        for place, one in enumerate(text)
    )


def test_backspace_takes_out_the_character_before() -> None:
    done = replay(Log("a", keys("the cqt<<at sleeps"), final="the cat sleeps"))
    assert (done.owners != NOBODY).all()


def test_a_caret_that_moved_is_no_matter() -> None:
    # typed at the end, then at the beginning
    done = replay(Log("a", keys("sleeps all day long. The black cat "), final="The black cat sleeps all day long."))
    assert (done.owners != NOBODY).mean() > 0.95


def test_what_nobody_typed_is_explained_by_nobody() -> None:
    final = "Randomised participants lost weight over two years irrespective of their diets."
    done = replay(Log("a", keys("good and nice work "), final=final))
    assert (done.owners == NOBODY).mean() > 0.9


def test_a_key_explains_one_character_at_most() -> None:
    done = replay(Log("a", keys("abc "), final="abc abc abc abc "))
    explained = done.owners[done.owners != NOBODY]
    assert len(explained) == len(set(explained.tolist()))
    assert len(explained) <= 4


def test_ones_own_text_pasted_again_keeps_its_keys() -> None:
    text = "The cat sleeps all day. "
    paste = Event(Kind.PASTE, 99.0, inserted=len(text), text=text)
    done = replay(Log("a", (*keys(text), Event(Kind.CUT, 98.0, text=text), paste), final=text))
    assert (done.owners < len(text)).all()
    positioned = tuple(replace(event, position=place) for place, event in enumerate(keys(text)))
    cut = Event(Kind.CUT, 98.0, 0, 0, len(text), text)
    done = replay(Log("a", (*positioned, cut, replace(paste, position=0)), final=text))
    assert done.owners.tolist() == list(range(len(text)))


def test_what_is_undone_comes_back_with_its_owners() -> None:
    typed = tuple(replace(event, position=place) for place, event in enumerate(keys("a black cat")))
    erased = tuple(Event(Kind.DELETE, 50.0 + place, 10 - place, 0, 1) for place in range(9))
    back = Event(Kind.UNDO, 70.0, 2, 9, 0, None)
    done = replay(Log("a", (*typed, *erased, back), final="a black cat"))
    assert done.owners.tolist() == list(range(11))


def test_a_paste_that_was_edited_is_known_again() -> None:
    paste = "Adults lost an average of six kilograms in six months and regained weight after a year."
    final = paste.replace("six kilograms", "6 kg").replace("a year", "12 months")
    done = replay(
        Log("a", (Event(Kind.PASTE, 0.0, inserted=len(paste), text=paste), *keys("6 kg12 months")), final=final)
    )
    assert (done.owners == 0).mean() > 0.8


def test_blocks_are_blocks() -> None:
    rng = np.random.default_rng(0)
    one, other = ("".join(rng.choice(list("ab "), 400)) for _ in range(2))
    free = np.ones(len(one), bool)
    for place, there, length in blocks(one, free, other, 6):
        assert one[place : place + length] == other[there : there + length]
        assert length >= 6


def test_ten_megabytes_in_one_paste() -> None:
    rng = np.random.default_rng(0)
    text = rng.integers(97, 123, 10_000_000, dtype=np.uint8).tobytes().decode()
    began = time.perf_counter()
    done = replay(Log("a", (Event(Kind.PASTE, 0.0, inserted=len(text), text=text), *keys("good")), final=text[:-20]))
    assert (done.owners == 0).mean() > 0.99
    assert time.perf_counter() - began < 30


def test_copies_are_told_from_paraphrases() -> None:
    source = (
        "At 6 months, participants assigned to each diet had lost an average of 6 kg, which represented 7% of their "
        "initial weight; they began to regain weight after 12 months."
    )
    assert copied(source.upper().replace(",", ""), source) == 1
    assert copied("Everyone lost some six kilograms within half a year but put weight on again later.", source) == 0
    assert 0 < copied("Participants assigned to each diet had lost weight, and nothing else was seen.", source) < 0.8
    assert copied("", source) == 0
    assert copied("6 kg", source) == 1


def typed(text: str) -> list[Event]:
    """One key a character, from the beginning; no texts, as a recorder logs by default."""
    return [Event(Kind.TYPE, float(place), place, 1) for place in range(len(text))]


def test_what_was_all_typed_comes_back_as_typed() -> None:
    text = "a sentence of its own, and so on"
    n = len(text)
    doubled = [*typed(text), Event(Kind.UNDO, 99.0, n, n)]  # copied within the field: nothing was taken out
    in_two = [*typed(text), *(Event(Kind.DELETE, 99.0, 0, 0, n // 2) for _ in range(2)), Event(Kind.UNDO, 99.0, 0, n)]
    for events, final in ((doubled, text * 2), (in_two, text)):
        owners = replay(Log("a", tuple(events), final=final)).owners
        assert {events[number].kind for number in owners.tolist()} == {Kind.TYPE}


def test_what_came_in_by_two_ways_comes_back_unknown() -> None:
    events = (*typed("abcde"), Event(Kind.PASTE, 9.0, 5, 30, share=0.0), Event(Kind.UNDO, 10.0, 35, 20))
    assert replay(Log("a", events, final="abcde" + "x" * 50)).owners[-1] == 6


def test_other_blanks_are_blanks() -> None:
    pasted = "the mice that slept learned the maze twice as fast"
    for blank in "\u00a0\t\u202f":
        event = Event(Kind.PASTE, 1.0, inserted=len(pasted), text=pasted.replace(" ", blank))
        assert (replay(Log("a", (event,), final=pasted)).owners == 0).all()


def test_a_log_that_puts_in_more_than_any_answer_has_is_refused() -> None:
    events = tuple(Event(Kind.PASTE, 1.0, 0, 10**7) for _ in range(3))
    with pytest.raises(BadInput, match="puts in 30,000,000 characters"):
        replay(Log("a", events, final="abc"))
