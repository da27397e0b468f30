"""Small corpora for the tests of mixes, and what a mix of them holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from outcross.core.provenance import Stratum
from outcross.core.seed import Seed
from outcross.guard.mix.siphash import keys_of, of_texts
from outcross.guard.mix.survey import ROW, Surveyed

Row = dict[str, Any]


def rows(human: int, synthetic: int, unknown: int = 0, ids: bool = True) -> list[Row]:
    """Records with ids, groups and something that no field has a name for."""
    kinds = ["human"] * human + ["synthetic"] * synthetic + ["unknown"] * unknown
    found = []
    for n, origin in enumerate(kinds):
        row: Row = {"text": f"Cat {n} sleeps.", "origin": origin, "group": "ab"[n % 3 == 0], "n": n, "license": "MIT"}
        row |= {"id": f"cat-{n}"} if ids else {}
        found.append(row | ({"generator": "parrot"} if origin == "synthetic" else {}))
    return found


def lines(path: Path, given: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return path


def held(folder: Path) -> list[tuple[Any, ...]]:
    """The records of a mix, in an order of their own."""
    frame = pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("data/*.parquet"))])
    told = frame.select("id", "text", "origin", "generation", "group", "metadata", "license")
    return sorted(told.rows(), key=repr)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def surveyed(folder: Path, counts: dict[Stratum, int], seed: Seed, tasks: int = 2) -> Surveyed:
    """What the first pass would have found of so many records of each stratum, named by numbers."""
    strata = list(counts)
    codes = np.repeat(np.arange(len(strata), dtype=np.uint32), list(counts.values()))
    keys = keys_of([seed.child("id", str(stratum)) for stratum in strata])
    found = np.zeros(len(codes), ROW)
    found["key"] = of_texts(pl.Series(map(str, range(len(codes))), dtype=pl.String), keys[codes])
    found["code"], found["line"] = codes, np.arange(len(codes))
    paths, summaries = [], []
    for number, part in enumerate(np.array_split(found, tasks)):
        paths.append(folder / f"{number}.npy")
        np.save(paths[-1], part)
        amounts = np.bincount(part["code"], minlength=len(strata)).tolist()
        told = [[str(s.origin), s.generation, s.group, n] for s, n in zip(strata, amounts, strict=True)]
        summaries.append({"strata": told, "read": True, "rejected": {"kinds": {}, "first": []}})
    return Surveyed(paths, summaries)
