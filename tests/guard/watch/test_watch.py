"""Two snapshots or more: who is judged against whom, what passes, what never does, and how it is told."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

import outcross as oc
from outcross.core.errors import BadInput, BadSetting, MissingInput, NotProven
from outcross.core.provenance import Origin, Provenance
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.thresholds import Thresholds
from outcross.guard.watch.watch import watch
from outcross.vault.keys import make_key
from outcross.vault.vault import Vault
from tests.guard.watch.corpora import drawn, write

MAY, JUNE = Snapshot.of(drawn(300, 3000, 1)), Snapshot.of(drawn(300, 3000, 2))
POOR, POORER = Snapshot.of(drawn(300, 800, 3)), Snapshot.of(drawn(300, 400, 4))


def test_the_same_law_passes_and_a_poorer_one_does_not() -> None:
    same = watch(MAY, JUNE)
    assert (same.answer, same.exit_code, same.passed) == ("pass", 0, True)
    poorer = watch(MAY, POOR)
    assert (poorer.answer, poorer.exit_code, poorer.passed) == ("fail", 1, False)
    assert {"types", "tail_mass"} <= {gate.metric for gate in poorer.gates if gate.answer == "fail"}
    assert "different words" in poorer.sentence
    assert "snapshot 2 does not pass" in poorer.sentence
    lost = [one.text for one in poorer.examples if one.kind == "lost word"]
    assert lost
    assert all(int(word.removeprefix("word")) >= 800 for word in lost)


def test_a_warning_passes() -> None:
    found = watch(MAY, POOR, thresholds=Thresholds.parse("[types]\nwarn = 0.1"))
    assert (found.answer, found.exit_code) == ("warn", 0)


def test_the_newest_of_a_series_is_judged_against_the_first() -> None:
    found = watch(MAY, POOR, JUNE)
    assert found.answer == "pass"
    assert [one.answer for one in found.against_first] == ["fail", "pass"]
    assert [(one.old, one.new) for one in found.steps] == [("snapshot 1", "snapshot 2"), ("snapshot 2", "snapshot 3")]
    assert found.since is None
    found = watch(MAY, JUNE, POOR, POORER)
    assert (found.answer, found.since) == ("fail", "snapshot 3")
    assert "nor does any since snapshot 3" in found.sentence
    assert [one.answer for one in found.steps] == ["pass", "fail", "fail"]


def test_what_cannot_be_told_does_not_pass() -> None:
    few = Snapshot.of(drawn(10, 3000, 5))
    assert watch(MAY, few).exit_code == 3
    asked = Thresholds.parse("[types]\nfail = 0.1\n[synthetic_share]\nfail = { above = 0.5 }")
    found = watch(MAY, JUNE, thresholds=asked)
    assert (found.answer, found.exit_code) == ("could not tell", 3)
    assert "nothing says who wrote" in found.sentence
    assert watch(MAY, POOR, thresholds=asked).exit_code == 1, "what failed has failed"


def test_one_text_copied_over_and_over_does_not_pass() -> None:
    texts = drawn(300, 3000, 2)
    assert watch(MAY, Snapshot.of(texts + ["the same old text"] * 300)).exit_code == 1
    assert watch(MAY, Snapshot.of(["the same old text"] * 300)).exit_code == 1
    assert watch(MAY, Snapshot.of(texts[:100] * 3)).exit_code == 1


def test_nothing_is_never_compared(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no document"):
        watch(MAY, Snapshot.empty())
    with pytest.raises(BadInput, match="no document"):
        watch(Snapshot.empty(), MAY)
    Snapshot.empty().save(tmp_path / "nothing.snapshot")
    with pytest.raises(BadInput, match=r"nothing\.snapshot.*no document"):
        watch(MAY, tmp_path / "nothing.snapshot")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(BadInput, match="empty"):
        watch(MAY, tmp_path / "empty.jsonl", engine="serial")


@pytest.mark.parametrize("given", [(), (MAY,)])
def test_one_is_not_enough(given: tuple[Snapshot, ...]) -> None:
    with pytest.raises(BadSetting, match="at least two"):
        watch(*given)


def test_misuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="between 0 and 1"):
        watch(MAY, JUNE, level=95)
    with pytest.raises(MissingInput):
        watch(MAY, tmp_path / "none.snapshot")
    with pytest.raises(MissingInput):
        watch(MAY, JUNE, thresholds=tmp_path / "none.toml")
    with pytest.raises(BadSetting, match="'tipes', unknown; did you mean 'types'"):
        watch(MAY, JUNE, thresholds=Thresholds.parse("[tipes]\nfail = 0.1"))
    with pytest.raises(BadSetting, match="can never be exceeded"):
        watch(MAY, JUNE, thresholds=Thresholds.parse("[types]\nfail = 5"))
    with pytest.raises(BadSetting, match="is no vault"):
        watch(JUNE, against=write(tmp_path / "may.jsonl", ["a cat"]))


def test_every_usual_threshold_is_of_a_metric_that_is_known() -> None:
    grouped = Snapshot.of(drawn(100, 900, 7), ["human\t0\tnews"] * 50 + ["synthetic\t1\tchat"] * 50)
    found = watch(grouped, grouped)
    assert found.answer == "pass"
    asked = {one.metric for one in Thresholds.usual().asked}
    assert asked == {gate.threshold.metric for gate in found.gates}


def test_a_file_may_be_stored_or_a_corpus_and_says_the_same(tmp_path: Path) -> None:
    may, poor = write(tmp_path / "may.jsonl", drawn(100, 3000, 1)), write(tmp_path / "poor.jsonl", drawn(100, 400, 3))
    read = watch(may, poor, engine="serial")
    kept = read.save_snapshot(tmp_path / "poor.snapshot")
    oc.snapshot(may, engine="serial").save(tmp_path / "may.snapshot")
    stored = watch(tmp_path / "may.snapshot", kept)
    assert stored.changes == read.changes
    assert stored.names == ("may.snapshot", "poor.snapshot")
    (tmp_path / "may.snapshot").rename(tmp_path / "kept.bin")
    assert watch(tmp_path / "kept.bin", kept).changes == read.changes


def test_a_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "june.snapshot"
    JUNE.save(path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"{}", whole[:5000] + b"\0\0\0\0" + whole[5004:]):
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match=r"june\.snapshot"):
            watch(MAY, path)


def test_the_file_of_thresholds_names_and_pins_the_baseline(tmp_path: Path) -> None:
    MAY.save(tmp_path / "may.snapshot")
    toml = tmp_path / "watch.toml"
    toml.write_text(f"[types]\nfail = 0.1\n[baseline]\nsnapshot = 'may.snapshot'\nsha256 = '{MAY.digest}'\n")
    assert watch(JUNE, thresholds=toml).answer == "pass"
    POOR.save(tmp_path / "may.snapshot")
    with pytest.raises(NotProven, match="pins"):
        watch(JUNE, thresholds=toml)
    with pytest.raises(BadSetting, match="leave out one"):
        watch(JUNE, thresholds=toml, against="corpus.vault")


def test_a_vault_is_a_baseline_by_its_human_records(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key.pem")
    vault = Vault.create(tmp_path / "corpus.vault", name="corpus", key=key, memory=False)
    for name, types, told in (
        ("human", 3000, Provenance(Origin.HUMAN)),
        ("machine", 300, Provenance(Origin.SYNTHETIC, 1, generator="m")),
    ):
        texts = [f"{name} {text}" for text in drawn(100, types, 8)]
        vault.ingest(oc.Request((write(tmp_path / f"{name}.jsonl", texts),), told, claimed=True), engine="serial")
    june = Snapshot.of([f"human {text}" for text in drawn(100, 3000, 9)])
    found = watch(june, against=vault, engine="serial")
    assert found.snapshots[0].documents == 100
    assert found.names[0] == "corpus.vault, human"
    assert found.answer == "pass"
    POOR.save(tmp_path / "corpus.vault.snapshot")
    assert watch(june, against=tmp_path / "corpus.vault").snapshots[0].digest == POOR.digest


def test_names_are_as_long_as_they_must_be(tmp_path: Path) -> None:
    for folder in ("may", "june"):
        (tmp_path / folder).mkdir()
        MAY.save(tmp_path / folder / "a.snapshot")
    paths = [tmp_path / folder / "a.snapshot" for folder in ("may", "june", "may")]
    assert watch(*paths).names == ("may/a.snapshot (1)", "june/a.snapshot", "may/a.snapshot (3)")


def test_every_way_of_telling_agrees(tmp_path: Path) -> None:
    found = watch(MAY, JUNE, POOR)
    plain = found.to_dict()
    assert (plain["answer"], plain["exit_code"], plain["since"]) == ("fail", 1, "snapshot 3")
    assert plain["snapshots"][0]["sha256"] == MAY.digest
    assert Thresholds.parse(plain["thresholds"]).asked == Thresholds.usual().asked
    root = ElementTree.fromstring(found.junit().encode())
    assert len(list(root.iter("testcase"))) == len(found.gates)
    assert len(list(root.iter("failure"))) == sum(gate.answer == "fail" for gate in found.gates)
    text = found.markdown()
    assert text.startswith("### ❌ fail")
    rows = [line for line in text.splitlines() if line.startswith("| types: fail")]
    assert len(rows) == 1
    assert "surely more than 10 %" in rows[0]
    page = found.page(tmp_path / "june.html").read_text(encoding="utf-8")
    assert "does not pass" in page
    assert "<script" not in page
    assert len(page) < 1_000_000


def test_markdown_is_not_broken_by_names() -> None:
    strange = "<b>|`x`|\n*y*</b>"
    snapshots = [Snapshot.of(drawn(100, 900, seed), [f"human\t0\t{strange}"] * 100) for seed in (1, 2)]
    lines = watch(*snapshots).markdown().splitlines()
    found = [line for line in lines if line.startswith("| group")]
    assert found
    assert all(line.replace("\\|", "").count("|") in (4, 6) for line in found)
    assert not any("<b>" in line for line in lines)
