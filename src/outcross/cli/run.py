"""`outcross run`: a chain of model generations, from one command to one page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

import outcross as oc
from outcross.cli import talk

HOW = ("plan", "engine", "out", "resume", "keep_models", "track", "as_json")
"""Options that say how a plan is run, and are none of its entries."""


def run(
    plan: Annotated[Path | None, typer.Argument(metavar="[PLAN.toml]", help="A plan; options override it.")] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A file (JSONL, Parquet, CSV, text), a folder, vault:, builtin: or hf:NAME, or a population."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Words of a model, see 'outcross list models'.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="Words of a policy; repeat to compare several.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Words of a metric; repeat for several.")] = None,
    generations: Annotated[int | None, typer.Option(help="How many models are fitted, one after another.")] = None,
    sample_size: Annotated[int | None, typer.Option(help="Records of a generation.")] = None,
    replicates: Annotated[int | None, typer.Option(help="How many independent chains.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    exact: Annotated[bool | None, typer.Option(help="Insist on the exact path, or on samples.")] = None,
    heldout: Annotated[float | None, typer.Option(help="Share of the data that no model is trained on.")] = None,
    test: Annotated[
        str | None, typer.Option(help="Held-out human data of their own, instead of a share of the data.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Stop early, for example 'variance < 0.01'.")] = None,
    text: Annotated[str | None, typer.Option(help="Name of the text column.")] = None,
    columns: Annotated[list[str] | None, typer.Option(help="A numeric column; repeat for several.")] = None,
    group: Annotated[str | None, typer.Option(help="Name of the column of groups.")] = None,
    unit: Annotated[str | None, typer.Option(help="What a text is cut into: word, character or space.")] = None,
    limit: Annotated[int | None, typer.Option(help="Read at most so many records.")] = None,
    block: Annotated[int | None, typer.Option(help="Cut texts into records of so many words.")] = None,
    engine: Annotated[str, typer.Option(help="Who does the work, see 'outcross list engines'.")] = "processes",
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("outcross-run"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder.")] = False,
    keep_models: Annotated[
        bool, typer.Option("--keep-models", help="Keep the weights of every generation, not only the first and last.")
    ] = False,
    track: Annotated[
        list[str] | None,
        typer.Option(help="Words of a tracker that the history is sent to, see 'outcross list trackers'; repeat."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run a chain of model generations and write its page.

    With no argument: an n-gram model on the Python language reference, trained on its own output for ten generations,
    under three data policies.
    """
    given: dict[str, Any] = {
        name: value
        for name, value in locals().items()
        if name not in ("plan", "engine", "out", "resume", "keep_models", "track", "as_json")
        and value not in (None, [])
    }
    base = oc.Plan() if plan is None else oc.Plan.read(plan)
    chosen = dataclasses.replace(base, **oc.checked(given))
    trackers: list[oc.Tracker] = [oc.build("tracker", words) for words in track or ()]
    for tracker in trackers:
        tracker.ready()
    with talk.resumable(out), talk.progress_bar("generations", out) as progress:
        history = oc.Chain.from_plan(chosen).run(
            chosen.generations,
            chosen.replicates,
            chosen.seed,
            chosen.exact,
            engine=engine,
            out=out,
            resume=resume,
            progress=progress,
            announce=talk.say,
            keep_models=keep_models,
        )
    page = history.report(out / "index.html")
    if as_json:
        talk.print_json(as_data(history, page))
    else:
        print_history(history)
    talk.say(f"page: {talk.absolute(page)}")
    send(history, trackers, out)


def send(history: oc.History, trackers: list[oc.Tracker], out: Path) -> None:
    """Send a history to trackers; where one fails, say where the history is and how it can be sent again."""
    try:
        history.track(*trackers, name=out.resolve().name)
    except oc.OutputRefused as error:
        again = "the same command with --resume sends it again"
        raise oc.OutputRefused(f"{error}; the history is kept in {out}, {again}") from error
    for tracker in trackers:
        talk.say(f"sent to {tracker}")


def as_data(history: oc.History, page: Path) -> dict[str, Any]:
    """Return what `outcross run --json` prints."""
    return {
        "plan": history.plan,
        "facts": history.facts,
        "summary": history.summary().to_dicts(),
        "verdicts": history.verdicts(),
        "stages": history.stages(),
        "page": str(page),
    }


def print_history(history: oc.History) -> None:
    """Print the first and the last generation of every metric by policy, and the verdicts."""
    last = {policy: history.last(policy) for policy in history.policies}
    head = ["metric", "human", *(f"{policy} @ {generation}" for policy, generation in last.items())]
    rows = []
    for metric in (name for name in history.metrics if "histogram" not in name):
        human = history.measure(history.policies[0], metric, 0)
        start = str(human) if human.value is not None else "-"
        rows.append([metric, start, *(str(history.measure(p, metric, g)) for p, g in last.items())])
    talk.print_table(f"{history.facts.data}, {history.plan.model}, {history.plan.replicates} replicates", head, rows)
    print()
    for policy, found in history.stages().items():
        print(f"{policy}: {found.sentence}")
    print()
    verdicts = history.verdicts()
    told = [
        [v.policy, v.definition, str(v.answer), v.sentence] for v in verdicts if v.answer is not oc.Answer.CANNOT_TELL
    ]
    talk.print_table("Verdicts, each by one published definition", ["policy", "definition", "holds", "why"], told)
    for policy in history.policies:
        silent = [v.definition for v in verdicts if v.policy == policy and v.answer is oc.Answer.CANNOT_TELL]
        if silent:
            print(f"{policy}: cannot tell {', '.join(silent)}; the page says why")
