"""A key, an empty vault, and files to add to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from outcross.vault.keys import Key, make_key
from outcross.vault.vault import Vault

Write = Callable[[str, Iterable[Mapping[str, Any] | str]], Path]


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """A key that all vaults of the tests are signed with."""
    return make_key(tmp_path_factory.mktemp("keys") / "key.pem")


@pytest.fixture
def vault(tmp_path: Path, key: Key) -> Vault:
    """An empty vault."""
    return Vault.create(tmp_path / "vault", name="cats", key=key, memory=False, time="2026-01-01T00:00:00Z")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write records, or lines as they are, as JSON lines."""

    def written(name: str, records: Iterable[Mapping[str, Any] | str]) -> Path:
        path = tmp_path / name
        path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records))
        return path

    return written
