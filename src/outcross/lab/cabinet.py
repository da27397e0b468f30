"""Where the fitted models of one trial are kept: a folder each, so that a chain of large models stays in bounds."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import final

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, OutputRefused
from outcross.core.model import Fitted, Neural, Stored
from outcross.core.seed import Seed
from outcross.lab.files import write_atomically

WEIGHTS = "model.safetensors"
DIGEST = "digest.json"


@final
@dataclass(frozen=True)
class Forgotten(Stored):
    """A model of which only the digest is left: it stands for a generation that no later one needs.

    Parameters
    ----------
    digest
        BLAKE2b digest of the weights that it had.

    Examples
    --------
    >>> Forgotten("d41d").sample(1, Seed(0))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: the weights of model d41d were not kept
    """

    digest: str = ""

    def sample(self, n: int, seed: Seed) -> Batch:
        """Refuse to write."""
        raise BadInput(f"the weights of model {self.digest} were not kept")

    def save(self, folder: Path) -> None:
        """Refuse to be saved."""
        raise BadInput(f"the weights of model {self.digest} were not kept")


@final
@dataclass(frozen=True)
class Cabinet:
    """The models of a trial by generation.

    Parameters
    ----------
    folder
        The folder of the trial.
    model
        What can read them.
    keep_all
        Whether the weights of every generation are kept, or only those of the first and of the last.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> print(Cabinet(Path("nowhere"), build("model", "transformer"), False).get(1))
    None
    """

    folder: Path
    model: Neural
    keep_all: bool

    def put(self, generation: int, fitted: Fitted) -> Fitted:
        """Save a model and return it as a handle on its folder, whose weights are read when they are used.

        Raises
        ------
        OutputRefused
            If it cannot be written; nothing half written is left under its name.
        """
        if not isinstance(fitted, Stored):
            return fitted
        place = self._place(generation)
        draft = place.with_name(f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}")
        for old in self.folder.glob(".*"):  # what a kill left half written
            shutil.rmtree(old, ignore_errors=True)
        try:
            draft.mkdir(parents=True)
            fitted.save(draft)
            (draft / DIGEST).write_text(json.dumps({"generation": generation, "digest": fitted.digest}))
            _to_disk(draft)
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
        except OSError as error:
            raise OutputRefused(f"cannot write the model '{place}': {error.strerror or error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return self.model.load(place)

    def get(self, generation: int) -> Fitted | None:
        """Return the model of a generation that was saved, `Forgotten` if it was let go, or None."""
        place = self._place(generation)
        if not (place / DIGEST).is_file():
            return None
        if not (place / WEIGHTS).is_file():
            return Forgotten(json.loads((place / DIGEST).read_text())["digest"])
        return self.model.load(place)

    def forget(self, generation: int) -> None:
        """Let go of the model of a generation that no later one needs; its digest stays."""
        if generation == 1 or self.keep_all:
            return
        place = self._place(generation)
        (place / WEIGHTS).unlink(missing_ok=True)  # first: without it a model counts as let go, whatever a kill leaves
        for path in place.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != DIGEST:
                path.unlink()

    def _place(self, generation: int) -> Path:
        return self.folder / f"{generation:05d}"


def write_digests(models: Path, path: Path) -> None:
    """Write one line a model: trial, generation, digest, and whether its weights are kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_digests(Path(folder), Path(folder) / "models.jsonl")
    """
    lines = [
        json.dumps(
            {"trial": told.parts[-3], **json.loads(told.read_text()), "weights": (told.parent / WEIGHTS).is_file()}
        )
        for told in sorted(models.glob("*/*/digest.json"))
    ]
    write_atomically(path, "".join(line + "\n" for line in lines).encode())


def _to_disk(folder: Path) -> None:
    """Wait until the files of a folder are on disk, so that its new name never stands for half of them."""
    for path in filter(Path.is_file, folder.rglob("*")):
        with path.open("rb") as file:
            os.fsync(file.fileno())
