"""The papers of a mix: what lies beside its data files, so that people and programs know what they have.

A manifest, a Croissant file, a data-set card, a bill of materials, and a signed statement of all of them. They know no
time, no machine and no name of the folder: the same mix has the same papers, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from outcross.core.provenance import Stratum
from outcross.core.wording import count_of
from outcross.guard.mix.assembled import Assembled
from outcross.guard.mix.manifest import MANIFEST, manifest, written
from outcross.guard.mix.promise import promise, signature
from outcross.guard.mix.statement import STATEMENT, sealed

if TYPE_CHECKING:
    from outcross.vault.keys import Key
    from outcross.vault.labels.description import Description

CROISSANT, CARD, BILL = "croissant.json", "README.md", "bill.html"


def prepare() -> None:
    """Have the templates of the page compiled, which takes longer than to fill them in: it can be done beside the work.

    Examples
    --------
    >>> prepare()
    """
    from outcross.report.sheet import sheets

    for name in ("bill.html", "sheet.html", "sheet_macros.html"):
        sheets().get_template(name)


def papers(assembled: Assembled, key: Key | None = None) -> dict[str, bytes]:
    """Return the papers of a mix: name of the file to its contents.

    Parameters
    ----------
    assembled
        The mix.
    key
        What signs the statement. Without one there is no statement, and the other papers say that nobody has signed:
        they show that a file was damaged, and not that somebody exchanged file and papers together.

    Returns
    -------
    dict
        ``manifest.json`` (everything, as JSON), ``croissant.json``, ``README.md`` (a data-set card by which
        ``datasets.load_dataset`` reads the folder), ``bill.html`` (for people) and, with a key, ``statement.json``
        (an in-toto link in a DSSE envelope, whose subjects are all the other files).

    Raises
    ------
    MissingLibrary
        If it is to be signed and ``cryptography`` is not installed.

    Examples
    --------
    >>> from outcross.core.inventory import Inventory
    >>> from outcross.core.provenance import Origin
    >>> from outcross.guard.mix.assembled import Material, Product
    >>> from outcross.guard.mix.planning import plan_mix
    >>> human = Stratum(Origin.HUMAN)
    >>> made = Assembled(
    ...     plan=plan_mix(Inventory({human: 4}), "accumulate", 3),
    ...     materials=(Material("cats.jsonl", "0" * 64, 4, "human"),),
    ...     products=(Product("data/mix-00000.parquet", "1" * 64, 900, 3),),
    ...     counts={human: 3},
    ...     seed=0,
    ...     command="outcross mix human=cats.jsonl --policy accumulate --budget 3 --out mixed",
    ...     columns=(("id", "text"), ("text", "text")),
    ...     licenses={},
    ...     generators={},
    ... )
    >>> sorted(papers(made))
    ['README.md', 'bill.html', 'croissant.json', 'manifest.json']
    """
    from outcross.report.bill import bill_page
    from outcross.vault.labels.card import card
    from outcross.vault.labels.croissant import croissant

    signer = None if key is None else key.public.fingerprint
    label = described(assembled, signer)
    found = {
        CROISSANT: (json.dumps(croissant(label), indent=2, ensure_ascii=False) + "\n").encode(),
        CARD: card(label).encode(),
        BILL: bill_page(assembled, signer).encode("utf-8", "replace"),
    }
    found[MANIFEST] = written(manifest(assembled, _digests(found), signer))
    if key is not None:
        found[STATEMENT] = sealed(assembled, _digests(found), key)
    return found


def _digests(contents: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(contents.items())}


def described(assembled: Assembled, signer: str | None = None) -> Description:
    """Return what a mix is, as all its labels are written from. It bears no date: the same mix has the same label.

    Examples
    --------
    See `papers`.
    """
    from outcross.vault.exporting import SAYS
    from outcross.vault.labels.description import Activity, Column, DataFile, Description, Parent, StratumCount

    named = {stratum.generator for stratum in assembled.counts}
    return Description(
        name=f"Mix by {assembled.plan.policy}",
        version="1.0.0",
        about="\n\n".join(_about(assembled, signer)),
        created=None,
        licenses=tuple(sorted(assembled.licenses)),
        files=tuple(
            DataFile(product.name, product.sha256, product.size, "parquet", product.records)
            for product in assembled.products
        ),
        columns=tuple(
            Column(name, kind, SAYS.get(name, ""), many=name == "parents") for name, kind in assembled.columns
        ),
        strata=tuple(StratumCount(stratum, count) for stratum, count in sorted(assembled.counts.items(), key=_by_name)),
        parents=tuple(Parent(name) for name in dict.fromkeys(material.name for material in assembled.materials)),
        activities=tuple(
            Activity(name, count) for name, count in sorted(assembled.generators.items()) if name not in named
        ),
    )


def _by_name(counted: tuple[Stratum, int]) -> str:
    return str(counted[0])


def _about(assembled: Assembled, signer: str | None) -> Iterator[str]:
    plan = assembled.plan
    yield (
        f"{count_of(assembled.records, 'record')}, chosen by the policy {plan.policy} with seed {assembled.seed} from "
        f"{count_of(len(assembled.materials), 'source')}. {promise(plan)}"
    )
    if plan.notes:
        yield " ".join(plan.notes)
    yield f"Made again, byte for byte, by: {assembled.command}"
    yield signature(signer)
