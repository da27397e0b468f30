"""Data sets to be described: files that lie on the disk, and names that try to break out of a label."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from outcross.core.provenance import Origin, Stratum
from outcross.vault.labels.description import Activity, Column, DataFile, Description, Parent, Sealed, StratumCount
from outcross.vault.labels.iptc import SourceType

ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "text": ["a cat", "zwölf\nKatzen 🐈", ""],
        "generation": [0, 2, 0],
        "generator": [None, "gpt2", None],
        "parents": [[], ["a"], []],
        "confidence": [0.5, None, 1.0],
        "digital_source_type": [None, SourceType.TRAINED_ALGORITHMIC_MEDIA.value, None],
    }
)
TYPES = {"generation": "integer", "confidence": "number"}
COLUMNS = tuple(Column(name, TYPES.get(name, "text"), f"The {name}.", many=name == "parents") for name in ROWS.columns)

NASTY = (
    "quoted \"twice\" and 'once'",
    "two\nlines: - a\n---\n# b",
    "yes",
    "null",
    "1e3",
    "2026-11-22",
    "a: b # c",
    "| <b>table</b> | `code` [x](y) &amp; \\",
    "🐈 naïve \u202e\u2028\u0085\ufeff\x00\x1b\x7f \uffff \U0010fffd",
    "%s {{ jinja }} ${x}",
    " spaces ",
    "# heading",
    "- item",
    "1. item",
    "===",
    "x" * 300,
)


def strata(**kinds: int) -> tuple[StratumCount, ...]:
    """So many records of these origins, with some evidence."""
    made = []
    for kind, records in kinds.items():
        origin = Origin(kind)
        deep = 2 if origin is Origin.SYNTHETIC else 0
        generator = "gpt2" if origin is Origin.SYNTHETIC else None
        made.append(StratumCount(Stratum(origin, deep, generator=generator), records, {"declared": records // 2}))
    return tuple(made)


def cats(**known: object) -> Description:
    """An ordinary description, with all there is to say."""
    whole = Description(
        name="cats",
        version="1.2.0",
        about="Sentences on cats.\n\nAll of them short.",
        created="2026-11-22",
        licenses=("CC-BY-4.0",),
        creator="Ada",
        url="https://example.org/cats",
        languages=("en", "de"),
        columns=COLUMNS,
        strata=strata(human=2, synthetic=1),
        sources={"web": 2, "model": 1},
        parents=(Parent("wiki pedia"), Parent("gpt2", "model", "https://huggingface.co/openai-community/gpt2")),
        activities=(Activity("gpt2", 1, 2, "sha256:ab", "2026-11-20T10:00:00Z", ("wiki pedia", "seeds")),),
        vault=Sealed("example.org/vault", 3, "ab" * 32, "SHA256:key", "example.org/vault\n3\nqg==\n\n- signed\n"),
    )
    return replace(whole, **known)  # type: ignore[arg-type]


def nasty(text: str) -> Description:
    """A description that says the same text wherever it can say one."""
    return Description(
        name=text,
        version=text,
        about=text,
        created="2026-11-22",
        licenses=(text, "MIT"),
        creator=text,
        url=text,
        columns=(Column("text"), Column(text, says=text)),
        strata=(StratumCount(Stratum(Origin.SYNTHETIC, 1, text, text), 1, {text: 1}),),
        sources={text: 1},
        parents=(Parent(text, "dataset", text),),
        activities=(Activity(text, 1, digest=text, used=(text, text + "2")),),
        vault=Sealed(text, 1, text, text, text),
    )


def on_disk(folder: Path, names: Iterable[str]) -> tuple[DataFile, ...]:
    """The rows in files with these names, as they are described."""
    return tuple(_written(folder, name) for name in names)


def _written(folder: Path, name: str) -> DataFile:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.suffix[1:]
    if kind == "parquet":
        ROWS.write_parquet(path)
    else:
        ROWS.write_ndjson(path)
    data = path.read_bytes()
    return DataFile(name, hashlib.sha256(data).hexdigest(), len(data), kind, len(ROWS))
