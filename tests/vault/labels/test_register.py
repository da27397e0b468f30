"""The register of one's own outputs: many writers, torn lines, odd texts, and what it must never hold."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from outcross.core.canonical import digest
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused
from outcross.vault.labels.register import SHORTEST, Register, fingerprint

LONG = "It is important to note that cat number {} sleeps a lot, day and night."
TIME = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outputs.jsonl"


def test_what_was_added_is_known_in_any_layout_and_nothing_else(path: Path) -> None:
    texts = [LONG.format(number) for number in range(500)]
    hexadecimal = Register(path).add(texts, generator="mine", generator_digest="sha256:ab", time=TIME)
    assert [bytes.fromhex(one) for one in hexadecimal] == [digest(text) for text in texts]
    register = Register.load(path)
    found = register.known([text.replace(" ", "\n  ") for text in texts])
    assert {(one.generator, one.generator_digest, one.added, one.short) for one in found if one} == {
        ("mine", "sha256:ab", "2026-11-22T08:30:00Z", False)
    }
    assert len(found) == len(texts) == len(register) and None not in found
    assert register.known([text.upper() for text in texts]) == [None] * 500


def test_no_text_is_kept(path: Path) -> None:
    Register(path).add(["Zanzibar is a secret that nobody may ever read here, my dear friend."], generator="mine")
    assert b"anzibar" not in path.read_bytes()


def test_the_file_says_what_it_is(path: Path) -> None:
    Register(path).add([LONG, "Yes."], generator="mine", time=TIME)
    head, *lines = map(json.loads, path.read_text().splitlines())
    assert head == {"register": "outcross", "version": 1, "digest": "sha256", "canonical": "nfc-space/1"}
    assert lines == [
        {"sha256": hashlib.sha256(LONG.encode()).hexdigest(), "generator": "mine", "added": "2026-11-22T08:30:00Z"},
        {
            "sha256": hashlib.sha256(b"Yes.").hexdigest(),
            "generator": "mine",
            "added": "2026-11-22T08:30:00Z",
            "short": True,
        },
    ]


def test_short_texts_are_known_but_tell_nothing(path: Path) -> None:
    register = Register(path)
    register.add(["Yes, of course.", LONG], generator="mine")
    short, long, other = register.known([" Yes,  of course. ", LONG, "No."])
    assert short is not None and short.short and long is not None and not long.short and other is None
    assert register.recognises([digest("Yes, of course."), digest(LONG), digest("No.")]).tolist() == [
        False,
        True,
        False,
    ]
    assert [row.tobytes() for row in register.digests()] == [digest(LONG)]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", True),
        ("one two three four five six seven eight nine", True),
        ("one two three four five six seven eight nine ten", False),
        ("... ... ... ... ... ... ... ... ... ... ... ...", True),
        ("one-two-three-four-five-six-seven-eight-nine-ten", False),
        ("我非常喜欢在夏天的晚上去公园散步", False),
        ("猫は眠る", True),
        ("a" * 5000, True),
    ],
)
def test_words_are_counted_by_unicode_rules(text: str, short: bool) -> None:
    assert SHORTEST == 10
    assert fingerprint(text)[1] is short


def test_what_is_added_later_is_known_to_whoever_has_read_before(path: Path) -> None:
    first, second = Register(path), Register(path)
    first.add([LONG.format(1)], generator="a")
    assert second.known([LONG.format(1), LONG.format(2)])[1] is None
    first.add([LONG.format(2)], generator="b")
    assert [one and one.generator for one in second.known([LONG.format(1), LONG.format(2)])] == ["a", "b"]
    assert len(second.digests()) == 2


def test_the_first_who_wrote_it_is_told(path: Path) -> None:
    register = Register(path)
    for name in ("a", "b", "a"):
        register.add([LONG], generator=name)
    found = register.known([LONG])[0]
    assert (len(register), found and found.generator) == (1, "a")
    assert len(Register.load(path)) == 1


def _add(path: Path, number: int) -> None:
    register = Register(path)
    for batch in range(40):
        register.add([LONG.format(f"{number}-{batch}-{place}") for place in range(25)], generator=f"model-{number}")


def test_four_processes_add_to_one_file(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(path, number)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    register = Register.load(path)
    assert (len(register), register.notes) == (4 * 40 * 25, ())
    assert len(path.read_text().splitlines()) == 1 + 4 * 40 * 25
    found = register.known([LONG.format(f"{number}-39-24") for number in range(4)])
    assert [one and one.generator for one in found] == [f"model-{number}" for number in range(4)]


ENDLESS = """
import sys
from outcross.vault.labels.register import Register

register, batch = Register("outputs.jsonl"), 0
while True:
    register.add([sys.argv[1].format(f"{batch}-{place}") for place in range(50)], generator="mine")
    print(batch, flush=True)
    batch += 1
"""


@pytest.mark.parametrize("batches", [1, 7, 30])
def test_a_killed_writer_loses_nothing_that_it_had_handed_on(path: Path, batches: int) -> None:
    """It says each batch that is registered, and is killed while it goes on."""
    with subprocess.Popen([sys.executable, "-c", ENDLESS, LONG], cwd=path.parent, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        said = [next(writer.stdout) for _ in range(batches)]
        writer.kill()
        said += writer.stdout.readlines()
    register = Register.load(path)
    assert None not in register.known([LONG.format(f"{int(batch)}-49") for batch in said])
    register.add([LONG.format("after")], generator="mine")
    assert None not in register.known([LONG.format("after"), LONG.format("0-0")])


FULL = """
import resource
from outcross.core.errors import OutputRefused
from outcross.vault.labels.register import Register

register = Register("outputs.jsonl")
register.add(["first"], generator="mine")
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
try:
    register.add([str(number) for number in range(100)], generator="mine")
except OutputRefused as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
register.add(["last"], generator="mine")
"""


def test_a_full_disk_is_said_and_what_was_there_stays(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL], cwd=path.parent, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cannot add to 'outputs.jsonl': ")
    register = Register.load(path)
    assert [one is not None for one in register.known(["first", "99", "last"])] == [True, False, True]
    assert len(register.notes) == 1


@pytest.mark.parametrize("cut", [1, 9, 60, 100, -1])
def test_a_torn_last_line_is_passed_over_and_said(path: Path, cut: int) -> None:
    register = Register(path)
    register.add([LONG.format(1)], generator="mine")
    whole = path.read_bytes()
    register.add([LONG.format(2)], generator="mine")
    more = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + more[:cut])
    torn = Register.load(path)
    assert [one is not None for one in torn.known([LONG.format(1), LONG.format(2)])] == [True, False]
    assert len(torn.notes) == 1 and "the last line has no end" in torn.notes[0]
    torn.add([LONG.format(3)], generator="mine")  # begins a line of its own
    again = Register.load(path)
    ended = cut == -1  # only its line end was missing
    known = again.known([LONG.format(number) for number in (1, 2, 3)])
    assert [one is not None for one in known] == [True, ended, True]
    assert again.notes == () if ended else "cannot read line 3," in again.notes[0]


@pytest.mark.parametrize("cut", [0, 1, 30, 70])
def test_a_torn_first_line_is_written_again(path: Path, cut: int) -> None:
    Register(path).add([LONG], generator="mine")
    path.write_bytes(path.read_bytes()[:cut])
    assert Register.load(path).known([LONG]) == [None]
    Register(path).add([LONG], generator="mine")
    register = Register.load(path)
    assert (len(register), register.notes) == (1, ())


def test_fields_of_later_versions_are_passed_over(path: Path) -> None:
    Register(path).add([LONG], generator="mine")
    line = {
        "sha256": digest("x").hex(),
        "generator": "new",
        "added": "2027-01-01T00:00:00Z",
        "later": [1],
        "short": True,
    }
    head = json.loads(path.read_text().splitlines()[0])
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n\n" + json.dumps({**head, "later": 1}) + "\n")
    assert Register.load(path).notes == ()
    assert [one and one.generator for one in Register.load(path).known([LONG, "x"])] == ["mine", "new"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        '{"generator": "a", "added": "2027-01-01T00:00:00Z"}',
        '{"sha256": "zz", "generator": "a", "added": "2027-01-01T00:00:00Z"}',
        '{"sha256": "abcd", "generator": "a", "added": "2027-01-01T00:00:00Z"}',
        f'{{"sha256": "{"ab" * 32}", "generator": 3, "added": "2027-01-01T00:00:00Z"}}',
        f'{{"sha256": "{"ab" * 32}", "generator": "a", "added": "yesterday"}}',
        f'{{"sha256": "{"ab" * 32}", "generator": "a", "added": 3}}',
    ],
)
def test_a_line_that_is_none_is_said_with_its_number(path: Path, line: str) -> None:
    Register(path).add([LONG], generator="mine")
    with path.open("a") as file:
        file.write(line + "\n")
    register = Register.load(path)
    assert len(register) == 1 and "cannot read line 3," in register.notes[0]


@pytest.mark.parametrize("content", ['{"text": "a cat"}\n', "text\na cat\n", "{\n", '{"register": "other"}\n', "[]\n"])
def test_other_files_are_not_written_to(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(BadInput, match="no register"):
        Register(path).add([LONG], generator="mine")
    assert path.read_text() == content
    with pytest.raises(BadInput, match="no register"):
        Register.load(path)


@pytest.mark.parametrize(("what", "value"), [("version", 2), ("canonical", "nfkc/1"), ("digest", "blake3")])
def test_registers_of_other_rules_are_refused(path: Path, what: str, value: object) -> None:
    head = {"register": "outcross", "version": 1, "digest": "sha256", "canonical": "nfc-space/1", what: value}
    path.write_text(json.dumps(head) + "\n")
    with pytest.raises(BadInput, match=what):
        Register.load(path)
    with pytest.raises(BadInput, match=what):
        Register(path).add([LONG], generator="mine")


def test_a_lone_surrogate_is_no_text_and_is_not_known(path: Path) -> None:
    register = Register(path)
    with pytest.raises(BadInput, match="surrogate"):
        register.add([LONG, "a\ud800b"], generator="mine")
    assert not path.exists()
    register.add([LONG], generator="mine")
    assert register.known(["a\ud800b"]) == [None]


def test_what_cannot_be_is_said(path: Path) -> None:
    with pytest.raises(MissingInput, match="nothing was added"):
        Register(path).known([LONG])
    with pytest.raises(OutputRefused, match="cannot add"):
        Register(path.parent / "none" / "outputs.jsonl").add([LONG], generator="mine")
    with pytest.raises(BadSetting, match="must be a text"):
        Register(path).add([LONG], generator=object())  # type: ignore[arg-type]
    Register(path).add([], generator="mine")
    assert not path.exists()


def test_a_register_that_got_shorter_is_said(path: Path) -> None:
    register = Register(path)
    register.add([LONG.format(number) for number in range(9)], generator="mine")
    register.known([LONG])
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BadInput, match="shorter than it was"):
        register.known([LONG])


def test_digests_that_end_in_null_bytes_are_told_apart(path: Path) -> None:
    ends = [bytes([7]) * 31 + b"\0", bytes([7]) * 30 + b"\0\0", b"\0" * 32]
    register = Register(path)
    register.keep([(one.hex(), False) for one in ends[:2]], generator="mine")
    assert register.recognises([*ends, bytes([7]) * 32]).tolist() == [True, True, False, False]
    assert {row.tobytes() for row in register.digests()} == set(ends[:2])


def test_it_is_small_and_can_be_sent_to_another_process(path: Path) -> None:
    number = 50_000
    prints = [(row.tobytes().hex(), False) for row in _rows(number)]
    Register(path).keep(prints, generator="mine")
    tracemalloc.start()
    register = Register.load(path)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(register) == number and size < 60 * number
    again = pickle.loads(pickle.dumps(register))
    assert again.recognises([bytes.fromhex(prints[7][0])]).all()


def _rows(number: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, size=(number, 32), dtype=np.uint8)
