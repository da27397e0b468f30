"""`outcross reproduce`: published experiments done again, published numbers beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import outcross as oc
from outcross.cli import talk


def reproduce(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A published experiment; 'list', or nothing, lists them.")
    ] = "list",
    scale: Annotated[str, typer.Option(help="small (seconds to minutes) or full (the published size).")] = "small",
    only: Annotated[
        list[str] | None, typer.Option(help="Run, or show, only this plan of the experiment; repeat for several.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Human data in place of those of the plans.")] = None,
    test: Annotated[str | None, typer.Option(help="Held-out human data of their own, beside --data.")] = None,
    engine: Annotated[str, typer.Option(help="Who does the work, see 'outcross list engines'.")] = "processes",
    out: Annotated[Path | None, typer.Option(help="Folder of the runs; outcross-NAME-SCALE if left out.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the runs in the folder.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the plan, as TOML for 'outcross run'.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Do a published experiment again, and set the published numbers beside ours.

    It runs the plans of the experiment, one after another, and writes a page for each and one page over all, which says
    in words what agrees, what does not, and what cannot be compared and why.
    """
    if name == "list":
        list_experiments(as_json)
        return
    experiment = oc.published_experiment(name)
    if show:
        show_plans(experiment, scale, only or [], data, test, as_json)
        return
    folder = out or Path(f"outcross-{name}-{scale}")
    size = experiment.scale(scale)
    talk.say(f"{experiment.title} ({scale}{f': {size.time}' if size.time else ''})")
    with talk.resumable(folder), talk.progress_bar("generations", folder) as progress:
        found = oc.reproduce(
            experiment, scale, only=only or (), data=data, test=test, engine=engine, out=folder, resume=resume,
            progress=progress, announce=talk.say,
        )  # fmt: skip
    page = found.report(folder)
    if as_json:
        talk.print_json(as_data(found, page))
    else:
        print_comparisons(found)
    talk.say(f"page: {talk.absolute(page)}")


def list_experiments(as_json: bool) -> None:
    """Print what the catalogue holds."""
    known = oc.catalogue().values()
    if as_json:
        talk.print_json([about(one) for one in known])
        return
    rows = [[one.name, one.title, one.source.partition(";")[0], _times(one)] for one in known]
    talk.print_table("", ["experiment", "what is done", "source", "small / full"], rows)


def about(one: oc.PublishedExperiment) -> dict[str, Any]:
    """Return what `outcross reproduce list --json` prints of an experiment."""
    scales = {
        name: {"differs": scale.differs, "unlike": scale.unlike, "time": scale.time, "plans": list(scale.entries)}
        for name, scale in one.scales.items()
    }
    return {"name": one.name, "title": one.title, "source": one.source, "about": one.about.strip(), "scales": scales}


def show_plans(
    experiment: oc.PublishedExperiment, scale: str, only: list[str], data: str | None, test: str | None, as_json: bool
) -> None:
    """Print plans as TOML, or as JSON."""
    plans = oc.chosen_plans(experiment, scale, only, data, test)
    if as_json:
        talk.print_json({"name": experiment.name, "scale": scale, "plans": plans})
        return
    print(experiment.text(scale, plans), end="")


def as_data(found: oc.Reproduction, page: Path) -> dict[str, Any]:
    """Return what `outcross reproduce --json` prints."""
    return {
        **about(found.experiment),
        "scale": found.size,
        "plans": {name: history.plan for name, history in found.histories.items()},
        "comparisons": [
            {
                "claim": one.claim.says,
                "place": one.claim.place,
                "relation": one.claim.relation,
                "agrees": str(one.answer),
                "why": one.sentence,
                "unit": one.claim.unit,
                "rows": [{**talk.plain(row), "ratio": row.ratio} for row in one.rows],
            }
            for one in found.comparisons
        ],
        "page": str(page),
    }


def print_comparisons(found: oc.Reproduction) -> None:
    """Print the table of published beside ours, and what differs."""
    for claim in dict.fromkeys(one.claim for one in found.comparisons):
        rows = []
        for one in (one for one in found.comparisons if one.claim is claim):
            for place, row in enumerate(one.rows):
                said = [str(one.answer), one.sentence] if not place else ["", ""]
                rows.append([row.point.plan, row.point.where, row.shown, str(row.ours), row.times, *said])
        where = f" ({claim.place})" if claim.place else ""
        head = ["plan", "reading", "published", "ours", "ratio", "agrees", "why"]
        print(f"{claim.says}{where}")
        talk.print_table("", head, rows)
        print()
    print(f"What differs from the paper: {found.scale.differs}")
    print(found.sentence)


def _times(one: oc.PublishedExperiment) -> str:
    return " / ".join(scale.time or "?" for scale in one.scales.values())
