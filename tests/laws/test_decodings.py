"""What every decoding must obey; decodings are found by themselves."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from outcross.core.decoding import Decoding  # noqa: E402
from outcross.core.part import build, example, parts, words  # noqa: E402
from tests.decodings.books import Markov, seeds, table  # noqa: E402

DECODINGS = sorted(parts("decoding"))
VARIANTS = [
    *DECODINGS,
    "sampling(temperature=0.3)",
    "sampling(top_k=1)",
    "sampling(top_k=3, top_p=0.9)",
    "greedy(repetition_penalty=1.5)",
    "beam(width=3, repetition_penalty=1.5, length_penalty=0.0)",
]
END = 5
LOGITS = table(6, 4)


def write(text: str, prompts: int, length: int = 9, end: int | None = END, key: int = 0) -> list[np.ndarray]:
    """What a decoding writes after so many prompts."""
    first = torch.arange(prompts)[:, None] % 5
    decoding = build("decoding", text)
    assert isinstance(decoding, Decoding)
    return decoding.write(Markov(LOGITS), first, length, end, seeds(prompts, key))


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return [text.tolist() for text in one] == [text.tolist() for text in other]


@pytest.mark.parametrize("name", DECODINGS)
def test_words_build_it_again(name: str) -> None:
    decoding = build("decoding", example(parts("decoding")[name]))
    assert build("decoding", words(decoding)) == decoding


@pytest.mark.parametrize("text", VARIANTS)
@pytest.mark.parametrize("end", [END, None])
@pytest.mark.parametrize("length", [1, 9])
def test_there_is_a_text_for_each_prompt_within_the_length_and_without_end(
    text: str, end: int | None, length: int
) -> None:
    found = write(text, 17, length, end)
    assert len(found) == 17
    assert all(len(one) <= length and one.dtype == np.int64 for one in found)
    assert all(end not in one for one in found)
    assert end is not None or all(len(one) == length for one in found)
    assert all(((one >= 0) & (one < 6)).all() for one in found)


@pytest.mark.parametrize("text", VARIANTS)
def test_the_same_seed_gives_the_same_texts(text: str) -> None:
    assert same(write(text, 12), write(text, 12))


@pytest.mark.parametrize("text", ["sampling", "sampling(top_k=3, top_p=0.9)"])
def test_another_seed_gives_other_texts(text: str) -> None:
    assert not same(write(text, 12), write(text, 12, key=1))


@pytest.mark.parametrize("text", VARIANTS)
def test_a_text_does_not_depend_on_those_beside_it(text: str) -> None:
    assert same(write(text, 40)[:7], write(text, 7))


@pytest.mark.parametrize("text", VARIANTS)
def test_a_text_depends_on_its_own_prompt_and_seed_only(text: str) -> None:
    """Not on its place: what is shuffled beforehand comes out shuffled."""
    prompts, order = torch.arange(12)[:, None] % 5, np.random.default_rng(0).permutation(12)
    decoding = build("decoding", text)
    assert isinstance(decoding, Decoding)
    mine = seeds(12)
    shuffled = decoding.write(Markov(LOGITS), prompts[order], 9, END, [mine[i] for i in order])
    plain = decoding.write(Markov(LOGITS), prompts, 9, END, mine)
    assert same(shuffled, [plain[i] for i in order])


@pytest.mark.parametrize("text", [text for text in VARIANTS if "beam" not in text])
def test_a_longer_text_begins_like_a_shorter_one(text: str) -> None:
    long, short = write(text, 12, 9), write(text, 12, 4)
    assert same([one[:4] for one in long], short)


@pytest.mark.parametrize("text", ["greedy", "sampling(top_k=1)", "beam(width=1)"])
def test_the_likeliest_token_at_every_step(text: str) -> None:
    likeliest = LOGITS.argmax(-1).tolist()
    for first, one in zip(np.arange(5), write(text, 5, 6, None), strict=True):
        path = [int(first)]
        for _ in range(6):
            path.append(likeliest[path[-1]])
        assert one.tolist() == path[1:]


@pytest.mark.parametrize("name", DECODINGS)
def test_time_is_not_spent_on_texts_that_have_ended(name: str) -> None:
    logits = torch.full((6, 6), -20.0)
    logits[:4, END] = 20.0
    logits[4, 4] = 20.0
    chain = Markov(logits)
    found = build("decoding", name).write(chain, torch.tensor([[0]] * 31 + [[4]]), 6, END, seeds(32))
    assert [len(one) for one in found] == [0] * 31 + [6]
    assert chain.widths[0] == 32
    assert chain.widths[2] <= 5  # as many as a beam search has for one text
