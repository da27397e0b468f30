"""A vault in an object store does what one in a folder does, and so it does after a writer was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.vault import vault as opening
from outcross.vault.adding import Request
from outcross.vault.exporting import export
from outcross.vault.keys import Key
from outcross.vault.objects import RemoteObjects
from outcross.vault.proving import check_proof, prove
from outcross.vault.vault import Vault
from tests.vault.conftest import Write

stores = pytest.importorskip("obstore.store")
HUMAN = Provenance(Origin.HUMAN, source="diary")


@pytest.fixture
def remote(key: Key, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """An empty vault in a store."""
    store = stores.MemoryStore()

    def objects(uri: str | Path, options: Mapping[str, str] | None = None) -> RemoteObjects:
        return RemoteObjects(store, str(uri))

    monkeypatch.setattr(opening, "objects", objects)
    return Vault.create("s3://bucket/cats", key=key, memory=False)


def test_all_that_is_done_in_a_folder_is_done_there(remote: Vault, write: Write, tmp_path: Path, key: Key) -> None:
    remote.add(Texts.of(["a cat sleeps", "it rains"]), HUMAN)
    path = write("a.jsonl", [{"id": "a", "text": "one"}, "{", {"id": "b", "text": "two", "parents": ["a"]}])
    request = Request((path,), Provenance(Origin.SYNTHETIC, 1), most=0.5)
    with pytest.raises(BadInput, match="--stage"):
        remote.ingest(request, engine="serial")
    receipt = remote.ingest(request, engine="serial", stage=tmp_path / "stage")
    assert receipt is not None and (receipt.added, receipt.rejected) == (2, {"broken-line": 1})
    assert not (tmp_path / "stage").exists()
    assert check_proof(prove(remote, "b"), key.public).is_text("two")
    assert remote.withdraw(["a"], "asked").records == 2
    assert remote.compact(erase=True).erased == 2
    assert export(remote, tmp_path / "out").records == 2
    again = Vault(remote.uri, memory=False)
    assert again.texts(np.flatnonzero(again.catalog.live)) == ["a cat sleeps", "it rains"]
    found = again.verify(records=True)
    assert found.sound and not found.remarks and found.records == 6


def test_a_data_set_is_staged_where_it_is_told(remote: Vault, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    receipt = remote.ingest(datasets.Dataset.from_dict({"text": ["one"]}), HUMAN, engine="serial", stage=tmp_path / "s")
    assert receipt is not None and receipt.added == 1


def test_a_writer_that_is_stopped_leaves_no_fault(
    remote: Vault, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.add(Texts.of(["one", "two"]), HUMAN)
    remote.add(Texts.of(["three"]), HUMAN)
    name = remote.rows(np.array([0]), ["id"])["id"][0]
    path = write("a.jsonl", [{"id": "a", "text": "four"}])
    put = RemoteObjects.put_new

    def stopped(self: RemoteObjects, name: str, data: bytes) -> bool:
        if name.startswith("_delta_log/"):
            raise KeyboardInterrupt
        return put(self, name, data)

    works: dict[str, Any] = {
        "add": lambda: remote.add(Texts.of(["five"]), HUMAN),
        "ingest": lambda: remote.ingest(path, HUMAN, engine="serial", stage=tmp_path / "stage"),
        "withdraw": lambda: remote.withdraw([name], "asked"),
        "compact": remote.compact,
    }
    for work in works.values():
        with monkeypatch.context() as patch:
            patch.setattr(RemoteObjects, "put_new", stopped)
            with pytest.raises(KeyboardInterrupt):
                work()
        found = remote.verify()
        assert found.sound and len(found.remarks) >= 2
    for work in works.values():
        work()
    assert remote.verify(records=True).sound
    assert remote.inventory().total() == 4
    assert remote.objects.put_new("records/ab.parquet", b"cats"), "what nobody announced is a fault still"
    assert [str(one)[:19] for one in remote.verify().faults] == ["records/ab.parquet "]
