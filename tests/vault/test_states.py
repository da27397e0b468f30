"""Whatever is done to a vault, in whatever order, it is what a list in Python says it is."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.adding import Request
from outcross.vault.batch import add_batch
from outcross.vault.keys import Key
from outcross.vault.trained_on import encode
from outcross.vault.vault import Vault

KEY = Key.of_seed(bytes(32))
LONG = tuple(f"it is said that number {n} of all the cats sat on the mat and slept until noon" for n in range(3))
SHORT = tuple(f"cat {n}" for n in range(4))
IDS = tuple("abcdef")

GIVEN = st.fixed_dictionaries(
    {
        "id": st.sampled_from(IDS),
        "text": st.sampled_from(LONG + SHORT),
        "origin": st.sampled_from(("human", "synthetic", "unknown")),
        "parents": st.lists(st.sampled_from((*IDS, "nobody")), max_size=2),
    },
    optional={"group": st.sampled_from("xy")},
)


@dataclass
class Row:
    """A row as the list has it."""

    id: str
    kind: str = "record"
    text: str | None = None
    origin: str = "unknown"
    generation: int = 0
    group: str | None = None
    parents: tuple[str, ...] = ()
    trained_on: tuple[int, ...] = ()
    version: int = 1
    erased: bool = field(default=False, compare=False)

    @property
    def said(self) -> tuple[Any, ...]:
        return self.text, self.origin, self.group, self.parents

    @property
    def stratum(self) -> tuple[str, int, str | None]:
        return self.origin, self.generation, self.group


class Naive:
    """What a vault is, said as simply as can be: all rows, and which ids are withdrawn."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.withdrawn: set[str] = set()

    def latest(self) -> dict[str, Row]:
        return {row.id: row for row in self.rows if row.kind != "withdrawal"}

    def live(self) -> list[int]:
        last = {row.id: place for place, row in enumerate(self.rows) if row.kind == "record"}
        return sorted(place for name, place in last.items() if name not in self.withdrawn)

    def machine(self) -> set[str | None]:
        return {row.text for row in self.rows if row.origin == "synthetic"} & set(LONG)

    def taken_back(self) -> set[str | None]:
        return {row.text for name, row in self.latest().items() if name in self.withdrawn} & set(LONG)

    def add(self, given: list[dict[str, Any]], correct: bool) -> tuple[int, int, int]:
        """Add records; return how many are new, were there already, and may not enter."""
        known, machine, gone = self.latest(), self.machine(), self.taken_back()
        skipped = refused = 0
        new: dict[str, Row] = {}
        for one in given:
            name, before = one["id"], known.get(one["id"])
            least = 0 if one["origin"] in ("human", "unknown") else 1
            row = Row(name, "record", one["text"], one["origin"], least, one.get("group"), tuple(one["parents"]))
            row.version = 1 if before is None else before.version + 1
            if (
                before is not None
                and name not in self.withdrawn
                and before.text == one["text"]
                and (not correct or before.said == row.said)
            ):
                skipped += 1
            elif (
                (one["origin"] == "human" and one["text"] in machine)
                or (before is None and one["origin"] in ("human", "unknown") and one["text"] in gone)
                or (before is not None and (name in self.withdrawn or not correct))
                or self.withdrawn.intersection(row.parents)
            ):
                refused += 1
            elif name in new:
                skipped, refused = skipped + (new[name].text == row.text), refused + (new[name].text != row.text)
            else:
                new[name] = row
        total = len(new)
        copied = {row.text for row in new.values() if row.origin == "synthetic"} & set(LONG)
        new = {name: row for name, row in new.items() if row.origin != "human" or row.text not in copied}
        new = self._settled(new, known)
        self.rows += new.values()
        return len(new), skipped, refused + total - len(new)

    def _settled(self, new: dict[str, Row], known: dict[str, Row]) -> dict[str, Row]:
        """Those with parents, each as deep as these say: a row is settled when all that it comes from is."""
        done: dict[str, Row] = {}
        while True:
            ready = [
                row
                for name, row in new.items()
                if name not in done and all(p in done if p in new else p in known for p in row.parents)
            ]
            if not ready:
                return {name: row for name, row in new.items() if name in done}
            for row in ready:
                depths = [known[p].generation for p in row.parents if p in known]
                depths += [done[p].generation for p in row.parents if p in done]
                if row.origin != "human":
                    row.generation = max([row.generation, *(depth + 1 for depth in depths)])
                done[row.id] = row

    def withdraw(self, ids: list[str], only: bool) -> int:
        """Withdraw; return how many live records go."""
        before, gone = len(self.live()), set(ids)
        while not only:
            places = {p for p, row in enumerate(self.rows) if row.kind == "record" and row.id in gone}
            more = {
                row.id for row in self.rows if gone.intersection(row.parents) or places.intersection(row.trained_on)
            }
            if more <= gone:
                break
            gone |= more
        new = sorted(gone - self.withdrawn)
        self.withdrawn |= gone
        self.rows += [Row(name, "withdrawal") for name in new]
        return before - len(self.live())

    def erase(self) -> None:
        for row in self.rows:
            row.erased |= row.kind == "record" and row.id in self.withdrawn


class States(RuleBasedStateMachine):
    """A vault, and what it should be."""

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="states-")
        self.room = Path(self.folder.name)
        self.vault = Vault.create(self.room / "vault", name="cats", key=KEY, memory=False)
        self.other = Vault(self.room / "vault", key=KEY, memory=False)
        self.naive, self.steps = Naive(), 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def _who(self) -> Vault:
        """Two writers, by turns, of whom neither knows what the other did."""
        self.steps += 1
        return (self.vault, self.other)[self.steps % 2]

    @rule(given=st.lists(GIVEN, min_size=1, max_size=6), correct=st.booleans())
    def ingest(self, given: list[dict[str, Any]], correct: bool) -> None:
        path = self.room / f"{self.steps}.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in given))
        told = Provenance(Origin.UNKNOWN)
        receipt = self._who().ingest(Request((path,), told, claimed=False, correct=correct, most=1.0), engine="serial")
        assert receipt is not None
        new, skipped, refused = self.naive.add(given, correct)
        assert (receipt.added, receipt.skipped, sum(receipt.rejected.values())) == (new, skipped, refused)

    @rule(text=st.sampled_from(LONG + SHORT), origin=st.sampled_from((Origin.HUMAN, Origin.SYNTHETIC)))
    def add(self, text: str, origin: Origin) -> None:
        vault, least = self._who(), int(origin is Origin.SYNTHETIC)
        if origin is Origin.HUMAN and text in self.naive.machine():
            with pytest.raises(BadInput, match="claims to be human"):
                vault.add(Texts.of([text]), Provenance(origin))
            return
        if origin is Origin.HUMAN and text in self.naive.taken_back():
            with pytest.raises(BadInput, match="was withdrawn"):
                vault.add(Texts.of([text]), Provenance(origin))
            return
        vault.add(Texts.of([text]), Provenance(origin, least))
        name = vault.rows(np.array([vault.log.rows - 1]), ["id"])["id"][0]
        self.naive.rows.append(Row(name, "record", text, str(origin), least))

    @precondition(lambda self: self.naive.live())
    @rule(data=st.data())
    def model(self, data: st.DataObject) -> None:
        """A model that was trained on some records writes one."""
        vault = self._who()
        trained = data.draw(st.lists(st.sampled_from(self.naive.live()), min_size=1, max_size=3))
        depth = max(self.naive.rows[place].generation for place in trained)
        name = f"model:{self.steps}"
        told = json.dumps({"trained_on": encode(np.array(trained))})
        row = {"id": name, "kind": "model", "generation": depth, "metadata": told}
        written = Provenance(Origin.SYNTHETIC, depth + 1, parents=(name,))
        vault.log = add_batch(vault, Texts.of(["a model wrote"]), written, others=[row])
        self.naive.rows.append(Row(name, "model", generation=depth, trained_on=tuple(trained)))
        text = vault.rows(np.array([vault.log.rows - 1]), ["id"])["id"][0]
        self.naive.rows.append(Row(text, "record", "a model wrote", "synthetic", depth + 1, None, (name,)))

    @precondition(lambda self: self.naive.rows)
    @rule(data=st.data(), only=st.booleans())
    def withdraw(self, data: st.DataObject, only: bool) -> None:
        names = sorted(self.naive.latest())
        ids = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2))
        done = self._who().withdraw(ids, "asked", only=only)
        before = len(self.naive.rows)
        assert done.records == self.naive.withdraw(ids, only)
        assert done.tombstones == len(self.naive.rows) - before

    @rule(erase=st.booleans())
    def compact(self, erase: bool) -> None:
        self._who().compact(erase=erase)
        if erase:
            self.naive.erase()

    @invariant()
    def is_what_the_list_says(self) -> None:
        if not hasattr(self, "naive"):
            return
        self.vault.refresh()
        for vault in (self.vault, Vault(self.vault.uri, memory=False)):
            rows, live = self.naive.rows, self.naive.live()
            counted = {(str(one.origin), one.generation, one.group): n for one, n in vault.inventory().counts.items()}
            assert counted == Counter(rows[place].stratum for place in live)
            assert np.flatnonzero(vault.catalog.live).tolist() == live
            if rows:
                frame = vault.rows(np.arange(len(rows)), ["kind", "text", "version", "generation"])
                assert frame["kind"].to_list() == [row.kind for row in rows]
                assert frame["text"].to_list() == [None if row.erased else row.text for row in rows]
                records = [(v, g) for k, v, g in frame.drop("text").iter_rows() if k == "record"]
                assert records == [(row.version, row.generation) for row in rows if row.kind == "record"]
            for stratum, size in vault.inventory().counts.items():
                drawn = vault.draw(Recipe((Draw((stratum,), size),), ask=0), Seed(0))
                told = str(stratum.origin), stratum.generation, stratum.group
                assert sorted(drawn.strings()) == sorted(str(rows[p].text) for p in live if rows[p].stratum == told)
        found = self.vault.verify(records=True)
        assert found.sound and found.records == len(self.naive.rows)
        assert all(one.file.endswith("/quarantine.jsonl") for one in found.remarks)


def test_a_vault_is_what_a_list_says() -> None:
    chosen = settings(
        max_examples=10,
        stateful_step_count=10,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(States, settings=chosen)
