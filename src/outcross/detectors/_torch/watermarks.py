"""Watermarks through `transformers`: how far a text's tokens are above what text without the mark gives."""

from __future__ import annotations

import io
import socket
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from huggingface_hub import constants
from transformers import (
    AutoConfig,
    AutoTokenizer,
    SynthIDTextWatermarkingConfig,
    WatermarkDetector,
    WatermarkingConfig,
)
from transformers.utils import logging

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutcrossError, nearest

if TYPE_CHECKING:
    from outcross.detectors.watermark import Watermark

FIRST, LAST = 10.0, 1.0
"""Weights of SynthID's first and last layer (Dathathri et al. 2024, supplementary information)."""
NO_TOKEN = -1

Test = Callable[[torch.Tensor], float]
"""From the tokens of a text, shape (1, n), to its standard score."""


def standard_scores(settings: Watermark, texts: Sequence[str]) -> Floats:
    """Return the standard score of each text, shape (n,); NaN where it has no n-gram."""
    tokenizer, rows = _tokenizer(settings.tokenizer)
    test = _kgw if settings.scheme == "kgw" else _synthid
    try:
        device = torch.device(settings.device)
        score = test(settings, settings.vocabulary or rows, device)
    except (RuntimeError, AssertionError):
        raise BadSetting(f"there is no device '{settings.device}' here to draw its random numbers on") from None
    found = [score(_codes(tokenizer, text, device)) for text in texts]
    return np.array(found, dtype=np.float64)


def _kgw(settings: Watermark, rows: int, device: torch.device) -> Test:
    """The test of green lists."""
    how = WatermarkingConfig(
        greenlist_ratio=settings.greenlist_ratio,
        hashing_key=settings.hashing_key,
        seeding_scheme=settings.seeding_scheme,
        context_width=settings.context_width,
    )
    known = SimpleNamespace(bos_token_id=NO_TOKEN, is_encoder_decoder=False, vocab_size=rows)
    detector = WatermarkDetector(known, str(device), how, ignore_repeated_ngrams=True)
    ratio = detector.processor.greenlist_size / rows  # a list has a whole number of tokens
    if not 0 < ratio < 1:
        raise BadSetting(f"watermark: {settings.greenlist_ratio:g} of {rows} tokens is no green list")

    def score(codes: torch.Tensor) -> float:
        if codes.shape[1] <= settings.context_width:
            return np.nan
        _check(codes, rows, settings)
        counted = detector(codes, return_dict=True)
        number, green = float(counted.num_tokens_scored[0]), float(counted.num_green_tokens[0])
        return float((green - ratio * number) / np.sqrt(number * ratio * (1 - ratio)))

    return score


def _synthid(settings: Watermark, rows: int, device: torch.device) -> Test:
    """The test of g values."""
    how = SynthIDTextWatermarkingConfig(
        ngram_len=settings.ngram_len,
        keys=list(settings.keys),
        context_history_size=settings.context_history_size,
        sampling_table_seed=settings.sampling_table_seed,
        sampling_table_size=settings.sampling_table_size,
    )
    processor = how.construct_processor(rows, device)
    mean = float(processor.sampling_table.double().mean())  # the table is drawn once: nearly a half
    layers = len(settings.keys)
    weight = np.linspace(FIRST, LAST, layers) if settings.weighted else np.ones(layers)

    def score(codes: torch.Tensor) -> float:
        if codes.shape[1] < settings.ngram_len:
            return np.nan
        new = processor.compute_context_repetition_mask(codes)[0].bool()
        values = processor.compute_g_values(codes)[0][new].double().cpu().numpy()
        spread = np.sqrt(len(values) * mean * (1 - mean) * np.sum(weight**2))
        return float(np.sum((values - mean) @ weight) / spread) if len(values) else np.nan

    return score


def _codes(tokenizer: Any, text: str, device: torch.device) -> torch.Tensor:
    """The tokens of a text, shape (1, n), with nothing before or after."""
    with _silent():
        found = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return torch.tensor([found], dtype=torch.long, device=device)


def _check(codes: torch.Tensor, rows: int, settings: Watermark) -> None:
    if int(codes.max()) >= rows:
        raise BadInput(
            f"the tokeniser {settings.tokenizer} has a token {int(codes.max())}, and a model with {rows} tokens cannot "
            "have written it; give the vocabulary of the model"
        )


@lru_cache(maxsize=2)
def _tokenizer(name: str) -> tuple[Any, int]:
    """A tokeniser, and the number of tokens that its model has."""
    path = Path(name).expanduser()
    if name.lower().endswith(".gguf"):
        if not path.is_file():
            raise MissingInput(f"no file '{name}'")
        place, how = str(path.parent), {"gguf_file": path.name}
    else:
        if name.startswith((".", "/", "~")) and not path.is_dir():
            beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
            raise MissingInput(f"no folder '{name}'{nearest(path.name, beside)}")
        place, how = str(path) if path.is_dir() else name, {}
    tokenizer = _read(name, lambda **local: AutoTokenizer.from_pretrained(place, **how, **local))
    try:
        rows = _read(name, lambda **local: AutoConfig.from_pretrained(place, **how, **local)).vocab_size
    except (OutcrossError, AttributeError):  # a tokeniser without its model
        rows = len(tokenizer)
    return tokenizer, int(rows)


def _read(name: str, read: Callable[..., Any]) -> Any:
    """What is on this machine, else what the hub has, or the reason why not in one line."""
    try:
        with _silent():
            try:
                return read(local_files_only=True)
            except OSError:
                if Path(name).expanduser().exists() or not _reachable():
                    raise
                return read()
    except OSError:
        raise MissingInput(
            f"no tokeniser '{name}': no such folder here, and the hub has none of that name or cannot be reached"
        ) from None
    except Exception as error:  # whatever the library raises
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise BadInput(f"'{name}' cannot be read as a tokeniser: {first[:200]}") from None


def _reachable() -> bool:
    """Whether the hub has an address here: without a network its library would try again and again for a minute."""
    if constants.HF_HUB_OFFLINE:
        return False
    if urllib.request.getproxies():
        return True
    try:
        socket.getaddrinfo(urllib.parse.urlsplit(constants.ENDPOINT).hostname, 443)
    except OSError:
        return False
    return True


@contextmanager
def _silent() -> Iterator[None]:
    """Bars and warnings of the library go nowhere in the block; errors are raised."""
    level = logging.get_verbosity()
    logging.set_verbosity(logging.CRITICAL)
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(level)
