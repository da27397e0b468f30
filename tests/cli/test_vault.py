"""`outcross vault` as it is typed: the exit code of `verify` first, then every command on real files."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import outcross as oc
from outcross import cli

STATEMENT = "https://in-toto.io/Statement/v1"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command in this process, with a home of its own: exit code, stdout, stderr."""
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["outcross", "vault", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Path:
    human = [
        {"id": f"h{k}", "text": f"My cat number {k} sleeps on the sofa.", "url": f"http://x/{k}"} for k in range(20)
    ]
    (tmp_path / "human.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in human).encode()))
    (tmp_path / "machine.csv").write_text("id,text\nm1,It is important to note that cats sleep a lot.\n")
    assert run("init", "corpus")[0] == 0
    said = ["--origin", "human", "--source", "diary", "--license", "CC0-1.0", "--evidence", "attested"]
    assert run("add", "corpus", "human.jsonl.gz", *said, "--engine", "serial")[0] == 0
    assert (
        run("add", "corpus", "machine.csv", "--origin", "synthetic", "--generator", "gpt-x", "--engine", "serial")[0]
        == 0
    )
    return tmp_path / "corpus"


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.unlink()
    path.write_bytes(bytes(data))


def test_verify_says_so_by_its_exit_code(filled: Path, run: Run) -> None:
    code, said, _ = run("verify", "corpus", "--records")
    assert (code, said.partition(":")[0]) == (0, "sound")
    path = next((filled / "records").iterdir())
    _flip(path)
    code, said, _ = run("verify", "corpus")
    assert code == 1 and said.splitlines()[0] == f"records/{path.name} is not what was signed: its bytes have changed"
    code, said, _ = run("verify", "corpus", "--json")
    told = json.loads(said)
    assert code == 1 and not told["sound"] and [one["file"] for one in told["faults"]] == [f"records/{path.name}"]
    code, said, err = run("export", "corpus", "out")
    assert (code, said) == (1, "") and path.name in err and err.count("\n") == 1


def test_a_broken_log_is_verified_and_not_opened(filled: Path, run: Run) -> None:
    _flip(filled / "_delta_log" / f"{1:020}.json")
    code, said, _ = run("verify", "corpus")
    assert code == 1 and all(f"{1:020}.json" in line for line in said.splitlines()[:-1])
    code, _, err = run("show", "corpus")
    assert code == 1 and err.startswith("outcross: ") and err.count("\n") == 1


def test_a_vault_that_was_rolled_back(filled: Path, run: Run) -> None:
    checkpoint = filled.parent / "checkpoint.txt"
    code, said, _ = run("log", "corpus")
    checkpoint.write_text(said[said.index("\ncorpus-") + 1 :] if "\ncorpus-" in said else said)
    assert code == 0 and run("verify", "corpus", "--checkpoint", checkpoint)[0] == 0
    last = filled / "_delta_log" / f"{2:020}.json"
    kept = last.read_bytes()
    last.unlink()
    code, said, _ = run("verify", "corpus")
    assert code == 1 and "rolled back" in said
    last.write_bytes(kept)
    assert run("verify", "corpus")[0] == 0


def test_show_and_log(filled: Path, run: Run) -> None:
    code, said, _ = run("show", "corpus")
    assert code == 0 and "21 live records in 3 commits" in said and "human" in said
    told = json.loads(run("show", "corpus", "--json")[1])
    assert [(one["origin"], one["generation"], one["records"]) for one in told["strata"]] == [
        ("human", 0, 20),
        ("synthetic", 1, 1),
    ]
    [row] = json.loads(run("show", "corpus", "h3", "--json")[1])
    assert row["source"] == "diary" and row["live"] and json.loads(row["metadata"]) == {"url": "http://x/3"}
    assert [one["operation"] for one in json.loads(run("log", "corpus", "--json")[1])] == ["init", "add", "add"]
    assert run("show", "corpus", "h99")[0] == 2


def test_heads_can_be_verified_by_others(filled: Path, run: Run, tmp_path: Path) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    assert run("log", "corpus", "--heads", "heads")[0] == 0
    public = json.loads(run("show", "corpus", "--json")[1])["public"]
    raw = base64.b64decode(public.removeprefix("ed25519:"))
    value = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": raw.hex()}}
    before = None
    for number in range(3):
        told = json.loads((tmp_path / "heads" / f"{number:06}.dsse.json").read_text())
        key = signer.SSlibKey.from_dict(told["signatures"][0]["keyid"], dict(value))
        envelope = dsse.Envelope.from_dict(told)
        assert envelope.verify([key], 1)
        statement = json.loads(envelope.payload)
        entry = statement["predicate"]["entry"]
        assert (statement["_type"], entry["commit"], entry["previous"]) == (STATEMENT, number, before)
        file = filled / "_delta_log" / f"{number:020}.json"
        before = hashlib.sha256(file.read_bytes()).hexdigest()
        for subject in statement["subject"][1:]:
            data = (filled / subject["name"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == subject["digest"]["sha256"]
    assert (tmp_path / "heads" / "000002.checkpoint").read_text().startswith("corpus-")


def test_a_machine_text_cannot_enter_as_human(filled: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "lie.jsonl").write_text('{"text": "It is important to  note that cats sleep a lot."}\n')
    code, said, err = run("add", "corpus", "lie.jsonl", "--origin", "human", "--engine", "serial")
    assert (code, said) == (2, "") and "machine-output" in err and "known machine outputs" in err
    assert json.loads(run("show", "corpus", "--json")[1])["records"] == 21


def test_broken_rows_are_kept_aside(filled: Path, run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"Cat {k} eats."}) for k in range(50)]
    (tmp_path / "odd.jsonl").write_text("\n".join([*lines, '{"text": "cut o']) + "\n")
    words = ["add", "corpus", "odd.jsonl", "--origin", "human", "--engine", "serial"]
    code, said, err = run(*words)
    assert (code, said) == (2, "") and "odd.jsonl, line 51" in err and "nothing was added" in err
    code, said, _ = run(*words, "--most-broken", 0.05, "--json")
    told = json.loads(said)
    assert code == 0 and (told["added"], told["rejected"]) == (50, {"broken-line": 1})
    kept = [json.loads(line) for line in (filled / told["quarantine"]).read_text().splitlines()]
    assert [(row["line"], row["kind"], row["raw"]) for row in kept] == [(51, "broken-line", '{"text": "cut o')]
    assert run(*words, "--most-broken", 0.05)[1].startswith("nothing new; 50 were in the vault already")


def test_what_was_refused_is_looked_at_again_once_the_vault_has_gone_on(filled: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "child.jsonl").write_text('{"id": "c1", "text": "A sum of two cats.", "parents": ["p1"]}\n')
    (tmp_path / "parent.jsonl").write_text('{"id": "p1", "text": "Two cats and two more."}\n')
    child = ["add", "corpus", "child.jsonl", "--origin", "synthetic", "--engine", "serial"]
    for _ in range(2):
        code, _, err = run(*child)
        assert code == 2 and "1 row in quarantine (1 no-parent)" in err
    assert run("add", "corpus", "parent.jsonl", "--origin", "human", "--engine", "serial")[0] == 0
    assert run(*child)[1] == "1 record added in commit 4\n"
    assert not (filled / "_pending").exists()


def test_a_register_counts_for_work_that_was_begun_without_it(filled: Path, run: Run, tmp_path: Path) -> None:
    text = "One two three four five six seven eight nine ten eleven."
    (tmp_path / "own.jsonl").write_text(json.dumps({"text": text}) + "\n{")
    register = oc.Register(tmp_path / "outputs.jsonl")
    register.add([text], generator="gpt-x")
    words = ["add", "corpus", "own.jsonl", "--origin", "human", "--engine", "serial"]
    assert run(*words)[0] == 2
    code, said, _ = run(*words, "--register", "outputs.jsonl", "--most-broken", 1, "--json")
    assert code == 0 and json.loads(said)["rejected"] == {"broken-line": 1, "machine-output": 1}


def test_a_column_that_is_nowhere_is_refused(filled: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text('{"text": "One more cat.", "label": "human"}\n{"text": "A dog."}\n')
    words = ["add", "corpus", "more.jsonl", "--engine", "serial", "--field"]
    code, said, err = run(*words, "origin=labl")
    assert (code, said) == (2, "") and "no record has a 'labl', which was to be its origin" in err
    code, said, err = run(*words, "origin=label", "--evidence", "published-before-2022")
    assert (code, said) == (0, "2 records added in commit 3\n") and "nobody said who wrote 1 record:" in err
    [kept, _] = json.loads(run("show", "corpus", "--first", 99, "--json")[1])[-2:]
    [row] = json.loads(run("show", "corpus", kept["id"], "--json")[1])
    assert (row["origin"], row["evidence"]) == ("human", "published before 2022")


def test_what_is_long_is_cut_short_in_tables_only(filled: Path, run: Run, tmp_path: Path) -> None:
    rows = [{"id": f"g{k}", "text": "cat " * 500, "group": f"group {k}"} for k in range(60)]
    (tmp_path / "groups.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("add", "corpus", "groups.jsonl", "--origin", "human", "--engine", "serial")[0] == 0
    code, said, err = run("show", "corpus")
    assert code == 0 and said.count("\n") == 42 and err == "and 22 rows more; --json has all of them\n"
    assert "and 54 more" in run("log", "corpus")[1]
    code, said, _ = run("show", "corpus", "g1")
    assert (
        "(2,000 characters; --json has all)" in said and len(json.loads(run("show", "corpus", "g1", "--json")[1])) == 1
    )


def test_unfinished_work_is_one_remark(filled: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"text": "cut o')
    assert run("add", "corpus", "odd.jsonl", "--engine", "serial")[0] == 2
    code, _, err = run("verify", "corpus")
    assert code == 0 and err.startswith("note: 1 add did not end, or was refused") and err.count("\n") == 1
    assert len(json.loads(run("verify", "corpus", "--json")[1])["remarks"]) > 1


def test_a_key_that_is_named_is_made_and_where_it_lies_is_said(run: Run, tmp_path: Path) -> None:
    code, _, err = run("init", "own", "--key", "own.pem")
    assert code == 0 and "own.pem; keep it" in err and (tmp_path / "own.pem").stat().st_mode & 0o077 == 0
    assert json.loads(run("init", "mine", "--json")[1])["key"] == str(tmp_path / "home" / "keys" / "vault.pem")
    code, _, err = run("init", "mine")
    assert code == 2 and "there is a vault already" in err


def test_an_add_that_is_stopped_says_how_to_go_on(filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(oc.Vault, "ingest", stop)
    code, said, err = run("add", "corpus", "human.jsonl.gz")
    assert (code, said) == (130, "") and "the same command goes on" in err


def test_proofs(filled: Path, run: Run, tmp_path: Path) -> None:
    public = json.loads(run("show", "corpus", "--json")[1])["public"]
    assert run("prove", "corpus", "h7", "--out", "h7.tlog-proof")[0] == 0
    (tmp_path / "h7.txt").write_text("My cat number 7 sleeps on the sofa.")
    (tmp_path / "h8.txt").write_text("My cat number 8 sleeps on the sofa.")
    check = ["prove", "h7.tlog-proof", "--check", "--public", public]
    code, said, _ = run(*check, "--text", "h7.txt")
    assert code == 0 and said.startswith("proven: commit 1 of corpus-")
    assert run(*check, "--text", "h8.txt")[0] == 1
    (tmp_path / "h7.txt").write_text("My cat number 7 sleeps on the sofa.\n")
    code, _, err = run(*check, "--text", "h7.txt")
    assert code == 0 and "without the line break at its end" in err
    code, _, err = run("prove", "none.tlog-proof", "--check", "--public", public)
    assert code == 2 and "no file 'none.tlog-proof'" in err
    code, _, err = run("prove", "h7.tlog-proof", "--check", "--public", "ed25519:abc")
    assert code == 2 and "not a public key" in err
    (tmp_path / "h7.tlog-proof").write_text((tmp_path / "h7.tlog-proof").read_text().replace("index 1", "index 0"))
    assert run(*check)[0] == 1
    assert run("prove", "h7.tlog-proof", "--check")[0] == 2


def test_export_withdraw_and_compact(filled: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "child.jsonl").write_text('{"id": "c1", "text": "A sum of my cat number 5.", "parents": ["h5"]}\n')
    child = ["--origin", "synthetic", "--generator", "gpt-x", "--engine", "serial"]
    assert run("add", "corpus", "child.jsonl", *child)[0] == 0
    dry = json.loads(run("withdraw", "corpus", "h5", "--reason", "she asked", "--dry-run", "--json")[1])
    assert dry["records"] == 2 and json.loads(run("show", "corpus", "--json")[1])["records"] == 22
    assert run("withdraw", "corpus", "h5", "--reason", "she asked")[0] == 0
    assert run("compact", "corpus", "--erase")[0] == 0
    assert run("verify", "corpus", "--records")[0] == 0
    assert not any(b"number 5 " in path.read_bytes() for path in filled.rglob("*.parquet"))
    code, said, _ = run("export", "corpus", "out", "--format", "parquet", "--json")
    assert code == 0 and sum(one["records"] for one in json.loads(said)["strata"]) == 20
    assert "h5" not in pl.read_parquet(tmp_path / "out" / "data" / "*.parquet")["id"]


def test_keys(filled: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "home" / "keys" / "vault.pem"
    assert secret.stat().st_mode & 0o077 == 0
    body = secret.read_text().splitlines()[1]
    (tmp_path / "more.txt").write_text("One more cat.\n\nAnd one more.\n")
    words = ["add", "corpus", "more.txt", "--engine", "serial"]
    everything = "".join("".join(map(str, run(*words))) for _ in range(2)) + "".join(run("log", "corpus", "--json")[1:])
    assert body not in everything
    secret.rename(tmp_path / "moved.pem")
    (tmp_path / "more.txt").write_text("A third.\n\nA fourth.\n")
    code, _, err = run(*words)
    assert code == 2 and "no key" in err and err.count("\n") == 1
    assert run("init", "other")[0] == 0
    code, _, err = run(*words)
    assert code == 2 and "is not that of the vault" in err
    assert run(*words, "--key", tmp_path / "moved.pem")[0] == 0


BAD: list[tuple[list[Any], str]] = [
    (["add", "nowhere", "human.jsonl.gz"], "no vault at"),
    (["add", "corpus", "humn.jsonl.gz"], "did you mean 'human.jsonl.gz'?"),
    (["add", "corpus", "machine.csv", "--field", "text"], "--field is written FIELD=COLUMN"),
    (["add", "corpus", "machine.csv", "--field", "txt=text"], "did you mean 'text'?"),
    (["add", "corpus", "machine.csv", "--shard", "4/4"], "no shard 4/4"),
    (["add", "corpus", "machine.csv", "--confidence", "2"], "from 0 to 1"),
    (["add", "corpus", "machine.csv", "--origin", "human", "--generation", "1"], "human record"),
    (["add", "corpus", "machine.csv", "--evidence", "published"], "--evidence is one of declared"),
    (["add", "corpus", "machine.csv", "--collected", "last week"], "not 'last week'"),
    (["init", "corpus"], "is not empty"),
    (["init", "new", "--name", "a b"], "no white space"),
    (["withdraw", "corpus", "h99", "--reason", "none"], "h99"),
    (["prove", "corpus"], "which record?"),
    (["export", "corpus", "out", "--format", "csv"], "parquet or jsonl"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(map(str, words)) for words, _ in BAD])
def test_what_is_misused_is_said_in_one_line(filled: Path, run: Run, words: list[Any], said: str) -> None:
    before = sorted(path.name for path in filled.rglob("*"))
    code, out, err = run(*words)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1
    assert sorted(path.name for path in filled.rglob("*")) == before
