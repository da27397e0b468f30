"""A mix as one page: what is in it, what it was made of, what is promised of it, and how to make it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from outcross.core.provenance import Origin, Stratum
from outcross.guard.mix.promise import promise, signature
from outcross.guard.titles import stratum_title
from outcross.report.gauges import percent
from outcross.report.numerals import number, spaced
from outcross.report.sheet import Table, render_sheet

if TYPE_CHECKING:
    from markupsafe import Markup

    from outcross.core.measure import Measure
    from outcross.guard.mix.assembled import Assembled

ROWS = 40
"""Rows of a table that are shown; the manifest has all of them."""


def bill_page(assembled: Assembled, signer: str | None = None) -> str:
    """Return the bill of materials of a mix as a page.

    Parameters
    ----------
    assembled
        The mix.
    signer
        Fingerprint of the key that signs its statement.

    Examples
    --------
    See `outcross.guard.mix.papers.papers`.
    """
    return render_sheet("bill.html", _contents(assembled, signer))


def _contents(made: Assembled, signer: str | None) -> dict[str, Any]:
    plan, counts = made.plan, made.counts
    order = list(Origin)
    strata = sorted(counts, key=lambda s: (order.index(s.origin), s.generation, s.group or "", s.generator or ""))
    return {
        "made": made,
        "plan": plan,
        "promise": spaced(promise(plan)),
        "notes": [spaced(note) for note in plan.notes],
        "origins": [(str(origin), str(origin), _sum(counts, origin)) for origin in Origin],
        "generations": _generations(counts),
        "groups": _groups(counts),
        "floor": plan.floor / plan.budget,
        "floors": Table(
            ("group", "records"),
            tuple(plan.groups.items()),
            "Human records of each group at least, of all of them at once",
        ),
        "estimates": [
            (stratum_title(stratum), share, _stratum_note(share)) for stratum, share in plan.unlabelled.items()
        ],
        "strata": _table(
            ("stratum", "records", "share", "there are"),
            [
                (stratum_title(s), counts[s], percent(counts[s] / made.records), plan.inventory.counts.get(s))
                for s in strata
                if counts[s]
            ],
            "Records by stratum: origin, generation, group, generator",
        ),
        "materials": _table(
            ("source", "records", "said to be", "SHA-256"),
            [
                (one.name, one.records, one.origin or "by its own columns", _digest(one.sha256))
                for one in made.materials
            ],
            "Sources",
        ),
        "products": _table(
            ("file", "records", "bytes", "SHA-256"),
            [(one.name, one.records, one.size, _digest(one.sha256)) for one in made.products],
            "Files",
        ),
        "licenses": _known("licence", made.licenses, made.records),
        "generators": _known("model", made.generators, made.records),
        "facts": [
            ("Policy", plan.policy),
            ("Budget", plan.budget),
            ("Seed", str(made.seed)),
            ("Files", len(made.products)),
            ("Bytes", sum(one.size for one in made.products)),
        ],
        "signature": signature(signer),
        "signed": signer is not None,
    }


def _sum(counts: Mapping[Stratum, int], origin: Origin) -> int:
    return sum(count for stratum, count in counts.items() if stratum.origin is origin)


def _generations(counts: Mapping[Stratum, int]) -> list[tuple[str, str, int]]:
    """Records of models by how many models deep; nothing where there is one depth alone."""
    depths: dict[int, int] = {}
    for stratum, count in counts.items():
        if stratum.origin is Origin.SYNTHETIC:
            depths[stratum.generation] = depths.get(stratum.generation, 0) + count
    found = [(f"generation {depth}", "synthetic", depths[depth]) for depth in sorted(depths)]
    return found if len(found) > 1 else []


def _groups(counts: Mapping[Stratum, int]) -> Table | None:
    """Records by group and origin."""
    groups = sorted({stratum.group or "" for stratum in counts})
    if groups in ([], [""]):
        return None
    rows = []
    for group in groups:
        ours = {s: n for s, n in counts.items() if (s.group or "") == group}
        rows.append((group or "no group", *(_sum(ours, origin) for origin in Origin), sum(ours.values())))
    return _table(("group", *map(str, Origin), "all"), rows, "Records by group")


def _known(what: str, counts: Mapping[str, int], whole: int) -> Table:
    """Names with their records, the most frequent first, and how many name none."""
    rows: list[tuple[Any, ...]] = [
        (name, count, percent(count / whole)) for name, count in sorted(counts.items(), key=lambda one: (-one[1], one))
    ]
    silent = whole - sum(counts.values())
    if silent > 0:
        rows.append((f"names no {what}", silent, percent(silent / whole)))
    return _table((what, "records", "share"), rows, "")


def _digest(sha256: str) -> Markup:
    """A digest in two lines, so that the numbers beside it have room."""
    from markupsafe import Markup

    return Markup("<code>{}<br>{}</code>").format(sha256[:32], sha256[32:])


def _stratum_note(share: Measure) -> str:
    return share.reason or f"synthetic share, {percent(share.level)} interval"


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]], caption: str) -> Table:
    """The first rows; what they leave out is said under the name of the table."""
    every = list(rows)
    more = f"; {number(len(every) - ROWS)} more are in manifest.json" if len(every) > ROWS else ""
    return Table(head, tuple(every[:ROWS]), caption + more)
