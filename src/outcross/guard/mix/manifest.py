"""The manifest of a mix: what it was made of, how, and what it has become, as plain data in one form of bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from outcross.core.provenance import Stratum
from outcross.core.version import VERSION
from outcross.guard.mix.assembled import Assembled

MANIFEST = "manifest.json"
FORMAT = "outcross-mix/1"


def manifest(assembled: Assembled, papers: Mapping[str, str], signer: str | None) -> dict[str, Any]:
    """Return all that is known of a mix, as plain data.

    Parameters
    ----------
    assembled
        The mix.
    papers
        Its other papers, with their SHA-256.
    signer
        Fingerprint of the key that signs the statement; None where there is none.

    Examples
    --------
    See `outcross.guard.mix.papers.papers`.
    """
    return {
        "format": FORMAT,
        "outcross": VERSION,
        "command": assembled.command,
        "seed": assembled.seed,
        "plan": assembled.plan.to_dict(),
        "records": assembled.records,
        "counts": [{**_told(s), "records": n} for s, n in assembled.counts.items()],
        "materials": [asdict(one) for one in assembled.materials],
        "products": [asdict(one) for one in assembled.products],
        "columns": [{"name": name, "type": kind} for name, kind in assembled.columns],
        "licenses": dict(assembled.licenses),
        "generators": dict(assembled.generators),
        "papers": dict(papers),
        "signed": signer,
    }


def _told(stratum: Stratum) -> dict[str, Any]:
    return {**asdict(stratum), "origin": str(stratum.origin)}


def written(data: Mapping[str, Any]) -> bytes:
    r"""Return plain data as JSON in one form only, which people can read too: names sorted, two blanks a level, UTF-8.

    Examples
    --------
    >>> written({"b": 1, "a": "é"}).decode()
    '{\n  "a": "é",\n  "b": 1\n}\n'
    """
    form = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(data, option=form)
