"""`outcross attribute`: how much of a loss is statistical, how much the model class, how much the optimiser."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import outcross as oc
from outcross.cli import talk


def attribute(
    data: Annotated[str | None, typer.Option(help="Human data, as for 'outcross run'.")] = None,
    model: Annotated[str | None, typer.Option(help="Words of the model whose loss is shared out.")] = None,
    rich: Annotated[
        str | None, typer.Option(help="Settings, or a model, whose class contains the truth, like order=3.")
    ] = None,
    converge: Annotated[
        str | None, typer.Option(help="Settings, or a model, that make fitting exact, like iterations=1000.")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="Words of the metric that is lost, like perplexity.")] = None,
    policy: Annotated[str, typer.Option(help="Words of the policy.")] = "replace",
    generations: Annotated[int, typer.Option(help="The generation at which the loss is taken.")] = 5,
    sample_size: Annotated[int | None, typer.Option(help="Records of a generation.")] = None,
    large: Annotated[int | None, typer.Option(help="Records that stand for infinitely many; 20 x the above.")] = None,
    replicates: Annotated[int, typer.Option(help="How many independent chains of each kind.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    heldout: Annotated[float | None, typer.Option(help="Share of the data that no model is trained on.")] = None,
    text: Annotated[str, typer.Option(help="Name of the text column.")] = "text",
    columns: Annotated[list[str] | None, typer.Option(help="A numeric column; repeat for several.")] = None,
    unit: Annotated[str, typer.Option(help="What a text is cut into: word, character or space.")] = "word",
    limit: Annotated[int | None, typer.Option(help="Read at most so many records.")] = None,
    engine: Annotated[str, typer.Option(help="Who does the work, see 'outcross list engines'.")] = "processes",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Share out a loss among its three sources by switching each of them off, alone and together.

    With no argument: a unigram model of the Python language reference, whose class is too poor for text.
    """
    if data is None and model is None:
        data, model = "builtin:python-reference", "ngram(order=1)"
        rich, metric, large = rich or "order=3", metric or "perplexity", large or 6000
    if data is None or model is None or metric is None:
        raise oc.BadSetting("attribute needs --data, --model and --metric, or none of them for the built-in example")
    reading: dict[str, Any] = {"text": text, "columns": columns or None, "unit": unit, "limit": limit}
    with talk.progress_bar("chains") as progress:
        found = oc.attribute(
            model, data, metric=metric, policy=policy, generations=generations, sample_size=sample_size, large=large,
            rich=rich, converge=converge, replicates=replicates, seed=seed, engine=engine, heldout=heldout,
            progress=progress, **reading,
        )  # fmt: skip
    if as_json:
        talk.print_json(as_data(found))
        return
    rows = [[share.source, share.off, str(share.amount), str(share.share)] for share in found.shares.values()]
    rows.append(["together", "", str(found.total), ""])
    talk.print_table(
        f"Loss of {found.metric} after {generations} generations, {policy}",
        ["source of error", "switched off by", "amount", "share of the loss"],
        rows,
    )
    print(f"\n{found.sentence}")
    for note in found.notes:
        talk.say(note)


def as_data(found: oc.Attribution) -> dict[str, Any]:
    """Return what `outcross attribute --json` prints."""
    return {
        "metric": found.metric,
        "policy": found.policy,
        "data": found.data,
        "generation": found.generation,
        "total": found.total,
        "shares": found.shares,
        "absent": found.absent,
        "chains": found.chains.to_dicts(),
        "sentence": found.sentence,
        "notes": found.notes,
    }
