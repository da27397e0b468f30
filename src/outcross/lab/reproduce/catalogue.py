"""Every published experiment that can be done again: the TOML files of this folder. The folder is the register."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from outcross.core.errors import UnknownPart, nearest
from outcross.lab.reproduce.published import PublishedExperiment


@cache
def catalogue() -> dict[str, PublishedExperiment]:
    """Return every published experiment by its name.

    Examples
    --------
    >>> "gaussian" in catalogue()
    True
    """
    found = sorted((file for file in files(__package__).iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    texts = {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in found}
    return {name: PublishedExperiment.from_toml(name, text) for name, text in texts.items()}


def published_experiment(name: str) -> PublishedExperiment:
    """Return a published experiment by its name.

    Raises
    ------
    UnknownPart
        With the nearest name, if there is none.

    Examples
    --------
    >>> published_experiment("gausian")
    Traceback (most recent call last):
    ...
    outcross.core.errors.UnknownPart: no published experiment is called 'gausian'; did you mean 'gaussian'?
    """
    known = catalogue()
    if name not in known:
        raise UnknownPart(f"no published experiment is called '{name}'{nearest(name, known)}")
    return known[name]
