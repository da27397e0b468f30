"""Verifying by address: the checkpoint of somebody else, and names that are chosen to mislead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.vault import verification
from outcross.vault.keys import Key
from outcross.vault.note import sign
from outcross.vault.objects import LocalObjects
from outcross.vault.vault import Vault
from outcross.vault.verifying import verify

HUMAN = Provenance(Origin.HUMAN)


def test_a_checkpoint_may_have_witnesses(vault: Vault) -> None:
    earlier = vault.checkpoint
    vault.add(Texts.of(["one"]), HUMAN)
    text = earlier.partition("\n\n")[0] + "\n"
    witnessed = earlier + sign(text, "witness.example", Key.of_seed(bytes(32))).rpartition("\n\n")[2]
    assert verify(vault.uri, checkpoint=witnessed, memory=False).sound
    forged = witnessed.replace("\n1\n", "\n2\n", 1)
    assert not verify(vault.uri, checkpoint=forged, memory=False).sound


def test_what_is_no_checkpoint_is_no_fault_of_the_vault(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("all is well\n")
    with pytest.raises(BadInput, match=r"note\.txt' is no checkpoint"):
        verify(vault.uri, checkpoint=tmp_path / "note.txt", memory=False)


def test_a_finding_is_one_line_whatever_a_file_is_called(vault: Vault) -> None:
    folder = os.fsencode(vault.uri)
    for name in (b"a\nsound: 1 commits", b"\xff\xfe", b"\x1b[2J"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"")
    found = verify(vault.uri, memory=False).faults
    assert len(found) == 3
    assert all(str(one).isprintable() and "is named by no commit" in str(one) for one in found)


def test_a_file_that_goes_while_others_are_listed_is_no_fault(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that found nothing to do has removed what it had put there."""
    names, once = LocalObjects.names, list[bool]()
    passing = Path(vault.uri, "records", f"{'0' * 64}.parquet")

    def listed(self: LocalObjects, prefix: str = "") -> object:
        if not once:
            once.append(True)
            passing.parent.mkdir(exist_ok=True)
            passing.write_bytes(b"cats")
            found = list(names(self, prefix))
            passing.unlink()
            return iter(found)
        return names(self, prefix)

    monkeypatch.setattr(LocalObjects, "names", listed)
    assert verification.verify(vault.objects).sound and once


def test_a_fault_is_found_while_others_write_all_the_time(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    names, count = LocalObjects.names, [0]
    Path(vault.uri, "other").write_bytes(b"cats")

    def listed(self: LocalObjects, prefix: str = "") -> object:
        count[0] += 1
        return iter([*names(self, prefix), (f"busy-{count[0]}", 1)])

    monkeypatch.setattr(LocalObjects, "names", listed)
    assert [one.file for one in verification.verify(vault.objects).faults] == ["other"]
