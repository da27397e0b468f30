"""The part grammar: one string is configuration, command-line argument, log line and cache key.

A *part* is a frozen dataclass in a file that bears its name, on a *shelf* (a folder); its fields are its settings. The
folder is the register: nothing else lists parts. ``anchor(real=0.1)`` builds one, `words` prints it back, and
``build(kind, words(part)) == part``. Parts of other packages come in by entry points named ``outcross.<shelf>``.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import itertools
import keyword
import pkgutil
import re
import warnings
from abc import ABC
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar, TypeVar

from outcross.core.errors import BadSetting, OutcrossError, UnknownPart, nearest
from outcross.core.setting import Setting, settings_of

SHELVES = {
    "model": "models",
    "policy": "policies",
    "metric": "metrics",
    "population": "populations",
    "engine": "engines",
    "verdict": "verdicts",
    "training": "trainings",
    "decoding": "decodings",
    "tracker": "trackers",
    "detector": "detectors",
    "quantifier": "quantifiers",
}


P = TypeVar("P", bound="Part")


class Part(ABC):
    """Something that can be named in a plan: its class is on a shelf, its fields are its settings.

    Every part checks its settings when it is made.

    Raises
    ------
    BadSetting
        If a setting has the wrong type or is out of range.

    Examples
    --------
    >>> words(build("policy", "anchor(real=0.1)"))
    'anchor(real=0.1)'
    """

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        for setting in settings_of(type(self)):
            value = setting.check(part_name(type(self)), getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)
        self.check()

    def check(self) -> None:  # noqa: B027  # most parts have nothing to add
        """Refuse settings that do not go together; most parts have nothing to add here."""

    def __str__(self) -> str:
        return words(self)


def part_name(part: type) -> str:
    """Return the name of a part class: its class name in snake case, which is also its file's name.

    Examples
    --------
    >>> class DistinctPerSample: ...
    >>> part_name(DistinctPerSample)
    'distinct_per_sample'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part.__name__).lower()


@cache
def parts(kind: str) -> dict[str, type[Part]]:
    """Return every part of a kind by name: the shelf's files, then other packages' entry points.

    Parameters
    ----------
    kind
        The name of a shelf's parts, see ``SHELVES``.

    Raises
    ------
    UnknownPart
        If there is no such kind.

    Examples
    --------
    >>> "replace" in parts("policy")
    True
    """
    if kind not in SHELVES:
        raise UnknownPart(f"no kind of part is called '{kind}'{nearest(kind, SHELVES)}")
    shelf = f"outcross.{SHELVES[kind]}"
    found: dict[str, type[Part]] = {}
    for module in pkgutil.iter_modules(importlib.import_module(shelf).__path__):
        if not module.name.startswith("_"):
            found[module.name] = _class_in(f"{shelf}.{module.name}", kind)
    for point in entry_points(group=shelf):
        stranger = _stranger(point, kind)
        if stranger is not None:
            found.setdefault(point.name, stranger)
    return dict(sorted(found.items()))


def _stranger(point: EntryPoint, kind: str) -> type[Part] | None:
    """The part of another package; left out with a warning where it cannot be used, for the others still can."""
    try:
        part = point.load()
    except Exception as error:
        warnings.warn(f"the {kind} '{point.name}' of {point.value} is left out: {error}", stacklevel=2)
        return None
    good = inspect.isclass(part) and issubclass(part, Part) and part.kind == kind and part_name(part) == point.name
    if not good:
        why = f"it is not a {kind} class of that name in snake case"
        warnings.warn(f"the {kind} '{point.name}' of {point.value} is left out: {why}", stacklevel=2)
    return part if good else None


def _class_in(module: str, kind: str) -> type[Part]:
    """The one part class that a shelf's file defines."""
    classes = [
        member
        for _, member in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if member.__module__ == module and issubclass(member, Part) and member.kind == kind
    ]
    named = [member for member in classes if part_name(member) == module.rpartition(".")[2]]
    if len(named) != 1:
        raise UnknownPart(f"{module} defines no {kind} of its own name")
    return named[0]


def find(kind: str, name: str) -> type[Part]:
    """Return the class of a part by its name.

    Raises
    ------
    UnknownPart
        With the nearest name, if there is none.

    Examples
    --------
    >>> find("policy", "acumulate")
    Traceback (most recent call last):
    ...
    outcross.core.errors.UnknownPart: no policy is called 'acumulate'; did you mean 'accumulate'?
    """
    known = parts(kind)
    if name not in known:
        raise UnknownPart(f"no {kind} is called '{name}'{nearest(name, known)}")
    return known[name]


def build(kind: str, text: str) -> Any:
    """Build a part from its words.

    Parameters
    ----------
    kind
        The shelf, for example ``"policy"``.
    text
        ``name`` or ``name(setting=value, ...)``. Values are numbers, ``true``, ``false``, ``none``, words
        (quoted or not), lists, or other parts.

    Returns
    -------
    Part
        The part; `BadSetting` or `UnknownPart` where the words are wrong.

    Examples
    --------
    >>> build("policy", "anchor(real=0.1)")
    Anchor(real=0.1)
    >>> build("policy", "filtered(policy=accumulate, keep=0.7)").policy
    Accumulate()
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadSetting(f"cannot read '{text[:60]}'; parts are written like name(setting=value)") from None
    return _build(kind, tree, text)


def as_part(root: type[P], given: object) -> P:
    """Return a part that was given as an object or by its words.

    Parameters
    ----------
    root
        The base class of its kind, for example ``Policy``.
    given
        The part, or its words.

    Raises
    ------
    BadSetting
        If it is neither.

    Examples
    --------
    >>> from outcross.core.policy import Policy
    >>> as_part(Policy, "replace") == as_part(Policy, build("policy", "replace"))
    True
    >>> as_part(Policy, 5)
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: a policy is wanted, or its words, not 5
    """
    part = build(root.kind, given) if isinstance(given, str) else given
    if not isinstance(part, root):
        raise BadSetting(f"a {root.kind} is wanted, or its words, not {given!r}")
    return part


def _build(kind: str, tree: ast.expr, text: str) -> Part:
    if isinstance(tree, ast.Name):
        return _make(find(kind, tree.id), {}, text)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.args:
        part = find(kind, tree.func.id)
        known = {setting.name: setting for setting in settings_of(part)}
        given = {}
        for given_one in tree.keywords:
            if given_one.arg is None or given_one.arg not in known:
                hint = nearest(str(given_one.arg), known) or "; it has no settings"
                raise UnknownPart(f"{tree.func.id} has no setting '{given_one.arg}'{hint}")
            if given_one.arg in given:
                raise BadSetting(f"{tree.func.id}: {given_one.arg} is given twice")
            given[given_one.arg] = _value(known[given_one.arg], given_one.value, text)
        return _make(part, given, text)
    raise BadSetting(f"cannot read '{text}'; parts are written like name(setting=value)")


def _make(part: type[Part], given: dict[str, Any], text: str) -> Part:
    missing = [s.name for s in settings_of(part) if s.required and s.name not in given]
    if missing:
        name = part_name(part)
        raise BadSetting(f"{name} needs {' and '.join(missing)}, for example {example(part)}; given was '{text}'")
    return part(**given)


def _value(setting: Setting, tree: ast.expr, text: str) -> Any:
    nested = nested_kind(setting)
    absent = isinstance(tree, ast.Name) and tree.id in ("none", "None") and setting.optional
    if nested is not None and not absent:
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return build(nested, tree.value)
        return _build(nested, tree, text)
    if isinstance(tree, ast.Name):
        plain = {"true": True, "false": False, "none": None, "True": True, "False": False, "inf": float("inf")}
        return plain.get(tree.id, tree.id)
    if isinstance(tree, ast.List | ast.Tuple):
        return tuple(_value(setting, item, text) for item in tree.elts)
    try:
        return ast.literal_eval(tree)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise BadSetting(f"cannot read the value of {setting.name} in '{text}'") from None


def nested_kind(setting: Setting) -> str | None:
    """Return the kind of part that a setting holds (or may hold, beside none); None where it holds no part.

    Examples
    --------
    >>> [nested_kind(setting) for setting in settings_of(find("policy", "filtered"))]
    ['policy', None, None]
    """
    held = [kind for kind in setting.alternatives if isinstance(kind, type) and issubclass(kind, Part)]
    return held[0].kind if held else None


def words(part: Part) -> str:
    """Return the words that build this part again; settings at their default are left out.

    Examples
    --------
    >>> words(build("policy", "filtered(keep=0.7, policy=accumulate)"))
    'filtered(policy=accumulate, keep=0.7)'
    """
    shown = []
    for setting in settings_of(type(part)):
        value = getattr(part, setting.name)
        if setting.required or value != setting.default:
            shown.append(f"{setting.name}={_print(value)}")
    name = part_name(type(part))
    return f"{name}({', '.join(shown)})" if shown else name


def _print(value: object) -> str:
    if isinstance(value, Part):
        return words(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_print, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        bare = value.isidentifier() and value not in {"true", "false", "none", "True", "False", "None", "inf"}
        return value if bare and value.isascii() and not keyword.iskeyword(value) else repr(value)
    return repr(value)


def example(part: type[Part]) -> str:
    """Return words that would build this part: a middling value for every setting that must be given.

    Examples
    --------
    >>> example(find("policy", "anchor"))
    'anchor(real=0.5)'
    """
    name = part_name(part)
    needed = [(setting.name, _middling(setting)) for setting in settings_of(part) if setting.required]
    if not needed:
        return name
    for values in itertools.product(*(values for _, values in needed)):
        text = f"{name}({', '.join(f'{key}={value}' for (key, _), value in zip(needed, values, strict=True))})"
        try:
            build(part.kind, text)
        except OutcrossError:
            continue
        break
    return text


def _middling(setting: Setting) -> list[str]:
    """Words to try for a setting that must be given: a middling number, or any part that needs no settings."""
    nested = nested_kind(setting)
    if nested is not None:
        return [name for name, part in parts(nested).items() if _plain_part(part)]
    if setting.type is str:
        return [setting.name]
    low = max((r.low for r in setting.ranges), default=0.0)
    high = min((r.high for r in setting.ranges), default=low + 2)
    low = 0.0 if low == -float("inf") else low
    high = low + 2 if high == float("inf") else high
    middle = (low + high) / 2
    return [str(int(middle)) if setting.type is int else repr(middle)]


def _plain_part(part: type[Part]) -> bool:
    return not any(setting.required for setting in settings_of(part))


def settings(part: Part) -> dict[str, Any]:
    """Return a part's settings as a dictionary.

    Examples
    --------
    >>> settings(build("policy", "anchor(real=0.1)"))
    {'real': 0.1}
    """
    return {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}  # type: ignore[arg-type]
