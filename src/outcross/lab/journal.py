"""The run folder: what has been computed so far, so that a killed run goes on to a bit-identical result."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Records
from outcross.core.errors import OutputRefused
from outcross.core.metric import Reading
from outcross.core.model import Fitted, Neural
from outcross.core.records import Rows
from outcross.core.text import Texts
from outcross.core.version import VERSION
from outcross.lab.cabinet import Cabinet, Forgotten, write_digests
from outcross.lab.files import write_atomically
from outcross.lab.observe import Readings
from outcross.lab.pictures import Picture
from outcross.lab.plan import Plan
from outcross.lab.steps import Recorded, Step
from outcross.lab.trial import Excerpt, Outcome, Past, Shown, Trial

Arrays = dict[str, NDArray[np.generic]]


@final
@dataclass(frozen=True)
class Journal:
    """A folder that a run writes to as it goes.

    Parameters
    ----------
    folder
        The run folder; finished trials are files in its ``parts``, unfinished ones folders of generations.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = Journal(Path(folder))
    ...     journal.write_outcome(Trial(0, 0, 1, 0), Outcome({"m": np.ones((1, 2))}))
    ...     journal.outcome(Trial(0, 0, 1, 0)).values["m"].tolist()
    [[1.0, 1.0]]
    """

    folder: Path

    def holds(self, plan: Plan, data_digest: str, *, resume: bool) -> bool:
        """Return whether the folder holds this very run, finished.

        Raises
        ------
        OutputRefused
            If it holds a run of another plan, of other data or of another version, or of this one while ``resume`` was
            not asked for, or something that is no run at all.
        """
        state, mine = self._state, _identity(plan, data_digest)
        if state.is_file():
            try:
                theirs = json.loads(state.read_text())
            except ValueError:
                theirs = None
            if theirs != mine:
                if not self.finished and not (self.folder / "parts").exists():
                    return False  # that run never began, so there is nothing to lose
                what = _difference(theirs, mine)
                raise OutputRefused(f"'{self.folder}' holds a run of {what}; name another folder with --out")
            if not resume:
                raise OutputRefused(f"'{self.folder}' already holds this run; add --resume to go on, or name another")
        elif self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise OutputRefused(f"'{self.folder}' exists and is not a run folder; name another one with --out")
        return self.finished

    def open(self, plan: Plan, data_digest: str) -> None:
        """Take the folder for this plan; ask `holds` before."""
        write_atomically(self._state, json.dumps(_identity(plan, data_digest)).encode())
        write_atomically(self.folder / "plan.toml", plan.to_toml().encode())

    @property
    def _state(self) -> Path:
        return self.folder / "run.json"

    @property
    def finished(self) -> bool:
        """Whether the folder holds a whole history."""
        return (self.folder / "history.parquet").is_file()

    def close(self) -> None:
        """Remove the parts of a run whose history was saved, and list its models where there are any."""
        models, parts = self.folder / "models", self.folder / "parts"
        if not parts.exists():
            return
        if models.is_dir():
            write_digests(models, self.folder / "models.jsonl")
        shutil.rmtree(parts, ignore_errors=True)

    def outcome(self, trial: Trial) -> Outcome | None:
        """Return what a finished trial found, or None."""
        found = _load(self._part(trial))
        if found is None:
            return None
        arrays, meta = found
        values = {name: arrays[f"v{place}"].astype(np.float64) for place, name in enumerate(meta["names"])}
        shown = _shown(meta)
        return Outcome(values, meta["reasons"], shown.excerpts, shown.pictures)

    def write_outcome(self, trial: Trial, outcome: Outcome) -> None:
        """Keep what a trial found, and forget its single generations."""
        arrays: Arrays = {f"v{place}": values for place, values in enumerate(outcome.values.values())}
        meta = {
            "names": list(outcome.values),
            "reasons": outcome.reasons,
            **_plain(Shown(outcome.excerpts, outcome.pictures)),
        }
        write_atomically(self._part(trial), _pack(arrays, meta))
        shutil.rmtree(self._generations(trial), ignore_errors=True)

    def past(self, trial: Trial, like: Records, fitted: Callable[[int], Fitted | None] | None = None) -> Past:
        """Return the generations of an unfinished trial, up to the first that is missing.

        Where models are kept, the last of them is one whose model is still there, so that the chain can go on from it.

        Parameters
        ----------
        like
            Any batch of the chain's kind of records: it lends what is not saved with every generation (a vocabulary).
        fitted
            Gives the models that were kept, by generation; none where all are fitted again.
        """
        recorded: dict[int, Recorded] = {}
        readings: dict[int, Readings] = {}
        shown: dict[int, Shown] = {}
        last = 0
        while (found := _load(self._generations(trial) / f"{len(recorded) + 1:05d}.npz")) is not None:
            arrays, meta = found
            generation = len(recorded) + 1
            model = None if fitted is None else fitted(generation)
            if fitted is not None and model is None:
                break
            last = last if isinstance(model, Forgotten) else generation
            recorded[generation] = Recorded(
                _restore(like, arrays, meta["raw"], "b-"),
                _restore(like, arrays, meta["pooled"], "p-") if meta["pools"] else None,
                {name: arrays[f"s-{name}"].astype(np.float64) for name in meta["scores"]},
                model,
            )
            readings[generation] = {
                name: Reading(arrays[f"v{place}"].astype(np.float64), reason)
                for place, (name, reason) in enumerate(meta["readings"])
            }
            shown[generation] = _shown(meta)
        for generation in range(last + 1, len(recorded) + 1):
            del recorded[generation], readings[generation]
        return Past(recorded, readings, shown.get(last, Shown()))

    def write_generation(self, trial: Trial, step: Step, readings: Readings, shown: Shown) -> None:
        """Keep one generation of an unfinished trial."""
        arrays: Arrays = {f"b-{name}": array for name, array in step.output.arrays().items()}
        if step.pooled is not None:
            arrays |= {f"p-{name}": array for name, array in step.pooled.arrays().items()}
        arrays |= {f"s-{name}": array for name, array in step.scores.items()}
        arrays |= {f"v{place}": reading.values for place, reading in enumerate(readings.values())}
        meta = {
            "readings": [(name, reading.reason) for name, reading in readings.items()],
            "raw": _raw(step.output),
            "pools": step.pooled is not None,
            "pooled": None if step.pooled is None else _raw(step.pooled),
            "scores": list(step.scores),
            **_plain(shown),
        }
        write_atomically(self._generations(trial) / f"{step.generation:05d}.npz", _pack(arrays, meta))

    def cabinet(self, trial: Trial, model: Neural, keep_all: bool) -> Cabinet:
        """Return where the models of a trial are kept: for good, beside its history."""
        return Cabinet(self.folder / "models" / trial.name, model, keep_all)

    def _part(self, trial: Trial) -> Path:
        return self.folder / "parts" / f"{trial.name}.npz"

    def _generations(self, trial: Trial) -> Path:
        return self.folder / "parts" / trial.name


def _identity(plan: Plan, data_digest: str) -> dict[str, str]:
    return {"plan": plan.digest, "data": data_digest, "version": VERSION}


def _difference(theirs: object, mine: dict[str, str]) -> str:
    """What tells another run from mine, in words."""
    if not isinstance(theirs, dict) or theirs.get("plan") != mine["plan"]:
        return "another plan"
    return "other data" if theirs.get("data") != mine["data"] else f"outcross {theirs.get('version')}"


def _pack(arrays: Arrays, meta: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    np.savez(buffer, meta=text, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _load(path: Path) -> tuple[Arrays, Any] | None:
    if not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return arrays, json.loads(arrays.pop("meta").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # a damaged file is as good as none: what it held is computed again


def _raw(output: Batch) -> list[str] | None:
    return list(output.raw) if isinstance(output, Texts) and output.raw is not None else None


def _shown(meta: Any) -> Shown:
    return Shown([Excerpt(**one) for one in meta["excerpts"]], [Picture.read(one) for one in meta["pictures"]])


def _plain(shown: Shown) -> dict[str, Any]:
    return {
        "excerpts": [dataclasses.asdict(excerpt) for excerpt in shown.excerpts],
        "pictures": [picture.plain() for picture in shown.pictures],
    }


def _restore(like: Records, arrays: Arrays, raw: list[str] | None, prefix: str) -> Records:
    saved: dict[str, Any] = {name[2:]: array for name, array in arrays.items() if name.startswith(prefix)}
    if isinstance(like, Texts):
        saved["raw"] = raw and tuple(raw)
        if raw and saved["codes"].max(initial=0) >= len(like.vocabulary):  # its writer invented words
            texts = Texts.of(raw, like.vocabulary.extended(raw))
            saved |= {"codes": texts.codes, "starts": texts.starts, "vocabulary": texts.vocabulary}
    if isinstance(like, Texts | Rows):  # what a model writes has no groups unless they were saved with it
        saved.setdefault("group", None)
    return dataclasses.replace(like, weight=None, **saved)  # type: ignore[type-var]
