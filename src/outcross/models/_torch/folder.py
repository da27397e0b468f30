"""A fitted language model as a folder: weights and tokeniser as `transformers` opens them, and ours beside them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError

from outcross.core.errors import BadInput, MissingInput, OutputRefused
from outcross.core.text import Vocabulary
from outcross.core.training import Trained
from outcross.models._torch import bpe, gpt, hub
from outcross.models._torch.handle import Handle
from outcross.models._torch.tokens import Tokens

if TYPE_CHECKING:
    from outcross.models.transformer import FittedTransformer

OURS = "outcross.json"


def write_folder(folder: Path, fitted: FittedTransformer) -> None:
    """Write a model to an existing folder.

    Raises
    ------
    OSError, OutputRefused
        If the disk is full, or the folder cannot be written to.
    """
    network = fitted.handle.network()
    own = isinstance(network, gpt.GPT)
    try:
        if own:
            gpt.save(network, folder, fitted.tokens.end)
        else:
            hub.save(network, folder)
    except SafetensorError as error:
        raise OutputRefused(f"the weights could not be written: {error}") from error
    fitted.tokens.save(folder)
    told = {
        "own": own,
        "digest": fitted.digest,
        "window": fitted.settings.view()[0],
        "longest": fitted.longest,
        "trained": None if fitted.trained is None else dataclasses.asdict(fitted.trained),
        "prompts": [prompt.tolist() for prompt in fitted.prompts],
        "words": fitted.vocabulary.words,
        "unit": fitted.vocabulary.unit,
    }
    (folder / OURS).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def read_folder(folder: Path) -> tuple[Handle, Tokens, int, dict[str, Any]]:
    """Return the handle on the weights in a folder, the tokeniser, the window, and what else it is made of.

    Raises
    ------
    MissingInput
        If the folder holds no model that was saved here.
    BadInput
        If it is damaged.
    """
    try:
        told = json.loads((folder / OURS).read_text(encoding="utf-8"))
        own, window, trained = told["own"], told["window"], told["trained"]
        rest = {
            "vocabulary": Vocabulary(tuple(told["words"]), told["unit"]),
            "longest": told["longest"],
            "trained": trained and Trained(tuple(trained["losses"]), tuple(trained["validation"]), trained["best"]),
            "prompts": tuple(np.array(prompt, dtype=np.int64) for prompt in told["prompts"]),
        }
        digest = told["digest"]
    except FileNotFoundError:
        raise MissingInput(f"there is no model in '{folder}' (no {OURS})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"the model in '{folder}' cannot be read: {error}") from None
    tokens: Tokens = bpe.load(folder) if own else hub.tokens(str(folder))
    return Handle(lambda: gpt.load(folder) if own else hub.network(str(folder)), digest), tokens, window, rest
