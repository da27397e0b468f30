"""`outcross mix`: the training mix of a policy, with exact quotas, from vaults and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, final

import typer

import outcross as oc
from outcross.cli import columns, talk

THOUSANDS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def mix(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="A file, a folder, a vault; human=PATH, synthetic=PATH, vault:PATH."),
    ],
    budget: Annotated[str, typer.Option(metavar="RECORDS", help="How many records: 5000, 200K, 1M.")],
    policy: Annotated[
        str,
        typer.Option(
            help="How much is to be human: anchor(real=0.3), replace, accumulate; outcross list policies has all."
        ),
    ] = "anchor(real=0.3)",
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to: a new folder.")] = None,
    balance: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of groups, each of which keeps its share.")
    ] = None,
    text: columns.Text = "text",
    field: columns.Field = None,
    synthetic_share: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Of records of unknown origin: how many are synthetic, 0.2 or 0.1..0.3."),
    ] = None,
    human: Annotated[
        str | None, typer.Option(help="Human texts of the same kind, to estimate that share with; needs --synthetic.")
    ] = None,
    synthetic: Annotated[
        str | None, typer.Option(help="Synthetic texts of the same kind, to estimate that share with.")
    ] = None,
    confidence: Annotated[float, typer.Option(help="How surely as many records are human as were asked for.")] = 0.95,
    seed: columns.Seed = 0,
    engine: Annotated[
        str | None,
        typer.Option(help="Who does the work: threads, processes, serial, ray.", show_default="what is quickest"),
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The key that signs the statement.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the recipe and write nothing.")] = False,
    as_json: columns.AsJson = False,
) -> None:
    """Build a training mix with exact quotas. Exit 1 if a stratum has too few records."""
    if (human is None) != (synthetic is None):
        raise oc.BadSetting("--human and --synthetic are given together")
    known = columns.fields([*(field or []), *([f"text={text}"] if text != "text" else [])])
    with talk.progress_bar("mix") as advance, oc.listening(_Passes(advance)):
        mixed = oc.mix(
            sources,
            policy=policy,
            budget=_records(budget),
            out=out,
            balance=balance,
            fields=known,
            synthetic_share=None if synthetic_share is None else _share(synthetic_share),
            references=None if human is None or synthetic is None else (human, synthetic),
            confidence=confidence,
            seed=seed,
            engine=engine,
            key=key,
            dry_run=dry_run,
        )
    if mixed.rejected:
        total = talk.count(sum(mixed.rejected.values()), "row")
        file, line, reason = mixed.examples[0]
        talk.say(f"{total} of the sources left out, the first in {file}, record {line}: {reason}")
    if as_json:
        talk.print_json(mixed.to_dict())
    else:
        _show(mixed)


@final
class _Passes:
    """Counts the tasks of one pass after another, as if they were of one."""

    def __init__(self, advance: Callable[[int, int], None]) -> None:
        self._advance, self._before, self._done, self._total = advance, 0, 0, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if done < self._done or total != self._total:
            self._before += self._total
        self._done, self._total = done, total
        self._advance(self._before + done, self._before + total)


def _records(budget: str) -> int:
    found = re.fullmatch(r"([0-9][0-9_,]*(?:\.[0-9]+)?)([KMG]?)", budget.strip().upper())
    size = None if found is None else float(found[1].replace(",", "").replace("_", "")) * THOUSANDS[found[2]]
    if size is None or size != int(size):
        raise oc.BadSetting(f"a budget is a number of records: 5000, 200K, 1.5M; not '{budget}'")
    return int(size)


def _share(text: str) -> float | tuple[float, float]:
    try:
        low, dots, high = text.partition("..")
        bounds = (float(low), float(high if dots else low))
    except ValueError:
        raise oc.BadSetting(f"a synthetic share is written 0.2 or 0.1..0.3, not '{text}'") from None
    if not 0 <= bounds[0] <= bounds[1] <= 1:
        raise oc.BadSetting(f"a synthetic share lies in [0, 1], the lower bound first, not '{text}'")
    return bounds if dots else bounds[0]


def _show(mixed: oc.Mixed) -> None:
    plan = mixed.plan
    asked = {stratum: 0 for stratum in plan.inventory.counts}
    for draw in plan.recipe.draws:
        for stratum in draw.strata:
            asked[stratum] += draw.quota
    rows = [
        [str(s), f"{quota:,}", f"{plan.inventory.counts[s]:,}", f"{mixed.counts.get(s, 0):,}" if mixed.path else "-"]
        for s, quota in asked.items()
    ]
    drawn = f"{mixed.records:,}" if mixed.path else "-"
    rows.append(["together", f"{plan.budget:,}", f"{mixed.read:,}", drawn])
    head = ["stratum", "asked", "there", "drawn"]
    talk.print_table(f"{plan.policy}, {plan.budget:,} records", head, rows, head[1:])
    surely = "" if plan.confidence == 1 else f", at {100 * plan.confidence:g} % confidence"
    print(f"human at least: {plan.floor:,} ({talk.per_cent(plan.floor, plan.budget)}){surely}")
    for note in plan.notes:
        print(note)
    if mixed.path is not None:
        print(f"written: {mixed.path} ({talk.count(len(mixed.products), 'file')})")
