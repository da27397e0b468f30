"""What a core install brings: few packages, not large, and extras that all have something in them."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import PACKAGE, ROOT, Source, sources

LIMIT = 400e6
"""Bytes on disk."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def needed(distribution_: Distribution) -> list[Requirement]:
    """What a distribution requires here without any extra."""
    every = [Requirement(text) for text in distribution_.requires or []]
    return [found for found in every if found.marker is None or found.marker.evaluate({"extra": ""})]


def closure(roots: list[Requirement]) -> dict[str, Distribution]:
    """The distributions that requirements bring, by name, those that they require in turn included."""
    found: dict[str, Distribution] = {}
    waiting = list(roots)
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name not in found:
            found[name] = distribution(name)
            waiting += needed(found[name])
    return found


def size(files: list[Path]) -> int:
    """The bytes of the files that exist."""
    return sum(path.stat().st_size for path in files if path.is_file())


def test_a_core_install_is_under_the_limit() -> None:
    core = closure(needed(distribution("outcross")))
    sizes = {name: size([Path(str(file.locate())) for file in found.files or []]) for name, found in core.items()}
    sizes["outcross"] = size(list(PACKAGE.rglob("*")))
    assert sum(sizes.values()) < LIMIT, sorted(sizes.items(), key=lambda item: -item[1])[:8]


def test_the_core_has_no_heavy_package() -> None:
    heavy = {"torch", "transformers", "ray", "datasets", "scipy", "scikit-learn", "pandas", "pyarrow", "nltk"}
    assert not heavy & closure(needed(distribution("outcross"))).keys()


BUILDERS = {"test", "docs", "bench", "dev"}
"""Extras for those who work on outcross."""

IMPORTED_AS = {
    "vl-convert-python": "vl_convert",
    "backports-zstd": "backports",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
"""Distributions whose modules have another name."""


def declared() -> set[str]:
    """The top-level names that the dependencies and the extras for users bring."""
    extras = PROJECT["optional-dependencies"]
    of_users = [text for extra in extras.keys() - {*BUILDERS, "all"} for text in extras[extra]]
    texts = [*PROJECT["dependencies"], *of_users]
    names = {canonicalize_name(Requirement(text).name) for text in texts}
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


@pytest.mark.parametrize("source", sources(), ids=str)
def test_whatever_is_imported_is_declared(source: Source) -> None:
    imported = {name for name, _ in source.outside_imports()} - {"outcross"}
    assert imported <= declared() | sys.stdlib_module_names | {"compression"}


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_no_extra_is_empty(extra: str) -> None:
    assert PROJECT["optional-dependencies"][extra]


def test_all_means_every_extra_for_users() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    assert Requirement(everything).extras == PROJECT["optional-dependencies"].keys() - {*BUILDERS, "all"}


def test_the_version_is_said_once() -> None:
    import outcross

    assert outcross.__version__ == PROJECT["version"] == distribution("outcross").version
