"""What was last seen: kept, never made less of, and said plainly where it does not agree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.lab.files import write_atomically
from outcross.vault import trust
from outcross.vault.keys import PublicKey
from outcross.vault.trust import Seen, compare, path_of, recall, remember

URI = "file:///data/corpus"
KEY, OTHER = PublicKey(b"k" * 32), PublicKey(b"o" * 32)
SEEN = Seen(URI, "example.org/corpus", KEY, 5, b"5" * 32)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"


def root_at(size: int) -> bytes | None:
    return str(size)[:1].encode() * 32


def test_what_was_seen_is_recalled() -> None:
    assert recall(URI) is None
    assert remember(SEEN) is None
    assert recall(URI) == SEEN
    assert recall(URI + "/") is None


def test_vaults_are_kept_apart(own_home: Path) -> None:
    other = replace(SEEN, uri="s3://bucket/ünïcode")
    remember(SEEN)
    remember(other)
    assert (recall(URI), recall(other.uri)) == (SEEN, other)
    assert len(list((own_home / "seen").glob("*.json"))) == 2


def test_more_takes_the_place_of_less() -> None:
    remember(SEEN)
    assert remember(replace(SEEN, size=9, root=b"9" * 32)) is None
    assert recall(URI) == replace(SEEN, size=9, root=b"9" * 32)


def test_less_does_not_take_the_place_of_more() -> None:
    remember(SEEN)
    assert remember(replace(SEEN, size=4, root=b"4" * 32)) is None
    assert recall(URI) == SEEN


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(SEEN, key=OTHER), "key is another"),
        (replace(SEEN, key=OTHER, size=9), "key is another"),
        (replace(SEEN, origin="b"), "log is another"),
        (replace(SEEN, origin="b", size=4), "log is another"),
        (replace(SEEN, root=b"x" * 32), "replaced"),
    ],
)
def test_another_history_does_not_take_its_place(other: Seen, said: str) -> None:
    remember(SEEN)
    with pytest.raises(NotProven, match=said):
        remember(other)
    assert recall(URI) == SEEN


def test_what_was_seen_may_be_forgotten_when_asked() -> None:
    remember(SEEN)
    anew = Seen(URI, "b", OTHER, 1, b"1" * 32)
    assert remember(anew, anew=True) is None
    assert recall(URI) == anew


def test_the_largest_stays_whoever_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """One has compared and is about to write 6 when another comes with 9."""
    nine = replace(SEEN, size=9, root=b"9" * 32)
    with ThreadPoolExecutor(1) as another:

        def slowly(path: Path, content: bytes) -> Path:
            monkeypatch.setattr(trust, "write_atomically", write_atomically)
            wait([another.submit(remember, nine)], timeout=0.5)  # it has to wait for us, so we do not wait for it
            return write_atomically(path, content)

        monkeypatch.setattr(trust, "write_atomically", slowly)
        remember(replace(SEEN, size=6, root=b"6" * 32))
    assert recall(URI) == nine


def test_a_home_that_cannot_be_written_is_a_warning(own_home: Path) -> None:
    own_home.write_text("a file")
    assert recall(URI) is None
    warning = remember(SEEN)
    assert warning is not None
    assert URI in warning and "not kept" in warning and str(own_home) in warning
    assert recall(URI) is None


def test_every_damaged_bit_is_told(own_home: Path) -> None:
    remember(SEEN)
    path = path_of(URI)
    content = path.read_bytes()
    for bit in range(len(content) * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadInput, match="damaged"):
            Seen.of(bytes(changed))
    for other in (b"", content[:-1], content[:100], b"null", b"[]", b"{}", b"\0" * 50, b"[" * 100_000, content + b"\n"):
        path.write_bytes(other)
        for ask in (lambda: recall(URI), lambda: remember(SEEN)):
            with pytest.raises(BadInput, match="damaged") as caught:
                ask()
            assert str(path) in str(caught.value) and URI in str(caught.value)
    assert remember(SEEN, anew=True) is None
    assert recall(URI) == SEEN


@pytest.mark.parametrize(
    "change", [{"size": 1.5}, {"size": -1}, {"root": "00"}, {"key": "rsa:AAAA"}, {"format": 1e999}]
)
def test_a_digest_does_not_make_sense_of_nonsense(change: dict[str, object]) -> None:
    told = {**json.loads(SEEN.render()), **change}
    del told["digest"]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    with pytest.raises(BadInput, match="damaged"):
        Seen.of(json.dumps({**told, "digest": digest}, indent=1).encode() + b"\n")


def test_a_newer_file_says_so() -> None:
    told = {"format": 2, "vault": URI}
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    path_of(URI).parent.mkdir(parents=True)
    path_of(URI).write_text(json.dumps({**told, "digest": digest}))
    with pytest.raises(BadInput, match="newer outcross"):
        recall(URI)


def test_the_file_of_another_vault_is_not_taken() -> None:
    remember(SEEN)
    other = path_of("file:///data/other")
    path_of(URI).rename(other)
    with pytest.raises(BadInput, match="speaks of"):
        recall("file:///data/other")


def test_a_folder_in_its_place(own_home: Path) -> None:
    path_of(URI).mkdir(parents=True)
    with pytest.raises(BadInput, match="cannot be read"):
        recall(URI)


def test_nothing_is_wrong_with_a_log_that_went_on() -> None:
    for size in (5, 6, 1000):
        assert compare(SEEN, SEEN.origin, KEY, size, root_at) == []


@pytest.mark.parametrize(
    ("origin", "key", "size", "root", "said"),
    [
        ("example.org/corpus", OTHER, 5, b"5" * 32, ["key is another"]),
        ("example.org/other", KEY, 5, b"5" * 32, ["log is another"]),
        ("example.org/corpus", KEY, 4, b"5" * 32, ["rolled back"]),
        ("example.org/corpus", KEY, 0, None, ["rolled back"]),
        ("example.org/corpus", KEY, 5, b"x" * 32, ["replaced"]),
        ("example.org/corpus", KEY, 9, b"x" * 32, ["replaced"]),
        ("example.org/corpus", KEY, 9, None, ["cannot tell"]),
        ("example.org/other", OTHER, 3, b"x" * 32, ["key is another", "log is another", "rolled back"]),
        ("example.org/other", OTHER, 5, b"x" * 32, ["key is another", "log is another", "replaced"]),
    ],
)
def test_what_is_wrong_is_said(origin: str, key: PublicKey, size: int, root: bytes | None, said: list[str]) -> None:
    found = compare(SEEN, origin, key, size, lambda asked: root if asked == 5 else None)
    assert len(found) == len(said)
    assert all(words in sentence for words, sentence in zip(said, found, strict=True))


def test_a_shorter_log_is_not_asked_what_it_cannot_know() -> None:
    def never(size: int) -> bytes:
        raise AssertionError(size)

    assert len(compare(SEEN, SEEN.origin, KEY, 4, never)) == 1
