"""Whatever is done to the files of a vault is found, and blamed on the right one: single bits and longer edits, files
that are removed, cut, added, swapped, rolled back or taken from elsewhere, and heads that somebody else has signed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from outcross.core.errors import NotProven
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.adding import Request
from outcross.vault.commit import LOG, Commit, name_of, written
from outcross.vault.head import Head
from outcross.vault.keys import Key
from outcross.vault.log import Log
from outcross.vault.merkle import Frontier
from outcross.vault.objects import objects
from outcross.vault.trust import Seen
from outcross.vault.vault import Vault
from outcross.vault.verification import Verification, verify

KEY, OTHER = Key.of_seed(b"cats" * 8), Key.of_seed(b"dogs" * 8)
HUMAN = Provenance(Origin.HUMAN, source="diary", license="CC0-1.0")
COMPACTION = 5
COMMITS = 8


@dataclass(frozen=True)
class Sample:
    """A vault that was made once; what it was after each of its commits; and a copy that may be spoilt."""

    folder: Path
    states: tuple[Path, ...]
    seen: Seen

    @property
    def files(self) -> dict[str, bytes]:
        return contents(self.folder)

    def put(self, name: str, data: bytes | None) -> None:
        path = self.folder / name
        if data is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def restore(self, files: dict[str, bytes]) -> None:
        for name in self.files.keys() - files.keys():
            self.put(name, None)
        for name, data in files.items():
            self.put(name, data)

    def verified(self, *, seen: Seen | None = None, key: bool = True, records: bool = False) -> Verification:
        return verify(objects(self.folder), KEY.public if key else None, seen, records=records)

    def blamed(self, *, seen: bool = True, key: bool = True) -> set[str]:
        found = self.verified(seen=self.seen if seen else None, key=key)
        assert found.sound == (not found.faults)
        return {fault.file for fault in found.faults}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def opened(folder: Path, key: Key = KEY) -> Vault:
    return Vault(folder, key=key, memory=False)


def seen_of(folder: Path) -> Seen:
    log = opened(folder).log
    return Seen(str(folder), log.origin, log.key, len(log.commits), log.last.head.tree.root())


def forked(sample: Sample, number: int, commits: int, tmp_path: Path) -> Path:
    """Another history from after commit ``number`` on, signed with the same key, of so many commits."""
    folder = tmp_path / f"fork-{number}-{commits}"
    shutil.copytree(sample.states[number], folder)
    vault = opened(folder)
    for n in range(commits):
        vault.add(Texts.of([f"another history {number} {n}"]), HUMAN)
    return folder


def another(tmp_path: Path, key: Key = KEY, commits: int = COMMITS) -> Path:
    """Another vault, made with the same key or another one."""
    folder = tmp_path / "another"
    vault = Vault.create(folder, name="cats", key=key, memory=False)
    for n in range(commits - 1):
        vault.add(Texts.of([f"other cats {n}"]), HUMAN)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, ...]]:
    base = tmp_path_factory.mktemp("made")
    vault = Vault.create(base / "cats", key=KEY, memory=False)
    broken = base / "in.jsonl"
    lines = [f'{{"id":"line-{n}","text":"Line {n}: à la carte, 猫."}}' for n in range(40)]
    broken.write_text("\n".join([*lines[:20], '{"text": "cut o', *lines[20:], "\udc80"]), errors="surrogateescape")
    request = Request((broken,), Provenance(Origin.SYNTHETIC, 1, generator="parrot"), most=0.5)
    steps: tuple[Callable[[], object], ...] = (
        lambda: vault.add(Texts.of([f"A cat sleeps {n} hours." for n in range(30)]), HUMAN),
        lambda: vault.add(Texts.of(["It rains.", "It pours."]), Provenance(Origin.UNKNOWN)),
        lambda: vault.ingest(request, engine="serial"),
        lambda: vault.withdraw(["line-3"], "asked for"),
        lambda: vault.compact(),
        lambda: vault.add(Texts.of([f"A dog barks {n} times." for n in range(25)]), HUMAN),
        lambda: vault.add(Texts.of(["The last one."]), Provenance(Origin.SYNTHETIC, 1, generator="parrot")),
    )
    states = []
    for n, step in enumerate((lambda: None, *steps)):
        step()
        states.append(base / f"state-{n}")
        shutil.copytree(base / "cats", states[-1])
    assert len(vault.log.commits) == COMMITS and vault.log.commits[COMPACTION].entry.operation == "compact"
    return base / "cats", tuple(states)


@pytest.fixture
def sample(made: tuple[Path, tuple[Path, ...]], tmp_path: Path) -> Sample:
    folder = tmp_path / "cats"
    shutil.copytree(made[0], folder)
    return Sample(folder, made[1], seen_of(folder))


def test_what_is_sound_is_said_to_be_and_one_flipped_bit_is_found(sample: Sample) -> None:
    found = sample.verified(seen=sample.seen, records=True)
    assert found.sound and not found.remarks and found.records == 99 and found.commits == COMMITS
    name = max(sample.files, key=lambda name: len(sample.files[name]))
    data = bytearray(sample.files[name])
    data[len(data) // 2] ^= 1
    sample.put(name, bytes(data))
    found = sample.verified(seen=sample.seen, records=True)
    assert not found.sound and [fault.file for fault in found.faults] == [name]


def flips(files: dict[str, bytes], number: int, seed: int) -> Iterator[tuple[str, int]]:
    """Files with the place of a bit: half of them by size, so that every bit has its chance; half of them by file."""
    chance = random.Random(seed)
    names = sorted(files)
    sizes = [len(files[name]) for name in names]
    for n in range(number):
        name = chance.choices(names, sizes)[0] if n % 2 else chance.choice(names)
        yield name, chance.randrange(8 * len(files[name]))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_of_a_thousand_flipped_bits_each_is_found_and_no_other_file_is_blamed(sample: Sample) -> None:
    files = sample.files
    for n, (name, bit) in enumerate(flips(files, 1000, seed=1)):
        sample.put(name, flipped(files[name], bit))
        assert sample.blamed(seen=n % 2 == 0, key=n % 3 > 0) == {name}, (name, bit)
        sample.put(name, files[name])
    assert sample.blamed() == set()


def test_longer_edits_are_found(sample: Sample) -> None:
    files, chance = sample.files, random.Random(2)
    for _ in range(150):
        name = chance.choice(sorted(files))
        data = bytearray(files[name])
        at, size = chance.randrange(len(data)), chance.randint(2, 40)
        data[at : at + size] = chance.randbytes(chance.choice([0, size, chance.randint(0, 60)]))
        if bytes(data) == files[name]:
            continue
        sample.put(name, bytes(data))
        assert sample.blamed(seen=False) == {name}, (name, at, size)
        sample.put(name, files[name])


def escaped(line: bytes) -> bytes:
    """The same JSON, with a letter written as an escape."""
    return line.replace(b"a", b"\\u0061", 1)


def doubled(line: bytes) -> bytes:
    """The same JSON to a reader that takes the last of two values."""
    return b'{"domainMetadata":null,' + line[1:]


def turned(line: bytes) -> bytes:
    """The same JSON with its names in another order."""
    return orjson.dumps(_turned(orjson.loads(line)))


def _turned(value: object) -> object:
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    return [_turned(one) for one in value] if isinstance(value, list) else value


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "space before": lambda line: b" " + line,
    "space behind": lambda line: line + b" ",
    "space inside": lambda line: line.replace(b":", b": ", 1),
    "tab behind": lambda line: line + b"\t",
    "CRLF": lambda line: line + b"\r",
    "empty line": lambda line: line + b"\n",
    "letter escaped": escaped,
    "slash escaped": lambda line: line.replace(b"/", b"\\/", 1),
    "name twice": doubled,
    "names in another order": turned,
    "more": lambda line: line[:-1] + b',"later":1}',
    "byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "twice": lambda line: line + b"\n" + line,
    "nothing": lambda line: b"",
    "no JSON": lambda line: b"cats",
    "bad UTF-8": lambda line: line[:-1] + b"\xff}",
    "a number": lambda line: b"1",
    "a list": lambda line: b"[" + line + b"]",
    "deep": lambda line: b"[" * 5000 + line + b"]" * 5000,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_another_way_to_write_the_same_commit_is_found(sample: Sample, edit: Callable[[bytes], bytes]) -> None:
    for number in (0, 3, COMPACTION, COMMITS - 1):
        name = name_of(number)
        data = sample.files[name]
        lines = data.split(b"\n")
        for place in (0, len(lines) // 2 - 1, len(lines) - 2):
            changed = b"\n".join([*lines[:place], edit(lines[place]), *lines[place + 1 :]])
            if changed != data:
                sample.put(name, changed)
                assert sample.blamed(seen=False, key=number % 2 == 1) == {name}, (number, place)
        sample.put(name, data)


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data + b"\r\n",
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\n" + data,
        lambda data: data + b"{}\n",
        lambda data: b"\n".join(reversed(data.split(b"\n"))),
        lambda data: b"\n".join(sorted(data.split(b"\n")[:-1])) + b"\n",
    ],
)
def test_the_lines_of_a_commit_are_these_in_this_order(sample: Sample, edit: Callable[[bytes], bytes]) -> None:
    for number in (0, 3, COMMITS - 1):
        name, data = name_of(number), sample.files[name_of(number)]
        if edit(data) != data:
            sample.put(name, edit(data))
            assert sample.blamed(seen=False) == {name}
            sample.put(name, data)


def inside(data: bytes, change: Callable[[str, str], tuple[str, str]]) -> bytes:
    """A commit whose envelope and checkpoint were changed, written just as a vault writes it."""
    before, _, last = data[:-1].rpartition(b"\n")
    line = orjson.loads(last)
    said = orjson.loads(line["domainMetadata"]["configuration"])
    envelope, checkpoint = change(said["envelope"], said["checkpoint"])
    line["domainMetadata"]["configuration"] = orjson.dumps({"envelope": envelope, "checkpoint": checkpoint}).decode()
    return before + b"\n" + orjson.dumps(line) + b"\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda envelope, note: (envelope, note + note.splitlines()[-1] + "\n"),
        lambda envelope, note: (envelope, note.replace("\n8\n", "\n08\n")),
        lambda envelope, note: (envelope, note + "\n"),
        lambda envelope, note: (envelope + " ", note),
        lambda envelope, note: (envelope.replace(":", ": ", 1), note),
        lambda envelope, note: (envelope.replace("=", "", 1), note),
        lambda envelope, note: (envelope[:-2] + "," + envelope.partition("[")[2][:-2] + "]}", note),
    ],
    ids=["signed twice", "a zero before", "empty line", "space", "space inside", "no padding", "two signatures"],
)
def test_a_head_has_one_form_only(sample: Sample, change: Callable[[str, str], tuple[str, str]]) -> None:
    name = name_of(COMMITS - 1)  # no later commit names its digest
    data = sample.files[name]
    assert inside(data, lambda envelope, note: (envelope, note)) == data
    assert inside(data, change) != data
    sample.put(name, inside(data, change))
    assert sample.blamed(seen=False) == {name}


def test_a_line_of_another_signer_in_the_last_checkpoint_is_found(sample: Sample) -> None:
    from outcross.vault import note

    name = name_of(COMMITS - 1)

    def signed_again(envelope: str, checkpoint: str) -> tuple[str, str]:
        line = note.sign(checkpoint.partition("\n\n")[0] + "\n", "witness", OTHER).splitlines()[-1]
        return envelope, checkpoint + line + "\n"

    sample.put(name, inside(sample.files[name], signed_again))
    assert sample.blamed(seen=False) == {name}


CUTS: dict[str, Callable[[bytes], bytes | None]] = {
    "removed": lambda data: None,
    "a byte short": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "longer by a zero": lambda data: data + b"\0",
    "longer by a line end": lambda data: data + b"\n",
    "twice": lambda data: data + data,
    "its first byte twice": lambda data: data[:1] + data,
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_file_that_is_removed_cut_or_longer_is_found(sample: Sample, cut: Callable[[bytes], bytes | None]) -> None:
    for name, data in sample.files.items():
        sample.put(name, cut(data))
        lost = cut(data) is None and name == name_of(COMMITS - 1)  # as if the commit had never been
        assert sample.blamed() == ({LOG} if lost else {name})
        if not lost:
            assert sample.blamed(seen=False) == {name}
            assert sample.blamed(seen=False, key=False) == {name}
        sample.put(name, data)


def test_a_file_that_was_added_is_found(sample: Sample) -> None:
    records = [name for name in sample.files if name.startswith("records/")]
    data, junk = sample.files[records[0]], b"junk"
    digest = "b6b4f6d2e4a2a8a4a4f2a2b8b7e5a7d1c4b1a5f2c1f2a3b4c5d6e7f8a9b0c1d2"
    added = {
        "records/copy.parquet": data,
        f"records/{digest}.parquet": data,
        f"records/more/{records[0].removeprefix('records/')}": data,
        f"{records[0]}.bak": data,
        f"quarantine/{records[0].removeprefix('records/')}": data,
        "records/junk": junk,
        f"records/{digest}.parquet.crc": junk,
        "README.md": junk,
        ".DS_Store": junk,
        "other/table/_delta_log/00000000000000000000.json": junk,
        f"{LOG}/00000000000000000002.checkpoint.parquet": junk,
        f"{LOG}/_last_checkpoint": b'{"version":2,"size":1}',
        f"{LOG}/00000000000000000007.crc": junk,
        f"{LOG}/00000000000000000001.00000000000000000003.compacted.json": junk,
        f"{LOG}/{COMMITS:019}.json": junk,
        f"{LOG}/0000000000000000000٣.json": junk,
        name_of(COMMITS): junk,
        name_of(COMMITS + 5): junk,
        name_of(10**20 - 1): junk,
    }
    for name, content in added.items():
        sample.put(name, content)
        assert sample.blamed() == {name}
        assert sample.blamed(seen=False, key=False) == {name}
        sample.put(name, None)
    assert sample.blamed() == set()


def test_files_that_changed_places_are_found(sample: Sample) -> None:
    files = sample.files
    records = [name for name in files if name.startswith("records/")]
    quarantine = next(name for name in files if name.startswith("quarantine/"))
    pairs = [(records[0], records[1]), (records[-1], quarantine), (records[0], name_of(3)), (name_of(6), name_of(7))]
    pairs += [(name_of(0), name_of(1)), (name_of(2), name_of(COMPACTION))]
    for one, other in pairs:
        sample.put(one, files[other])
        sample.put(other, files[one])
        assert sample.blamed() == {one, other} == sample.blamed(seen=False)
        sample.restore(files)


def test_reordered_heads_are_found(sample: Sample) -> None:
    files = sample.files
    names = [name_of(n) for n in (1, 2, 3)]
    for order in ((1, 2, 0), (2, 1, 0), (0, 2, 1)):
        for place, name in zip(order, names, strict=True):
            sample.put(name, files[names[place]])
        assert sample.blamed() == {name for place, name in zip(order, names, strict=True) if name != names[place]}
        sample.restore(files)
    heads = [files[name].rpartition(b'{"domainMetadata"')[2] for name in names]
    for place, name in enumerate(names):  # the heads move, and what readers of Delta Lake see stays
        sample.put(name, files[name].rpartition(b'{"domainMetadata"')[0] + b'{"domainMetadata"' + heads[place - 1])
    assert sample.blamed() == set(names)


def forged(folder: Path, number: int, key: Key, **changes: object) -> bytes:
    """Commit ``number`` with another entry, in all else as a vault would write it, signed by some key."""
    log = Log.load(objects(folder))
    entry = replace(log.commits[number].entry, **changes)  # type: ignore[arg-type]
    tree = log.commits[number - 1].head.tree if number else Frontier()
    actions = (folder / name_of(number)).read_bytes().rpartition(b'{"domainMetadata"')[0]
    return written(Head(entry, tree.append(entry.leaf())), actions, key)


def test_a_head_that_another_key_has_signed_is_found(sample: Sample) -> None:
    for number in (0, 3, COMMITS - 1):
        name, data = name_of(number), sample.files[name_of(number)]
        sample.put(name, forged(sample.states[-1], number, OTHER, time="2020-01-01T00:00:00Z"))
        assert sample.blamed() == {name} == sample.blamed(seen=False)
        sample.put(name, data)


def test_another_payload_under_the_same_signature_is_found(sample: Sample) -> None:
    for number in (0, 3, COMMITS - 1):
        name, data = name_of(number), sample.files[name_of(number)]
        other = forged(sample.states[-1], number, KEY, time="2020-01-01T00:00:00Z")

        def mixed(
            envelope: str, note: str, theirs: bytes = Commit.read(other, number, KEY.public).envelope
        ) -> tuple[str, str]:
            old, new = orjson.loads(envelope), orjson.loads(theirs)
            return orjson.dumps({**old, "payload": new["payload"]}).decode(), note

        sample.put(name, inside(data, mixed))
        assert sample.blamed() == {name} == sample.blamed(seen=False)
        sample.put(name, data)


def test_a_forged_next_commit_is_found(sample: Sample, tmp_path: Path) -> None:
    name = name_of(COMMITS)
    fork = forked(sample, COMMITS - 1, 1, tmp_path)
    data = (fork / name).read_bytes()
    unsigned = data.rpartition(b'{"domainMetadata"')[0]
    foreign = (another(tmp_path, commits=COMMITS + 1) / name).read_bytes()
    old = sample.files[name_of(3)]
    for content in (unsigned, forged(fork, COMMITS, OTHER), foreign, old, b"", b"{}\n"):
        sample.put(name, content)
        assert sample.blamed() == {name} == sample.blamed(seen=False)
        with pytest.raises(NotProven, match=name):
            opened(sample.folder)


def test_the_next_commit_of_a_twin_brings_files_that_are_not_there(sample: Sample, tmp_path: Path) -> None:
    fork = forked(sample, COMMITS - 1, 1, tmp_path)
    sample.put(name_of(COMMITS), (fork / name_of(COMMITS)).read_bytes())
    new = {name for name in contents(fork) if name.startswith("records/")} - sample.files.keys()
    assert sample.blamed() == new and len(new) == 1


def test_a_log_that_was_rolled_back_is_found_by_what_was_seen_of_it(sample: Sample) -> None:
    files = sample.files
    for back in range(1, COMMITS):
        for name in [name_of(number) for number in range(COMMITS - back, COMMITS)]:
            sample.put(name, None)
        assert sample.blamed() == {LOG}
        if back < COMMITS - COMPACTION:  # its files tell that something is missing, as long as they are there
            assert sample.blamed(seen=False)
        sample.restore(contents(sample.states[COMMITS - back - 1]))
        assert sample.blamed() == {LOG}
        assert sample.blamed(seen=False) == set()  # an old state is sound to whoever did not see the later one
        sample.restore(files)


def test_a_commit_of_another_history_with_the_same_key_is_found(sample: Sample, tmp_path: Path) -> None:
    forks = [contents(forked(sample, number, 2, tmp_path)) for number in range(COMMITS - 1)]
    for number in range(1, COMMITS - 1):
        name, data = name_of(number), sample.files[name_of(number)]
        sample.put(name, forks[number - 1][name])  # goes on from the commit before it
        assert sample.blamed() == {name}
        # where one commit follows, it may be that one which was replaced, and only what was seen tells
        assert sample.blamed(seen=False) == ({name} if number < COMMITS - 2 else {LOG})
        if number > 1:
            sample.put(name, forks[number - 2][name])  # does not even do that
            assert sample.blamed() == {name} == sample.blamed(seen=False)
        sample.put(name, data)


def test_the_last_commit_of_another_history_is_found_by_what_was_seen(sample: Sample, tmp_path: Path) -> None:
    last = COMMITS - 1
    name = name_of(last)
    near, far = (contents(forked(sample, last - back, back, tmp_path)) for back in (1, 2))
    sample.put(name, near[name])
    assert sample.blamed() == {LOG}
    sample.put(name, far[name])
    assert sample.blamed() == {name}
    assert sample.blamed(seen=False) == {LOG}  # one of the last two was replaced, and nothing tells which
    sample.put(name, sample.files[name])
    sample.put(name_of(last - 1), far[name_of(last - 1)])
    sample.put(name, sample.states[-1].joinpath(name).read_bytes())
    assert sample.blamed() == {name_of(last - 1)}
    assert sample.blamed(seen=False) == {LOG}


def test_another_history_in_all_is_found_by_what_was_seen(sample: Sample, tmp_path: Path) -> None:
    for number in (0, 3, COMMITS - 2):
        sample.restore(contents(forked(sample, number, COMMITS - number, tmp_path)))
        assert sample.blamed() == {LOG}
        assert sample.blamed(seen=False) == set()  # whoever has the key has signed it


@pytest.mark.parametrize("key", [KEY, OTHER], ids=["the same key", "another key"])
def test_the_log_of_another_vault_is_found(
    sample: Sample, tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    Vault(sample.folder, key=KEY)
    logs = {name_of(number) for number in range(COMMITS)}
    other = contents(another(tmp_path, key))
    for name in logs:
        sample.put(name, other[name])
    assert sample.blamed() == logs
    assert sample.blamed(seen=False)  # its files are not there, and files are there that it does not name
    sample.restore(other)
    assert sample.blamed() == logs
    assert sample.verified(key=False).sound  # it is another vault, and a sound one: to find that takes a memory
    with pytest.raises(NotProven, match="the log is another"):
        Vault(sample.folder)


def test_what_only_a_memory_outside_can_find(sample: Sample, tmp_path: Path) -> None:
    """Whoever has the key can sign another history, and what was never seen of the true one cannot be missed: here, a
    log that was forked behind all that was seen of it. A witness who is told the later checkpoint finds it.
    """
    theirs = seen_of(sample.folder)
    sample.restore(contents(forked(sample, 5, 4, tmp_path)))
    earlier = replace(theirs, size=6, root=Log.load(objects(sample.folder)).root_at(6) or b"")
    assert sample.verified(seen=earlier, records=True).sound
    assert not sample.verified(seen=theirs).sound


def test_a_file_that_a_compaction_replaced_may_lie_there_and_must_be_whole(sample: Sample) -> None:
    before = contents(sample.states[COMPACTION - 1])
    name = next(name for name in before if name.startswith("records/") and name not in sample.files)
    sample.put(name, before[name])
    found = sample.verified()
    assert found.sound and [remark.file for remark in found.remarks] == [name]
    sample.put(name, before[name][:-1])
    assert sample.blamed() == {name}


def everything(vault: Vault) -> list[str]:
    return vault.texts(vault.catalog.positions(vault.inventory().counts))


def test_what_is_read_is_never_wrong(sample: Sample, tmp_path: Path) -> None:
    files = sample.files
    vault = opened(sample.folder)
    strata = tuple(vault.inventory().counts)
    recipe = Recipe((Draw(strata, vault.inventory().total()),), 0)
    fresh = tmp_path / "new.jsonl"
    fresh.write_text('{"id":"new","text":"A new line."}\n')
    positions = vault.catalog.positions(strata)
    reads: list[Callable[[Vault], object]] = [
        everything,
        lambda vault: vault.draw(recipe, Seed(1)),
        lambda vault: vault.rows(positions, ["id", "text"]),
        lambda vault: vault.ingest(Request((fresh,), HUMAN), engine="serial"),
        lambda vault: vault.add(Texts.of(["one more"]), HUMAN),
        lambda vault: vault.find("line-7"),
        lambda vault: vault.withdraw(["line-7"], "asked for"),
        lambda vault: vault.compact(),
    ]
    data = {name: content for name, content in files.items() if name.startswith("records/")}
    for n, (name, bit) in enumerate(flips(data, 40, seed=3)):
        sample.put(name, flipped(files[name], bit))
        with pytest.raises(NotProven, match=name):
            reads[n % len(reads)](opened(sample.folder))
        with pytest.raises(NotProven, match=name):
            vault.rows(positions, ["text"])  # it was opened before
        assert {name for name in sample.files if name.startswith(LOG)} == {name_of(n) for n in range(COMMITS)}
        sample.restore(files)
    logs = {name: content for name, content in files.items() if name.startswith(LOG)}
    for name, bit in flips(logs, 40, seed=4):
        sample.put(name, flipped(files[name], bit))
        with pytest.raises(NotProven, match=name):
            opened(sample.folder)
        sample.put(name, files[name])
    assert len(everything(opened(sample.folder))) == len(np.unique(positions)) == 97
