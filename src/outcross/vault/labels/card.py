"""A data set's label as a Hugging Face data-set card: a README.md, front matter for the Hub and a text for people."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping, Sequence

from outcross.core.provenance import Origin
from outcross.vault.labels.description import FORMATS, Description, Sealed
from outcross.vault.labels.licenses import hub_license, is_address, license_url
from outcross.vault.labels.summary import share, who_wrote

Yaml = str | int | Sequence["Yaml"] | Mapping[str, "Yaml"]
"""What front matter is made of."""

_SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
_UNPRINTABLE = re.compile(
    "[^\\n\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")


def card(description: Description) -> str:
    """Return the text of the card: YAML front matter, then Markdown.

    What is not known is left out: the language creators of human records could be many, and are never guessed; those of
    synthetic ones are machines. Every text is quoted or escaped, so that none can end the front matter or a table.

    Source: Hugging Face, data-set card metadata (github.com/huggingface/hub-docs, datasetcard.md); YAML 1.2, chapter 5.

    Examples
    --------
    >>> from outcross.core.provenance import Stratum
    >>> from outcross.vault.labels.description import StratumCount
    >>> strata = (StratumCount(Stratum(Origin.SYNTHETIC, 1, generator="gpt2"), 5),)
    >>> print(card(Description("cats", "1.0.0", "Sentences on cats.", "2026-11-22", ("MIT",), strata=strata)))
    ---
    pretty_name: "cats"
    license: "mit"
    size_categories:
    - "n<1K"
    tags:
    - "synthetic"
    - "gpt2"
    language_creators:
    - "machine-generated"
    ---
    ...
    """
    front = "\n".join(_block(_front(description)))
    return f"---\n{front}\n---\n\n" + "\n\n".join(_body(description)) + "\n"


def _front(description: Description) -> dict[str, Yaml]:
    licenses = list(dict.fromkeys(hub_license(license) for license in description.licenses)) or ["unknown"]
    made = bool(description.synthetic)
    known: dict[str, Yaml] = {
        "pretty_name": _line(description.name),
        "license": licenses[0] if len(licenses) == 1 else licenses,
        **_own_license(description),
        "language": list(description.languages),
        "size_categories": [size_category(description.records)] if description.strata else [],
        "tags": ["synthetic", *map(_line, description.generators)] if made else [],
        "source_datasets": [_line(parent.name) for parent in description.parents if parent.kind == "dataset"],
        "language_creators": ["machine-generated"] if made else [],
        "configs": _configs(description),
    }
    return {key: value for key, value in known.items() if value}


def _own_license(description: Description) -> dict[str, Yaml]:
    """What the Hub asks for where it has no name for the one licence there is."""
    if len(description.licenses) != 1 or hub_license(description.licenses[0]) != "other":
        return {}
    url = license_url(description.licenses[0])
    return {"license_name": "custom", **({"license_link": url} if url else {})}


def size_category(records: int) -> str:
    """Return what the Hub calls a data set of so many records.

    Examples
    --------
    >>> size_category(999), size_category(1000), size_category(37_000_000), size_category(10**13)
    ('n<1K', '1K<n<10K', '10M<n<100M', 'n>1T')
    """
    for power, (low, high) in enumerate(zip(("", *_SIZES), _SIZES, strict=False), 3):
        if records < 10**power:
            return f"{low}<n<{high}" if low else f"n<{high}"
    return f"n>{_SIZES[-1]}"


def _configs(description: Description) -> list[Yaml]:
    """The files that the Hub's loader is to read: those of the format that most records are in.

    Its loader has one reader for a whole data set: a file of another format, in a configuration of its own too, would
    be an error.
    """
    held = {format: [file for file in description.files if file.format == format] for format in FORMATS}
    most = max(held.values(), key=lambda files: (sum(file.records for file in files), len(files)))
    path: Yaml = [glob.escape(file.name) for file in most]
    return [{"config_name": "default", "data_files": [{"split": "train", "path": path}]}] if path else []


def _block(value: Mapping[str, Yaml], indent: str = "") -> Iterator[str]:
    """Lines of YAML in block style; every text in double quotes, which are JSON's but for what YAML calls printable."""
    for key, held in value.items():
        if isinstance(held, str | int):
            yield f"{indent}{key}: {_scalar(held)}"
        elif isinstance(held, Mapping):
            yield f"{indent}{key}:"
            yield from _block(held, indent + "  ")
        else:
            yield f"{indent}{key}:"
            for item in held:
                lines = [_scalar(item)] if isinstance(item, str | int) else _nested(item)
                yield from (f"{indent}{'  ' if number else '- '}{line}" for number, line in enumerate(lines))


def _nested(item: Yaml) -> list[str]:
    if isinstance(item, Mapping):
        return list(_block(item))
    return [] if isinstance(item, str | int) else [_scalar(part) for part in item if isinstance(part, str | int)]


def _scalar(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + '"'


def _body(description: Description) -> Iterator[str]:
    yield f"# {_escaped(description.name)}"
    yield from (_paragraph(part) for part in re.split(r"\n\s*\n", description.about) if part.strip())
    made = [f"Version {_escaped(description.version)}"]
    made += [_escaped(description.created)] if description.created else []
    made += [f"by {_escaped(description.creator)}"] if description.creator else []
    made += [_linked(description.url)] if description.url else []
    yield ", ".join(made)
    yield from _who_wrote_it(description)
    if description.sources or description.parents:
        yield "## Where it is from"
        yield _where_from(description)
    if description.columns:
        yield "## Columns"
        rows = [(c.name, c.type + (" (list)" if c.many else ""), c.says) for c in description.columns]
        yield _table(("column", "type", "what it says"), rows)
    yield from _licenses(description)
    if description.vault is not None:
        yield from _verify(description.vault)


def _who_wrote_it(description: Description) -> Iterator[str]:
    total = description.records
    yield "## Who wrote it"
    yield _escaped(who_wrote(description))
    if total:
        rows = [(*key, f"{count:,}", share(count, total)) for key, count in _by_depth(description).items()]
        yield _table(("origin", "generation", "records", "share"), rows)
    if description.evidence:
        told = [(kind, f"{count:,}", share(count, total)) for kind, count in description.evidence.items()]
        yield _table(("evidence for the origin", "records", "share"), told)
    if description.activities:
        yield _table(("model", "generation", "records", "done", "from", "digest"), _activities(description))


def _by_depth(description: Description) -> dict[tuple[str, str], int]:
    """Origin and generation to number of records."""
    counts: dict[tuple[Origin, int], int] = {}
    for counted in description.strata:
        key = counted.stratum.origin, counted.stratum.generation
        counts[key] = counts.get(key, 0) + counted.records
    order = list(Origin)
    ordered = sorted(counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    return {(origin.value, str(generation)): count for (origin, generation), count in ordered if count}


def _activities(description: Description) -> list[tuple[str, ...]]:
    return [
        (
            activity.generator,
            "" if activity.generation is None else str(activity.generation),
            f"{activity.records:,}",
            activity.ended or "",
            ", ".join(activity.used),
            activity.digest or "",
        )
        for activity in description.activities
    ]


def _where_from(description: Description) -> str:
    rows = [("records taken from", name, f"{count:,}", "") for name, count in description.sources.items()]
    for parent in description.parents:
        kind = "data set" if parent.kind == "dataset" else "model"
        rows.append((f"derived from the {kind}", parent.name, "", parent.uri or ""))
    return _table(("", "name", "records", "address"), rows)


def _licenses(description: Description) -> Iterator[str]:
    if description.licenses:
        yield "## Licence"
    for license in description.licenses:
        url = license_url(license)
        yield _fenced(license) if url is None else _linked(url)


def _verify(vault: Sealed) -> Iterator[str]:
    yield "## How to verify it"
    yield (
        "It was written from a vault: a table with a signed, append-only log that covers every file and every record. "
        "`outcross vault verify` reads all of it and names any file that was altered, added or removed."
    )
    rows = [("log", vault.origin), ("commits", f"{vault.commits:,}"), ("head (SHA-256)", vault.head)]
    yield _table(("", "value"), [*rows, ("fingerprint of the key", vault.key or "not signed")])
    if vault.checkpoint:
        yield "Its checkpoint, to be compared with one that was seen before:"
        yield _fenced(vault.checkpoint)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(map(_linked, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fenced(text: str) -> str:
    """A text as it is, between fences longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _linked(text: str) -> str:
    return f"<{text}>" if "://" in text and is_address(text) else _escaped(text)


def _escaped(text: str) -> str:
    """A text on one line, with nothing in it that Markdown or HTML would read within a line."""
    return _MARKUP.sub(r"\\\1", _line(text))


def _paragraph(text: str) -> str:
    """The same, with nothing that would make it a heading, a list or a rule."""
    inline = _escaped(text)
    number = re.match(r"\d*", inline)
    at = number.end() if number else 0
    marker = inline[at : at + 1] in (".", ")") if at else inline[:1] in ("#", "+", "=", "-")
    return f"{inline[:at]}\\{inline[at:]}" if marker and inline[at : at + 1] else inline
