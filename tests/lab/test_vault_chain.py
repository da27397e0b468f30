"""A chain on a vault gives the numbers of a chain in memory, and leaves its lineage there, each generation once."""

from __future__ import annotations

import dataclasses
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import outcross as oc
from outcross.core.memory import MemoryPool
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.lab import truth
from outcross.lab.journal import Journal
from outcross.vault import pool as pools
from outcross.vault.batch import add_batch
from outcross.vault.keys import Key, make_key
from outcross.vault.trained_on import decode
from outcross.vault.vault import Vault

TEXTS = tuple(
    f"the {one} {did} on the {two}" + tail
    for one in ("cat", "dog", "owl", "old cow")
    for did in ("sat", "sleeps")
    for two in ("mat", "hill", "roof", "sea")
    for tail in ("", ", and it rains.", "ネコ")
)
POLICIES = (
    "replace",
    "accumulate",
    "anchor(real=0.25)",
    "fresh(real=0.2)",
    "subsample",
    "filtered(policy=accumulate, keep=0.5)",
    "token_edit(above=0.2)",
    "verified(policy=replace, of=2)",
)
METRICS = ("perplexity", "types", "distinct(n=2)")


class Killed(BaseException):
    """Stands for a kill."""


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Vault:
    make_key(tmp_path / "key.pem")
    vault = Vault.create(tmp_path / "vault", key=tmp_path / "key.pem", memory=False)
    vault.add(Texts.of(TEXTS), Provenance(Origin.HUMAN, source="diary"))
    return vault


def chain(policies: tuple[str, ...] = POLICIES, **more: Any) -> oc.Chain:
    return oc.Chain("ngram(order=2)", policy=policies, metrics=METRICS, sample_size=30, **more)


def models(vault: Vault) -> list[tuple[str, int]]:
    """Run and generation of every model in the vault, in order of entry."""
    frame = vault.rows(np.flatnonzero(vault.catalog.where("model")), ["run", "metadata"])
    return [(run, json.loads(told)["generation"]) for run, told in frame.iter_rows()]


def test_the_history_is_that_of_the_same_texts_in_memory(vault: Vault) -> None:
    memory = chain(data=list(TEXTS)).run(4, 2, seed=3, engine="serial")
    history = chain(pool=vault).run(4, 2, seed=3, engine="serial", name="first")
    assert history.table.equals(memory.table)
    for policy in memory.policies:
        for metric, values in memory.outcomes[policy].values.items():
            assert history.outcomes[policy].values[metric].tobytes() == values.tobytes(), (policy, metric)
    assert history.facts.digest == memory.facts.digest and history.plan.data == f"vault:{vault.uri}"
    runs = [f"first/{policy}/{replicate}" for policy in POLICIES for replicate in (0, 1)]
    assert models(vault) == [(run, generation) for run in runs for generation in (1, 2, 3, 4)]
    assert vault.verify(records=True).sound


def test_the_engine_does_not_matter(vault: Vault) -> None:
    """Workers open the vault by themselves, read the key from its file, and commit side by side."""
    memory = chain(POLICIES[1:3], data=list(TEXTS)).run(3, 2, engine="serial")
    history = chain(POLICIES[1:3], pool=vault).run(3, 2, engine="processes(workers=2)")
    assert history.table.equals(memory.table)
    assert len(vault.log.commits) == 2 + 2 * 2 * 3  # known to this process, too
    assert len(set(models(vault))) == 2 * 2 * 3
    assert vault.verify(records=True).sound
    chain(POLICIES[1:3], pool=vault).run(3, 2, engine="serial")
    assert len(vault.log.commits) == 2 + 2 * 2 * 3


def test_runs_see_nothing_of_each_other(vault: Vault) -> None:
    history = chain(("replace", "accumulate"), pool=vault).run(3, 2, engine="serial")
    frame = vault.rows(np.arange(vault.log.rows), ["kind", "run", "metadata", "origin", "generation"])
    rows = frame.to_dicts()
    for row in rows:
        if row["kind"] != "model":
            continue
        told = json.loads(row["metadata"])
        read = [rows[position] for position in decode(told["trained_on"])]
        assert {one["run"] for one in read} <= {None, row["run"]}
        depths = sorted({one["generation"] for one in read})
        accumulated = list(range(told["generation"]))
        assert depths == (accumulated if told["policy"] == "accumulate" else accumulated[-1:])
        assert row["generation"] == told["generation"] - 1 and told["seed"] == 0
        assert row["run"] == f"{told['name']}/{told['policy']}/{told['replicate']}"
    assert history.facts.notes[0] == "96 live human records of a vault"
    again = chain(("replace", "accumulate"), data=list(TEXTS)).run(3, 2, engine="serial")
    assert again.table.equals(history.table)
    assert chain(("replace",), pool=vault).read().digest == again.facts.digest  # its outputs are no human data


@pytest.mark.parametrize("where", ["before it is recorded", "before the commit", "after the commit", "at the last"])
def test_a_run_that_was_killed_goes_on(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    expected = chain(POLICIES[:3], data=list(TEXTS)).run(5, 1, engine="serial")
    module, name = (Journal, "write_generation") if where == "before it is recorded" else (pools, "add_batch")
    original, calls = getattr(module, name), 0
    moment = 5 if where == "at the last" else 3

    def killed(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != moment:
            return original(*args, **more)
        if where == "after the commit":
            original(*args, **more)
        raise Killed

    monkeypatch.setattr(module, name, killed)
    with pytest.raises(Killed):
        chain(POLICIES[:3], pool=vault).run(5, 1, engine="serial", out=tmp_path / "run", name="cut")
    monkeypatch.undo()
    left = len(models(Vault(vault.uri, memory=False)))
    assert left == {"before it is recorded": 2, "before the commit": 2, "after the commit": 3, "at the last": 4}[where]
    fresh = Vault(vault.uri, key=tmp_path / "key.pem", memory=False)
    history = chain(POLICIES[:3], pool=fresh).run(5, 1, engine="serial", out=tmp_path / "run", resume=True, name="cut")
    assert history.table.equals(expected.table)
    assert models(fresh) == [(f"cut/{policy}/0", g) for policy in POLICIES[:3] for g in range(1, 6)]
    assert fresh.verify(records=True).sound
    before = len(fresh.log.commits)
    again = chain(POLICIES[:3], pool=fresh).run(5, 1, engine="serial", out=tmp_path / "run", resume=True, name="cut")
    assert again.table.equals(expected.table) and len(fresh.log.commits) == before


def test_the_same_name_goes_on_where_it_ended(vault: Vault) -> None:
    chain(("replace",), pool=vault).run(2, 1, engine="serial", name="long")
    longer = chain(("replace",), pool=vault).run(4, 2, engine="serial", name="long")
    assert models(vault) == [("long/replace/0", g) for g in range(1, 5)] + [("long/replace/1", g) for g in range(1, 5)]
    assert longer.table.equals(chain(("replace",), data=list(TEXTS)).run(4, 2, engine="serial").table)
    with pytest.raises(oc.BadSetting, match="give this run another name"):
        chain(("replace",), pool=vault).run(2, 1, seed=1, engine="serial", name="long")
    chain(("replace",), pool=vault).run(2, 1, seed=1, engine="serial")
    assert len(models(vault)) == 10


def test_an_early_stop_keeps_its_last_generation(vault: Vault) -> None:
    history = chain(("replace",), pool=vault, until="types < 1000").run(9, 1, engine="serial", name="short")
    assert history.last("replace") == 1 and models(vault) == [("short/replace/0", 1)]


def test_characters_limits_and_held_out_texts_of_their_own(vault: Vault) -> None:
    for more in ({"unit": "character"}, {"limit": 60}, {"test": list(TEXTS[::7])}):
        memory = chain(("accumulate",), data=list(TEXTS), **more).run(2, 1, engine="serial")
        history = chain(("accumulate",), pool=vault, **more).run(2, 1, engine="serial", name=str(sorted(more)))
        assert history.table.equals(memory.table), more


def test_groups(tmp_path: Path) -> None:
    groups = ["few" if "owl" in text else "many" for text in TEXTS]
    codes = np.array([[int(name == "few") for name in groups]])
    vault = Vault.create(tmp_path / "vault", key=Key.of_seed(bytes(32)), memory=False)
    vault.add(dataclasses.replace(Texts.of(TEXTS), group=codes, names=("many", "few")), Provenance(Origin.HUMAN))

    def grouped(**more: Any) -> oc.Chain:
        policy = "balance(policy=accumulate)"
        return oc.Chain("grouped(model=ngram(order=2))", policy=policy, metrics="types", group="group", **more)

    memory = grouped(data=pl.DataFrame({"text": TEXTS, "group": groups})).run(3, 1, engine="serial")
    history = grouped(pool=vault).run(3, 1, engine="serial")
    assert history.table.equals(memory.table)
    assert set(vault.rows(np.arange(len(TEXTS) + 1, vault.log.rows), ["kind", "group"]).rows()) == {
        ("model", None), ("record", "few"), ("record", "many")
    }  # fmt: skip


def test_a_plan_names_its_vault(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "keys").mkdir(parents=True)
    shutil.copy(tmp_path / "key.pem", tmp_path / "home" / "keys" / "vault.pem")
    history = chain(("replace",), pool=vault).run(2, 1, engine="serial", name="named")
    again = oc.Chain.from_plan(history.plan)
    assert again.read().digest == history.facts.digest
    assert again.run(2, 1, engine="serial", name="named").table.equals(history.table)
    vault.refresh()
    assert len(models(vault)) == 2


def test_steps_and_tries_leave_no_trace(vault: Vault) -> None:
    for step in chain(("accumulate",), pool=vault).steps():
        if step.generation == 3:
            break
    assert isinstance(chain(pool=vault).read().records, Texts)
    assert vault.log.rows == len(TEXTS)


def test_a_private_key_is_not_handed_to_workers(vault: Vault, tmp_path: Path) -> None:
    key = Key.of_seed(bytes(32))
    held = Vault.create(tmp_path / "held", key=key, memory=False)
    held.add(Texts.of(TEXTS), Provenance(Origin.HUMAN))
    with pytest.raises(oc.BadSetting, match=r"open the vault with the path of its file .* or use the engine 'serial'"):
        chain(("replace",), pool=held).run(1, 2, engine="processes")
    assert len(held.log.commits) == 2
    chain(("replace",), pool=held).run(1, 2, engine="serial")
    make_key(tmp_path / "locked.pem", "a secret")
    locked = Vault.create(tmp_path / "locked", key=tmp_path / "locked.pem", password="a secret", memory=False)
    with pytest.raises(oc.BadSetting, match="the password of a key is not handed to other processes"):
        pickle.dumps(locked)
    data = pickle.dumps(vault)
    secret = vault.key._private.private_bytes_raw()
    assert b"key.pem" in data and secret not in data and b"PRIVATE" not in data
    assert pickle.loads(data).key.public == vault.key.public


def test_another_key_is_refused_before_anything_is_computed(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Vault(vault.uri, key=Key.of_seed(bytes(32)), memory=False)
    monkeypatch.setattr("outcross.lab.chain.run_all", lambda *_: pytest.fail("it was run"))
    with pytest.raises(oc.BadInput, match="is not that of the vault"):
        chain(("replace",), pool=other).run(1, 1, engine="serial", out=tmp_path / "run")
    missing = Vault(vault.uri, key=tmp_path / "none.pem", memory=False)
    with pytest.raises(oc.MissingInput):
        chain(("replace",), pool=missing).run(1, 1, engine="serial", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_cannot_run_on_a_vault_is_said_at_once(vault: Vault) -> None:
    with pytest.raises(oc.BadSetting, match="a vault keeps texts, and gaussian is fitted to rows"):
        oc.Chain("gaussian", pool=vault)
    with pytest.raises(oc.BadSetting, match="leave 'block' out"):
        chain(pool=vault, block=20)
    with pytest.raises(oc.BadSetting, match="give either data or, with pool=, a vault"):
        chain(pool=vault, data="builtin:cats")
    with pytest.raises(oc.BadSetting, match="give either data or, with pool=, a vault"):
        oc.Chain("gaussian")
    with pytest.raises(oc.BadSetting, match="not on MemoryPool"):
        chain(pool=MemoryPool(Texts.of(TEXTS)))
    with pytest.raises(oc.BadSetting, match="leave the name out"):
        oc.Chain("gaussian", "normal").run(1, 1, engine="serial", name="first")
    with pytest.raises(oc.BadSetting, match="at least one letter"):
        chain(pool=vault).run(1, 1, engine="serial", name=" ")


def test_what_is_altered_while_it_runs_is_not_trained_on(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every generation is trained on what is read, and what is read is verified."""
    add, calls = add_batch, 0

    def altering(*args: Any, **more: Any) -> Any:
        nonlocal calls
        log, calls = add(*args, **more), calls + 1
        if calls == 2:
            file = Path(vault.uri) / log.data()[-1].name
            data = bytearray(file.read_bytes())
            data[len(data) // 2] ^= 1
            file.chmod(0o644)
            file.write_bytes(data)
        return log

    monkeypatch.setattr(pools, "add_batch", altering)
    with pytest.raises(oc.OutcrossError, match="is not what was signed"):
        chain(("replace",), pool=vault).run(4, 1, engine="serial")
    assert calls == 2


def test_the_share_that_is_held_out_is_the_same() -> None:
    """Where the training records of a vault lie is found by the same division as the records themselves."""
    corpus = oc.read(list(TEXTS), as_=Texts)
    seed = oc.Seed(3).child("truth")
    train = truth.Truth.of_corpus(corpus, seed).train
    index = corpus.training(truth.HELDOUT, seed)
    assert isinstance(train, Texts) and [TEXTS[i] for i in index] == list(train.strings())
