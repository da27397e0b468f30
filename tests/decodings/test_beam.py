"""Beam search is one: exhaustive where the beams are many, that of `transformers` where they are few."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from outcross.core.part import build  # noqa: E402
from outcross.decodings.beam import Beam  # noqa: E402
from outcross.models._torch.writers import writer  # noqa: E402
from tests.decodings.books import Markov, seeds, table  # noqa: E402

START = torch.zeros(1, 1, dtype=torch.long)


def log_probability(logits: Any, text: Any) -> float:
    shares = logits.log_softmax(-1)
    path = [0, *text]
    return sum(float(shares[a, b]) for a, b in itertools.pairwise(path))


@pytest.mark.parametrize("key", range(5))
def test_with_enough_beams_it_finds_the_likeliest_text(key: int) -> None:
    logits = table(4, key)
    best = max(itertools.product(range(4), repeat=4), key=lambda text: log_probability(logits, text))
    (found,) = Beam(width=64).write(Markov(logits), START, 4, None, seeds(1))
    assert tuple(found) == best


@pytest.mark.parametrize("power", [0.0, 1.0])
@pytest.mark.parametrize("key", range(5))
def test_with_enough_beams_it_finds_the_best_text_that_ends(key: int, power: float) -> None:
    logits = table(4, key)
    texts = [t for n in range(1, 5) for t in itertools.product(range(4), repeat=n) if 3 not in t[:-1]]
    texts = [t for t in texts if t[-1] == 3 or len(t) == 4]
    best = max(texts, key=lambda text: log_probability(logits, text) / len(text) ** power)
    (found,) = Beam(width=100, length_penalty=power).write(Markov(logits), START, 4, 3, seeds(1))
    assert tuple(found) == tuple(token for token in best if token != 3)


@pytest.fixture(scope="module")
def network() -> Any:
    """A small GPT-2 of `transformers` that is sure of what it says."""
    from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

    torch.set_num_threads(1)
    config = GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=0, eos_token_id=3)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        made = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 2:
                parameter.mul_(8)
    made.generation_config = GenerationConfig()
    return made


def theirs(network: Any, prompts: Any, length: int, end: int | None, **settings: Any) -> list[list[int]]:
    """What ``generate`` writes, without the end token."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = network.generate(
            prompts,
            attention_mask=torch.ones_like(prompts),
            max_new_tokens=length,
            do_sample=False,
            eos_token_id=end,
            pad_token_id=0,
            **settings,
        )
    rows = found[:, prompts.shape[1] :].tolist()
    return [list(itertools.takewhile(lambda token: token != end, row)) for row in rows]


PROMPTS = torch.randint(4, 50, (12, 5), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("end", [1, None])
@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("greedy", {}),
        ("greedy(repetition_penalty=1.3)", {"repetition_penalty": 1.3}),
        ("beam(width=1)", {}),
        ("beam", {"num_beams": 5}),
        ("beam(width=3, length_penalty=0.0)", {"num_beams": 3, "length_penalty": 0.0}),
        ("beam(width=4, length_penalty=-1.0)", {"num_beams": 4, "length_penalty": -1.0}),
        ("beam(length_penalty=1.2)", {"num_beams": 5, "length_penalty": 1.2}),
        ("beam(repetition_penalty=1.3)", {"num_beams": 5, "repetition_penalty": 1.3}),
    ],
)
def test_it_writes_what_generate_writes(network: Any, words: str, settings: dict[str, Any], end: int | None) -> None:
    ours = build("decoding", words).write(writer(network), PROMPTS, 16, end, seeds(12))
    expected = theirs(network, PROMPTS, 16, end, **settings)
    assert [text.tolist() for text in ours] == expected
    assert end is None or len({len(text) for text in expected}) > 1, "no text ended: nothing was tested"


def test_its_texts_are_likelier_than_greedy_ones(network: Any) -> None:
    def probability(texts: list[np.ndarray]) -> Any:
        whole = torch.cat([PROMPTS, torch.as_tensor(np.stack(texts))], dim=1)
        with torch.no_grad():
            shares = network(whole).logits.log_softmax(-1)
        return shares[:, 4:-1].gather(2, whole[:, 5:, None]).sum((1, 2))

    beams, greedy = (
        build("decoding", words).write(writer(network), PROMPTS, 8, None, seeds(12)) for words in ("beam", "greedy")
    )
    assert (probability(beams) >= probability(greedy) - 1e-4).all()
    assert (probability(beams) > probability(greedy) + 1).any(), "it is greedy under another name"


def test_texts_that_are_done_are_not_searched_on() -> None:
    logits = torch.full((4, 4), -3.0)
    logits[:, 1] = 3.0  # goes on
    logits[[0, 2], 1] = -30.0
    logits[[0, 2], 3] = 9.0  # 0 and 2 are followed by the end
    chain = Markov(logits)
    prompts = torch.tensor([[2], [1], [2], [1]])
    Beam(width=2, length_penalty=0.0).write(chain, prompts, 8, 3, seeds(4))
    assert chain.widths == [4, 8, 4, 4, 4, 4, 4, 4], "two beams for each of the two texts that go on"
