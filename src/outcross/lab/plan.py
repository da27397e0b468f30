"""What is to be run, as plain data: a TOML file, the command line and the Python call are three spellings of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from outcross.core.errors import BadSetting, MissingInput, UnknownPart, nearest

MAIN_DATA = "builtin:python-reference"
MAIN_MODEL = "ngram"
MOST = 10**9
"""Of anything that is counted: what is more is a slip of the finger, and would only hang."""
LOWEST = {"generations": 0, "replicates": 1, "sample_size": 1, "limit": 1, "block": 1, "seed": 0}
"""What is counted, and the least of it."""
MAIN_POLICIES = ("replace", "accumulate", "anchor(real=0.1)")


@final
@dataclass(frozen=True)
class Plan:
    """A chain and how often it is run.

    Parameters
    ----------
    data
        A file, a folder, ``builtin:NAME``, ``hf:NAME``, or the words of a population.
    model
        Words of a model.
    policy
        Words of the policies to be compared.
    metric
        Words of metrics; empty for the usual ones of the model's kind of records.
    generations
        How many models are fitted, one after another.
    sample_size
        n, the records of a generation; none for as many as there are human training records (100 for a population).
    replicates
        How many independent chains.
    seed
        Seed of everything random.
    exact
        Take the exact path (true), do not (false), or where it is open (none).
    heldout
        Share of a corpus that no model is trained on; none for a tenth, and for symbols none at all.
    test
        Held-out human data of their own, read as the data are; then no share of the data is held out.
    until
        Condition to stop early, like ``variance < 0.01``.
    text, columns, group, unit, limit, block
        How a file is read: its text column, its numeric columns, the column of groups, what a word is, how many
        records at most, and how many words a record has that texts are cut into.

    Examples
    --------
    >>> Plan.from_toml(Plan(replicates=5).to_toml()) == Plan(replicates=5)
    True
    """

    data: str = MAIN_DATA
    model: str = MAIN_MODEL
    policy: tuple[str, ...] = MAIN_POLICIES
    metric: tuple[str, ...] = ()
    generations: int = 10
    sample_size: int | None = None
    replicates: int = 10
    seed: int = 0
    exact: bool | None = None
    heldout: float | None = None
    test: str | None = None
    until: str | None = None
    text: str = "text"
    columns: tuple[str, ...] = ()
    group: str | None = None
    unit: str = "word"
    limit: int | None = None
    block: int | None = None

    def __post_init__(self) -> None:
        for name, low in LOWEST.items():
            value = _whole(getattr(self, name))
            if value is not None and (not isinstance(value, int) or value < low):
                raise BadSetting(f"{name} must be a whole number >= {low}, not {value!r}")
            if value is not None and value > MOST and name != "seed":
                raise BadSetting(f"{name} must be at most {MOST:,}, not {value:,}")
            object.__setattr__(self, name, value)
        if self.heldout is not None and (not isinstance(self.heldout, int | float) or not 0 < self.heldout < 1):
            raise BadSetting(f"heldout must be a share in (0, 1), not {self.heldout!r}")
        if self.heldout is not None and self.test is not None:
            raise BadSetting("give heldout, a share of the data, or test, data of their own: not both")
        if self.unit not in ("word", "character", "space"):
            raise BadSetting(f"unit must be word, character or space, not {self.unit!r}")
        for name in ("data", "model", "text", "group", "until", "test"):
            value = getattr(self, name)
            if not isinstance(value, str) and not (value is None and name in ("group", "until", "test")):
                raise BadSetting(f"{name} must be text, not {value!r}")
        if self.exact is not None and not isinstance(self.exact, bool):
            raise BadSetting(f"exact must be true, false or left out, not {self.exact!r}")
        if not self.policy:
            raise BadSetting("a plan needs at least one policy")

    @property
    def digest(self) -> str:
        """A digest of the plan, for telling one run from another."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    def to_toml(self) -> str:
        """Return the plan as TOML; what is none is left out."""
        fields = {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, ())}
        return "".join(f"{name} = {_toml(value)}\n" for name, value in fields.items())

    @classmethod
    def from_toml(cls, text: str) -> Plan:
        """Read a plan.

        Raises
        ------
        BadSetting
            If the text is not TOML, or a value is not of its kind.
        UnknownPart
            If a plan has no such entry; the nearest name is offered.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"the plan is not TOML: {error}") from error
        return cls(**checked(given))

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read a plan from a file."""
        if not path.is_file():
            raise MissingInput(f"there is no plan '{path}'")
        try:
            return cls.from_toml(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise BadSetting(f"the plan '{path}' is not UTF-8 text") from error

    def command(self) -> str:
        """Return the command line that runs this plan."""
        default = Plan()
        options = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value == getattr(default, field.name) or value is None:
                continue
            flag = f"--{field.name.replace('_', '-')}"
            if isinstance(value, bool):
                options.append(flag if value else f"--no-{field.name}")
            else:
                options += [f"{flag} {_shell(one)}" for one in (value if isinstance(value, tuple) else (value,))]
        return " ".join(["outcross run", *options])


def _whole(value: Any) -> Any:
    """NumPy's whole numbers as Python's; anything else as it is, true and false as something that is no number."""
    if isinstance(value, bool):
        return str(value).lower()
    return operator.index(value) if isinstance(value, np.integer) else value


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of a plan with lists as tuples, one policy or metric as a list of one.

    Examples
    --------
    >>> checked({"policy": "replace", "replicates": 3})
    {'policy': ('replace',), 'replicates': 3}
    """
    known = {field.name: field for field in dataclasses.fields(Plan)}
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise UnknownPart(f"a plan has no entry '{name}'{nearest(name, known)}")
        several = name in ("policy", "metric", "columns")
        if several:
            value = (value,) if isinstance(value, str) else value
            if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
                raise BadSetting(f"{name} must be a list of words, not {value!r}")
            value = tuple(value)
        found[name] = value
    return found


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):  # a JSON string is a TOML string but for DEL, which TOML wants escaped
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _shell(value: object) -> str:
    import shlex

    return shlex.quote(str(value))
