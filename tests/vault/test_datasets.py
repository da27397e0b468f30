"""Data sets of the library ``datasets`` enter as files do."""

from __future__ import annotations

import pytest

from outcross.core.provenance import Origin, Provenance
from outcross.vault.vault import Vault

datasets = pytest.importorskip("datasets")


def test_a_data_set_enters_with_all_that_it_says(vault: Vault) -> None:
    given = datasets.Dataset.from_dict({"text": ["A cat sleeps.", "It rains.", " "], "stars": [5, 1, 2]})
    receipt = vault.ingest(given.select([0, 1]), Provenance(Origin.HUMAN, source="reviews"), engine="serial")
    assert receipt is not None and receipt.added == 2
    rows = vault.rows(vault.catalog.positions(vault.inventory().human()), ["text", "source", "metadata"])
    assert rows.rows() == [("A cat sleeps.", "reviews", '{"stars":5}'), ("It rains.", "reviews", '{"stars":1}')]
    again = vault.ingest(given.select([0, 1]), Provenance(Origin.HUMAN, source="reviews"), engine="serial")
    assert again is not None and (again.commit, again.skipped) == (None, 2)
    assert vault.verify(records=True).sound and not vault.verify().remarks
