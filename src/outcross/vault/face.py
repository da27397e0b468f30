"""What `import outcross` offers of the vault, in one place: it is loaded when the first of it is asked for."""

from __future__ import annotations

from outcross.vault.adding import Receipt, Request
from outcross.vault.compaction import Compaction
from outcross.vault.exporting import export
from outcross.vault.keys import Key, PublicKey, load_key, make_key
from outcross.vault.labelling import EVIDENCE
from outcross.vault.labels.card import card
from outcross.vault.labels.croissant import croissant
from outcross.vault.labels.description import Description
from outcross.vault.labels.iptc import SourceType
from outcross.vault.labels.prov import prov
from outcross.vault.labels.register import Register
from outcross.vault.labels.stamp import Stamp
from outcross.vault.labels.stamp import stamp as label
from outcross.vault.labels.table import label_table, own_outputs
from outcross.vault.lineage import Lineage, lineage
from outcross.vault.proving import Proven, check_proof, prove
from outcross.vault.vault import Vault
from outcross.vault.verification import Finding, Verification
from outcross.vault.verifying import verify
from outcross.vault.withdrawal import Withdrawal, plan_withdrawal

__all__ = [
    "EVIDENCE",
    "Compaction",
    "Description",
    "Finding",
    "Key",
    "Lineage",
    "Proven",
    "PublicKey",
    "Receipt",
    "Register",
    "Request",
    "SourceType",
    "Stamp",
    "Vault",
    "Verification",
    "Withdrawal",
    "card",
    "check_proof",
    "croissant",
    "export",
    "label",
    "label_table",
    "lineage",
    "load_key",
    "make_key",
    "own_outputs",
    "plan_withdrawal",
    "prov",
    "prove",
    "verify",
]
