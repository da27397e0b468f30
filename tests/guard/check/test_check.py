"""The whole check-up: with all references, with less, with a vault; and the mix that it advises can be built."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.guard.check.check import check
from outcross.guard.check.checkup import Checkup
from outcross.guard.mix.mix import mix
from outcross.vault.keys import Key
from outcross.vault.vault import Vault
from tests.guard.check.test_share import texts

FAST: dict[str, Any] = {"engine": "serial", "generations": 2, "draws": 200}


def written(path: Path, *parts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for part in parts for text in part))
    return path


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of which 40 % are synthetic, with copies, a mark and a group of words that only humans use."""
    folder = tmp_path_factory.mktemp("check")
    human = [f"{text} quince" if place % 3 == 0 else text for place, text in enumerate(texts("human", 90, 1))]
    written(folder / "human.jsonl", human)
    rows = [{"text": text, "generator": f"model {k % 3}"} for k, text in enumerate(texts("synthetic", 90, 2))]
    (folder / "synthetic.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    machine = texts("synthetic", 40, 4)
    machine[0] += '<meta name="ai-generated" content="yes">'
    written(folder / "corpus.jsonl", texts("human", 57, 3), ["the same text again and again"] * 3, machine)
    return folder


@pytest.fixture(scope="module")
def found(room: Path) -> Checkup:
    return check(room / "corpus.jsonl", human=room / "human.jsonl", synthetic=room / "synthetic.jsonl", **FAST)


def test_it_finds_what_was_put_there(found: Checkup) -> None:
    share = found.prevalence
    assert share.value is not None and share.low is not None and share.high is not None
    assert share.low <= 0.4 <= share.high and share.high - share.low < 0.5
    assert found.declared == {"unknown": 100}
    assert found.marks.marked == 1
    assert found.corpus.documents == 100 and found.corpus.copies == 2
    kinds = {one.kind for one in found.examples}
    assert kinds >= {"lost word", "copy", "mark", "most synthetic", "most human"}
    assert next(one.text for one in found.examples if one.kind == "lost word") == "quince"
    assert found.changes and found.shortcuts
    assert found.untold == ()


def test_the_answer_is_three_sentences(found: Checkup) -> None:
    assert len(found.answer) == 3 and all(sentence.endswith(".") for sentence in found.answer)
    assert "of the 100 documents are synthetic" in found.answer[0]
    assert json.loads(json.dumps(found.to_dict()))["answer"] == list(found.answer)


def test_present_practice_is_the_share_that_was_found(found: Checkup) -> None:
    assert found.forecast is not None and found.prevalence.value is not None
    assert found.forecast.policy == f"anchor(real={1 - round(found.prevalence.value, 3):.12g})"


def test_the_command_builds_the_very_mix(found: Checkup, room: Path) -> None:
    assert found.plan is not None and found.command is not None
    words = shlex.split(found.command)
    assert words[:2] == ["outcross", "mix"] and f"human={room / 'human.jsonl'}" in words
    options = dict(zip(words[4::2], words[5::2], strict=True))
    low, high = map(float, options["--synthetic-share"].split(".."))
    made = mix(
        words[2:4],
        policy=options["--policy"],
        budget=int(options["--budget"]),
        synthetic_share=(low, high),
        seed=int(options["--seed"]),
        out=room / "mix",
        engine="serial",
    )
    assert made.records == found.plan.budget and made.plan.recipe == found.plan.recipe
    assert made.plan.floor == found.plan.floor


def test_the_same_seed_gives_the_same_answers(found: Checkup, room: Path) -> None:
    again = check(room / "corpus.jsonl", human=room / "human.jsonl", synthetic=room / "synthetic.jsonl", **FAST)
    one, other = found.to_dict(), again.to_dict()
    del one["seconds"], other["seconds"]
    assert one == other


def test_with_nothing_but_the_corpus_it_says_what_it_would_need(room: Path) -> None:
    found = check(room / "corpus.jsonl", **FAST)
    assert found.prevalence.value is None and found.prevalence.low == 0.01  # one is marked
    assert found.changes == () and found.forecast is not None and "worst case" in found.forecast.notes[0]
    wants = dict(found.untold)
    assert wants["how much is synthetic"].startswith("--human FILE and --synthetic FILE")
    assert "--human FILE" in wants["what is lost"]
    assert found.plan is None and "what to train on instead" in wants
    assert "get human records" in found.answer[2]


def test_with_humans_alone_it_tells_what_is_lost(room: Path) -> None:
    found = check(room / "corpus.jsonl", human=room / "human.jsonl", **FAST)
    assert found.prevalence.value is None and found.changes and found.plan is not None
    assert [what for what, _ in found.untold] == ["how much is synthetic"]


def test_a_corpus_of_humans_by_its_labels_may_be_trained_on_whole(tmp_path: Path) -> None:
    rows = [{"text": text, "origin": "human"} for text in texts("human", 70, 1)]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = check(tmp_path / "corpus.jsonl", **FAST)
    assert found.plan is not None and found.plan.floor == found.plan.budget == 70
    assert found.answer[2] == "Train on these 70 records, which are all human by their labels."
    assert found.changes == () and "what is lost" in dict(found.untold)


def test_its_own_humans_are_no_reference_for_whether_their_words_occur(tmp_path: Path) -> None:
    rows = [{"text": text, "origin": kind} for kind in ("human", "synthetic") for text in texts(kind, 70, 1)]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    metrics = {one.metric for one in check(tmp_path / "corpus.jsonl", **FAST).changes}
    assert "types" in metrics and not metrics & {"survival", "tail_mass"}


def test_a_vault_has_references_and_knows_its_outputs(room: Path, tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault", key=Key.of_seed(bytes(32)), memory=False)
    vault.add(Texts.of(texts("human", 90, 1)), Provenance(Origin.HUMAN))
    vault.add(Texts.of([*texts("synthetic", 90, 2), *texts("synthetic", 40, 4)[1:21]]), Provenance(Origin.SYNTHETIC, 1))
    found = check(room / "corpus.jsonl", vault=vault, **FAST)
    share = found.prevalence
    assert share.low is not None and share.high is not None and 0.21 <= share.low <= 0.4 <= share.high
    assert share.diagnostics[0].name == "declared" and share.diagnostics[0].value == pytest.approx(0.21)
    assert found.human is not None and found.synthetic is not None and found.synthetic.documents == 110


def test_bad_input_is_said_in_one_line(room: Path, tmp_path: Path) -> None:
    empty = written(tmp_path / "empty.jsonl")
    with pytest.raises(BadInput, match=r"empty\.jsonl is empty"):
        check(empty, **FAST)
    blank = written(tmp_path / "blank.jsonl", ["  ", ""])
    with pytest.raises(BadInput, match=r"no text in blank\.jsonl"):
        check(blank, **FAST)
    with pytest.raises(MissingInput, match="corpse"):
        check(room / "corpse.jsonl", **FAST)
    with pytest.raises(BadSetting, match="is no vault"):
        check(room / "corpus.jsonl", vault=room / "human.jsonl", **FAST)
    with pytest.raises(BadSetting, match="at once"):
        check(room / "corpus.jsonl", human=f"synthetic={room / 'human.jsonl'}", **FAST)
    with pytest.raises(BadSetting, match="1 generation ahead"):
        check(room / "corpus.jsonl", engine="serial", generations=0)
    with pytest.raises(BadInput, match="could be a reference"):
        check(room / "corpus.jsonl", human=blank, **FAST)


def test_a_reference_is_another_file_and_a_mix_has_records(room: Path) -> None:
    corpus, human = room / "corpus.jsonl", room / "human.jsonl"
    for given in ({"human": corpus}, {"human": human, "synthetic": f"synthetic={human}"}):
        with pytest.raises(BadSetting, match="are the same"):
            check(corpus, **given, **FAST)
    with pytest.raises(BadSetting, match="at least one record"):
        check(corpus, human=human, budget=0, **FAST)
