"""A proof of a record holds without the vault, and no changed bit of it does."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from outcross.core.errors import BadInput, MissingInput, NotProven
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.vault.keys import Key
from outcross.vault.proof import TlogProof
from outcross.vault.proving import check_proof, prove
from outcross.vault.vault import Vault


@pytest.fixture
def filled(vault: Vault) -> Vault:
    for start in (0, 5, 12):
        texts = [f"Cat {number} sleeps." for number in range(start, start + 5 + start % 3)]
        vault.add(Texts.of(texts), Provenance(Origin.HUMAN, source="diary"))
    return vault


def test_every_record_can_be_proven(filled: Vault) -> None:
    rows = filled.rows(np.arange(filled.log.rows), ["id", "text"])
    for name, text in rows.iter_rows():
        proven = check_proof(prove(filled, name), filled.log.key, filled.origin)
        assert proven.record["id"] == name and proven.is_text(text) and not proven.is_text(text + " ")
        assert proven.to_dict()["record"]["source"] == "diary"


def test_a_proof_holds_after_the_vault_has_grown_and_was_compacted(filled: Vault) -> None:
    name = filled.rows(np.array([7]), ["id"])["id"][0]
    before = prove(filled, name)
    filled.add(Texts.of(["One more cat."]), Provenance(Origin.HUMAN))
    filled.compact()
    after = prove(filled, name)
    assert before != after
    assert check_proof(before, filled.log.key).record == check_proof(after, filled.log.key).record


def test_no_changed_proof_holds(filled: Vault) -> None:
    text = prove(filled, filled.rows(np.array([3]), ["id"])["id"][0])
    data, rng = text.encode(), np.random.default_rng(0)
    for _ in range(400):
        place, bit = int(rng.integers(len(data))), 1 << int(rng.integers(8))
        changed = bytearray(data)
        changed[place] ^= bit
        with pytest.raises((NotProven, BadInput, UnicodeDecodeError)):
            check_proof(bytes(changed).decode(), filled.log.key)


def test_what_a_proof_says_cannot_be_changed(filled: Vault) -> None:
    proof = TlogProof.of(prove(filled, filled.rows(np.array([3]), ["id"])["id"][0]))
    assert proof.extra is not None
    for old, new in (
        (b"diary", b"dairy"),
        (b'\\"origin\\":\\"human\\"', b'\\"origin\\":\\"mixed\\"'),
        (b'"index":3', b'"index":2'),
    ):
        assert old in proof.extra
        forged = TlogProof(proof.index, proof.path, proof.checkpoint, proof.extra.replace(old, new))
        with pytest.raises(NotProven):
            check_proof(forged.text(), filled.log.key)


def test_another_key_another_vault_and_no_record(filled: Vault, tmp_path: Path) -> None:
    text = prove(filled, filled.rows(np.array([0]), ["id"])["id"][0])
    with pytest.raises(NotProven):
        check_proof(text, Key.of_seed(bytes(32)).public)
    with pytest.raises(NotProven):
        check_proof(text, filled.log.key, "dogs-00")
    with pytest.raises(MissingInput, match="no record 'nobody'"):
        prove(filled, "nobody")
    with pytest.raises(BadInput, match="no version 2"):
        prove(filled, filled.rows(np.array([0]), ["id"])["id"][0], version=2)
    with pytest.raises(BadInput, match="not one of a record"):
        check_proof(TlogProof(0, (), TlogProof.of(text).checkpoint, b"{}").text(), filled.log.key)


def test_an_erased_record_cannot_be_proven_any_more(filled: Vault) -> None:
    name = filled.rows(np.array([2]), ["id"])["id"][0]
    filled.withdraw([name], "she asked", only=True)
    assert check_proof(prove(filled, name), filled.log.key).record["id"] == name
    filled.compact(erase=True)
    with pytest.raises(BadInput, match="was erased"):
        prove(filled, name)


def test_base64_of_the_extra_bytes_is_strict(filled: Vault) -> None:
    text = prove(filled, filled.rows(np.array([0]), ["id"])["id"][0])
    line = next(line for line in text.split("\n") if line.startswith("extra "))
    loose = "extra " + base64.b64encode(base64.b64decode(line[6:]) + b" ").decode()
    assert check_proof(text, filled.log.key).entry.commit == 1
    with pytest.raises((BadInput, NotProven)):
        check_proof(text.replace(line, loose.rstrip("=")), filled.log.key)


@pytest.mark.parametrize("index", (True, "1", 1.0))
def test_a_number_is_written_in_one_way(vault: Vault, index: object) -> None:
    vault.add(Texts.of(["one", "two"]), Provenance(Origin.HUMAN))
    proof = TlogProof.of(prove(vault, vault.rows(np.array([1]), ["id"])["id"][0]))
    extra = orjson.loads(proof.extra or b"")
    assert check_proof(proof.text(), vault.log.key).record["version"] == 1 == extra["index"]
    other = replace(proof, extra=orjson.dumps({**extra, "index": index}, option=orjson.OPT_SORT_KEYS))
    with pytest.raises(BadInput, match="not in the form"):
        check_proof(other.text(), vault.log.key)
