"""Published models that are used as they are: each is read once in a process, whoever asks for it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from outcross.models._torch import hub
from outcross.models._torch.handle import HELD, Handle
from outcross.models._torch.tokens import Tokens
from outcross.models._torch.writers import places


def published(name: str) -> tuple[Handle, Tokens, int]:
    """Return a handle on the weights of a published model, its tokeniser, and how many tokens it reads.

    The same handle for the same name, so that detectors fitted on five folds do not hold five copies of the weights;
    the last two names are kept. A folder or file that was written anew is read anew. Errors are those of `hub.network`.
    """
    return _published(name, _age(name))


@lru_cache(maxsize=HELD)
def _published(name: str, _: int) -> tuple[Handle, Tokens, int]:
    network = hub.network(name)
    return Handle(network), hub.tokens(name), places(network)


def _age(name: str) -> int:
    """When the files of a model on this machine were last changed; 0 for a name on the hub."""
    path = Path(name).expanduser()
    files = list(path.iterdir()) if path.is_dir() else [path] if path.is_file() else []
    return max((file.stat().st_mtime_ns for file in files), default=0)
