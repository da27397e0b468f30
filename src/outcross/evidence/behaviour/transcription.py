"""Was a text composed or transcribed? A model of the rhythm of typing, for texts that were typed.

The data are those of Crossley, Tian, Choi, Holmes and Morris (2024), *Plagiarism detection using keystroke logs*: 155
features of each of 366 essays, and of 366 transcripts of the same essays by other people at another time. So the
classes differ in more than what the writers did (two pools of workers, two periods, essays that were chosen because
they were good), and an accuracy within these data is an upper bound of what to expect elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.documents import Flags
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.seed import Seed
from outcross.corpus.files import existing
from outcross.evidence.behaviour.events import Log
from outcross.evidence.behaviour.logistic import Logistic
from outcross.evidence.behaviour.rhythm import derived, rhythm
from outcross.evidence.behaviour.verdict import Judged, Manner
from outcross.evidence.folds import grouped_folds
from outcross.lab.files import write_atomically

PUBLISHED = {"random forest, 155 features": 0.97, "best single feature (mean pause)": 0.84}
"""Accuracies of Crossley et al. (2024)."""

NOT_FEATURES = frozenset({"essayID", "random_id", "condition"})
"""Columns of the data that name an essay, a writer or the class."""


@final
@dataclass(frozen=True, eq=False)
class Rhythms:
    """Features of the typing of n texts, and which of them were transcribed.

    Parameters
    ----------
    names
        Names of the p features.
    values
        Shape (n, p); NaN where one is missing.
    transcribed
        Shape (n,).
    groups
        What must stay together when the texts are divided, shape (n,): an essay and its transcript.

    Examples
    --------
    >>> rhythms = Rhythms(("pause",), np.array([[1.0], [2.0]]), np.array([False, True]), ("a", "a"))
    >>> rhythms.only(["pause"]).values.shape
    (2, 1)
    """

    names: tuple[str, ...]
    values: Floats
    transcribed: Flags
    groups: tuple[str, ...]

    def only(self, names: Sequence[str]) -> Rhythms:
        """Return some of the features.

        Raises
        ------
        BadInput
            If one is not there.
        """
        missing = [name for name in names if name not in self.names]
        if missing:
            raise BadInput(f"the data have no feature '{missing[0]}'")
        places = [self.names.index(name) for name in names]
        return Rhythms(tuple(names), self.values[:, places], self.transcribed, self.groups)

    def as_logs_give(self) -> Rhythms:
        """Return the features that a log gives too, see `rhythm`, so that a model can be applied to logs."""
        found = derived(dict(zip(self.names, self.values.T, strict=True)))
        return Rhythms(tuple(found), np.stack(list(found.values()), axis=1), self.transcribed, self.groups)


def read_rhythms(authentic: str | Path, transcribed: str | Path) -> Rhythms:
    r"""Read the two files of features of Crossley et al.; an essay and its transcript are one group.

    Raises
    ------
    MissingInput
        If a file is not there.
    BadInput
        If the files have different columns, or no column ``essayID``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name, pause in (("a.csv", 1.5), ("b.csv", 0.7)):
    ...     _ = (folder / name).write_text(f"essayID,condition,mean_pause\n1,x,{pause}\n2,x,NA\n")
    >>> rhythms = read_rhythms(folder / "a.csv", folder / "b.csv")
    >>> rhythms.names, rhythms.groups, rhythms.transcribed.tolist()
    (('mean_pause',), ('1', '2', '1', '2'), [False, False, True, True])
    """
    import polars as pl

    tables = [
        pl.read_csv(existing(Path(path)), null_values=["NA", "NaN", ""], infer_schema_length=None)
        for path in (authentic, transcribed)
    ]
    if tables[0].columns != tables[1].columns or "essayID" not in tables[0].columns:
        raise BadInput(
            f"{Path(authentic).name} and {Path(transcribed).name} must have the same columns, essayID among them"
        )
    names = tuple(name for name in tables[0].columns if name not in NOT_FEATURES)
    both = pl.concat([table.select(pl.col(names).cast(pl.Float64, strict=False)) for table in tables])
    groups = tuple(str(essay) for table in tables for essay in table["essayID"].to_list())
    flags = np.repeat([False, True], [table.height for table in tables])
    values: Floats = both.to_numpy().astype(np.float64)
    return Rhythms(names, np.where(np.isfinite(values), values, np.nan), flags, groups)


@final
@dataclass(frozen=True, eq=False)
class Transcription:
    """A fitted model: the probability that a typed text was transcribed, not composed.

    Parameters
    ----------
    names
        The features it wants, in order.
    model
        Its logistic regression.
    about
        What it was fitted to and how well it did: sizes, accuracy, warnings.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flags = np.arange(60) % 2 == 1
    >>> pause = np.where(flags, 0.7, 1.5)[:, None] + rng.normal(0, 0.2, (60, 1))
    >>> rhythms = Rhythms(("mean_pause",), pause, flags, tuple(str(place // 2) for place in range(60)))
    >>> model = Transcription.fit(rhythms)
    >>> bool(model.probability([{"mean_pause": 0.7}])[0] > 0.9)
    True
    """

    names: tuple[str, ...]
    model: Logistic
    about: Mapping[str, Any]

    @classmethod
    def fit(cls, rhythms: Rhythms, penalty: float = 1.0, about: Mapping[str, Any] | None = None) -> Transcription:
        """Fit a logistic regression with a ridge penalty on standardised features and flags of missing ones."""
        known = {"texts": len(rhythms.transcribed), "transcribed": int(rhythms.transcribed.sum())}
        return cls(
            rhythms.names,
            Logistic.fit(rhythms.values, rhythms.transcribed, penalty),
            {**known, **(about or {}), "warning": "the two classes were typed by different pools of people"},
        )

    def probability(self, features: Iterable[Mapping[str, float | None]]) -> Floats:
        """Return the probability of transcription of each text by its features; NaN where it has none of them."""
        rows = [
            [np.nan if (value := one.get(name)) is None else float(value) for name in self.names] for one in features
        ]
        values = np.array(rows, dtype=np.float64).reshape(-1, len(self.names))
        found = self.model.probability(values)
        found[np.isnan(values).all(axis=1)] = np.nan
        return found

    def save(self, path: str | Path) -> Path:
        """Write it as plain arrays with a text of JSON (a ``.npz`` file without pickles)."""
        buffer = BytesIO()
        text = json.dumps({"names": self.names, "about": dict(self.about)})
        arrays: dict[str, Any] = {"json": np.array(text), **self.model.arrays()}
        np.savez(buffer, **arrays)
        return write_atomically(Path(path), buffer.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> Transcription:
        """Read what `save` has written.

        Raises
        ------
        BadInput
            If it is something else.
        """
        try:
            with np.load(existing(Path(path)), allow_pickle=False) as held:
                said = json.loads(str(held["json"]))
                model = Logistic.restore({name: held[name] for name in held.files if name != "json"})
                return cls(tuple(said["names"]), model, said["about"])
        except (ValueError, KeyError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise BadInput(f"{Path(path).name} is no model of transcription: {error}") from None


def transcribed(logs: Sequence[Log], judged: Sequence[Judged], model: Transcription) -> dict[int, float]:
    """Return the probability of transcription of every answer that was typed, by its place.

    An answer that was pasted, or is undetermined, has none; nor has one with fewer than a hundred keys, see `rhythm`.

    Examples
    --------
    >>> model = Transcription(("a",), Logistic.fit(np.array([[0.0], [1.0]]), np.array([False, True])), {})
    >>> transcribed([], [], model)
    {}
    """
    places = [place for place, one in enumerate(judged) if one.verdict is Manner.TYPED]
    found = model.probability([rhythm(logs[place]) for place in places])
    return {place: float(one) for place, one in zip(places, found, strict=True) if np.isfinite(one)}


def cross_validated(
    rhythms: Rhythms, seed: Seed, folds: int = 10, penalty: float = 1.0, classifier: Any = None
) -> Measure:
    """Return the accuracy on texts that were not fitted to, an essay and its transcript always on one side.

    Parameters
    ----------
    rhythms
        The data.
    seed
        For the folds.
    folds
        Number of folds.
    penalty
        Of the logistic regression.
    classifier
        Any classifier with scikit-learn's ``fit`` and ``predict`` in its place; it is copied for every fold, and
        missing features are those of the mean text, with flags beside them.

    Returns
    -------
    Measure
        Mean accuracy over essays (a pair counts once), with Student's interval over them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flags = np.arange(60) % 2 == 1
    >>> pause = np.where(flags, 0.7, 1.5)[:, None] + rng.normal(0, 0.2, (60, 1))
    >>> rhythms = Rhythms(("mean_pause",), pause, flags, tuple(str(place // 2) for place in range(60)))
    >>> cross_validated(rhythms, Seed(0), folds=5).value > 0.9
    True
    """
    fold = grouped_folds(rhythms.groups, rhythms.transcribed, folds, seed.child("folds"))
    right = np.zeros(len(fold))
    for number in range(int(fold.max()) + 1):
        held = fold == number
        said = _predicted(rhythms.values[~held], rhythms.transcribed[~held], rhythms.values[held], penalty, classifier)
        right[held] = said == rhythms.transcribed[held]
    groups = np.array(rhythms.groups)
    return Measure.mean_of([right[groups == group].mean() for group in dict.fromkeys(rhythms.groups)])


def _predicted(values: Floats, flags: Flags, others: Floats, penalty: float, classifier: Any) -> Flags:
    model = Logistic.fit(values, flags, penalty)
    if classifier is None:
        return np.asarray(model.probability(others) > 0.5)
    from copy import deepcopy

    fitted = deepcopy(classifier).fit(model.design(values), flags)
    return np.asarray(fitted.predict(model.design(others)), dtype=np.bool_)


def best_single_feature(rhythms: Rhythms, seed: Seed, folds: int = 10) -> tuple[str, Measure]:
    """Return the one feature that tells transcripts best by itself, and the accuracy of it.

    The feature is chosen on all data, so its accuracy is a little too high, as the published one is.

    Examples
    --------
    >>> flags = np.arange(40) % 2 == 1
    >>> values = np.stack([flags + 0.0, np.zeros(40)], axis=1)
    >>> best_single_feature(Rhythms(("a", "b"), values, flags, tuple(map(str, range(40)))), Seed(0), 2)[0]
    'a'
    """
    found = {name: cross_validated(rhythms.only([name]), seed, folds) for name in rhythms.names}
    best = max(found, key=lambda name: found[name].value or 0.0)
    return best, found[best]
