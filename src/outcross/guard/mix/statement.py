"""A signed statement of what a mix was made of and what it has become: an in-toto link in a DSSE envelope."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from outcross.core.version import VERSION
from outcross.guard.mix.assembled import Assembled, Material

if TYPE_CHECKING:
    from outcross.vault.keys import Key

STATEMENT = "statement.json"
TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/link/v0.3"


def statement(assembled: Assembled, papers: Mapping[str, str], key: Key) -> dict[str, Any]:
    """Return the statement: its subjects are every file of the mix, its materials what the mix was made of.

    Parameters
    ----------
    assembled
        The mix.
    papers
        The other papers, the manifest among them, with their SHA-256.
    key
        What signs it. The public half is in it, so that the signature can be checked, though not whose it is, by
        somebody who does not have the key from elsewhere.

    Source: in-toto Attestation Framework, Statement v1 and Link v0.3 (github.com/in-toto/attestation, spec/v1 and
    spec/predicates/link.md): names of subjects and of materials are unique, ``command`` is a list of words.

    Examples
    --------
    See `outcross.guard.mix.papers.papers`.
    """
    plan = assembled.plan
    digests = {product.name: product.sha256 for product in assembled.products} | dict(papers)
    return {
        "_type": TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(digests.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "name": "mix",
            "command": shlex.split(assembled.command),
            "materials": list(_materials(assembled.materials)),
            "byproducts": {
                "policy": plan.policy,
                "budget": plan.budget,
                "recipe": plan.recipe.to_dict(),
                "floor": plan.floor,
                "confidence": plan.confidence,
                "seed": assembled.seed,
                "records": {str(stratum): count for stratum, count in assembled.counts.items()},
                "key": key.public.text(),
            },
            "environment": {"outcross": VERSION},
        },
    }


def sealed(assembled: Assembled, papers: Mapping[str, str], key: Key) -> bytes:
    """Return the statement, signed.

    Examples
    --------
    See `outcross.guard.mix.papers.papers`.
    """
    from outcross.vault.envelope import sealed as in_envelope
    from outcross.vault.head import compact

    return in_envelope(compact(statement(assembled, papers, key)), key)


def _materials(materials: tuple[Material, ...]) -> Iterator[dict[str, Any]]:
    """Materials as resource descriptors; of those that are called the same, all but the first get a number."""
    met: Counter[str] = Counter()
    names = {material.name for material in materials}
    for material in materials:
        name = material.name
        while met[material.name] and name in names:
            met[material.name] += 1
            name = f"{material.name} ({met[material.name]})"
        names.add(name)
        met[material.name] = max(1, met[material.name])
        told = {"records": material.records, "origin": material.origin, "checkpoint": material.checkpoint}
        yield {
            "name": name,
            "digest": {"sha256": material.sha256},
            "annotations": {key: value for key, value in told.items() if value is not None},
        }
