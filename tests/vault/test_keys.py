"""Keys: made for their owner's eyes alone, refused with one clear line, and never shown."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import shlex
import sys
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outcross.core.errors import (
    BadInput,
    BadSetting,
    MissingInput,
    MissingLibrary,
    NotProven,
    OutcrossError,
    OutputRefused,
)
from outcross.vault.home import home, keys_folder
from outcross.vault.keys import Key, PublicKey, load_key, make_key

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
"""Of the first test of RFC 8032, section 7.1."""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def refusal(path: Path, password: str | None = None) -> OutcrossError:
    with pytest.raises(OutcrossError) as caught:
        load_key(path, password)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value


def test_signatures_are_those_of_the_rfc() -> None:
    key = Key.of_seed(SEED)
    assert key.public.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    key.public.verify(key.sign(b""), b"")


def test_a_signature_is_of_these_bytes_by_this_key() -> None:
    key = Key.of_seed(SEED)
    signature = key.sign(b"text")
    for public, signed, data in [
        (key.public, signature, b"Text"),
        (key.public, signature[:-1], b"text"),
        (key.public, b"", b"text"),
        (key.public, signature + b"\0", b"text"),
        (Key.of_seed(bytes(32)).public, signature, b"text"),
        (PublicKey(b"\xff" * 32), signature, b"text"),
    ]:
        with pytest.raises(NotProven, match=public.fingerprint[:16]):
            public.verify(signed, data)
    for bit in range(512):
        changed = (int.from_bytes(signature) ^ 1 << bit).to_bytes(64)
        with pytest.raises(NotProven):
            key.public.verify(changed, b"text")


def test_a_signature_has_one_form() -> None:
    """Adding the order of the group to the second half gives the same equation: RFC 8032 wants it refused."""
    order = (1 << 252) + 27742317777372353535851937790883648493
    key = Key.of_seed(SEED)
    signature = key.sign(b"text")
    other = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(NotProven):
        key.public.verify(signature[:32] + other, b"text")


@POSIX
def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_key(tmp_path / "keys" / "a.pem")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "keys" / "a.pem"), mode(tmp_path / "keys")) == (0o600, 0o700)


@pytest.mark.parametrize("password", [None, "a word", "ünïcödé \udcff"])
def test_a_key_is_read_as_it_was_made(tmp_path: Path, password: str | None) -> None:
    made = make_key(tmp_path / "a.pem", password)
    read = load_key(tmp_path / "a.pem", password)
    assert read.public == made.public
    assert read.sign(b"x") == made.sign(b"x")
    assert (b"ENCRYPTED" in (tmp_path / "a.pem").read_bytes()) is (password is not None)


def test_two_keys_are_not_the_same(tmp_path: Path) -> None:
    assert make_key(tmp_path / "a.pem").public != make_key(tmp_path / "b.pem").public


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    make_key(tmp_path / "a.pem")
    before = (tmp_path / "a.pem").read_bytes()
    with pytest.raises(OutputRefused, match="already"):
        make_key(tmp_path / "a.pem")
    (tmp_path / "link.pem").symlink_to(tmp_path / "nowhere.pem")
    with pytest.raises(OutputRefused, match="already"):
        make_key(tmp_path / "link.pem")
    assert (tmp_path / "a.pem").read_bytes() == before
    assert not (tmp_path / "nowhere.pem").exists()


def test_what_came_in_between_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.pem", b"another's")
    monkeypatch.setattr(Path, "exists", lambda self: False)
    with pytest.raises(OutputRefused):
        make_key(tmp_path / "a.pem")
    assert (tmp_path / "a.pem").read_bytes() == b"another's"


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    write(tmp_path / "file", b"")
    with pytest.raises(OutputRefused, match="cannot write"):
        make_key(tmp_path / "file" / "a.pem")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputRefused, match="No space left"):
        make_key(tmp_path / "a.pem")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("password", ["", "x" * 1024])
def test_passwords_that_cannot_be(tmp_path: Path, password: str) -> None:
    with pytest.raises(BadSetting, match="1 to 1023"):
        make_key(tmp_path / "a.pem", password)
    assert not list(tmp_path.iterdir())


@POSIX
@pytest.mark.parametrize("lax", [0o640, 0o604, 0o644, 0o620, 0o601, 0o777])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, lax: int) -> None:
    path = tmp_path / "my key.pem"
    make_key(path)
    path.chmod(lax)
    error = refusal(path)
    assert isinstance(error, BadInput)
    assert f"{lax:04o}" in str(error)
    mend = str(error).rpartition(": ")[2]
    assert shlex.split(mend) == ["chmod", "600", str(path)]
    path.chmod(0o600)
    load_key(path)


def test_a_missing_key(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "a.pem"), MissingInput)
    write(tmp_path / "file", b"")
    assert isinstance(refusal(tmp_path / "file" / "a.pem"), MissingInput)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path), BadInput)


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pem", 0o600)
    assert "not a file" in str(refusal(tmp_path / "a.pem"))


def private_pem(private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())


def test_other_kinds_of_keys(tmp_path: Path) -> None:
    curve = ec.derive_private_key(123456789, ec.SECP256R1())
    assert "another kind" in str(refusal(write(tmp_path / "a.pem", private_pem(curve))))
    public = curve.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    assert "public key" in str(refusal(write(tmp_path / "a.pem", public)))


@pytest.mark.parametrize("content", [b"", b"no key", b"\0\xff" * 100, b"-----BEGIN PRIVATE KEY-----\n"])
def test_what_is_no_key(tmp_path: Path, content: bytes) -> None:
    error = refusal(write(tmp_path / "a.pem", content))
    assert isinstance(error, BadInput)
    assert "no private key" in str(error)


def test_a_key_that_was_cut_off(tmp_path: Path) -> None:
    whole = private_pem(Ed25519PrivateKey.from_private_bytes(SEED))
    for length in range(len(whole) - 1):
        refusal(write(tmp_path / "a.pem", whole[:length]))


def test_passwords_that_do_not_open(tmp_path: Path) -> None:
    make_key(tmp_path / "locked.pem", "a word")
    make_key(tmp_path / "open.pem")
    for name, password, said in [
        ("locked.pem", None, "takes a password"),
        ("locked.pem", "", "takes a password"),
        ("locked.pem", "another", "wrong"),
        ("locked.pem", "\ud800", "wrong"),
        ("open.pem", "a word", "leave the password out"),
    ]:
        error = refusal(tmp_path / name, password)
        assert isinstance(error, BadSetting)
        assert said in str(error)


def test_a_private_key_shows_nothing(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    key = Key.of_seed(SEED)
    key.public.verify(key.sign(b"x"), b"x")
    shown = f"{key} {key!r} {key!s} {[key]} {dir(key)} {key.public!r} {key.__getstate__()}"
    shown += " ".join(repr(getattr(key, name)) for name in Key.__slots__)
    shown += caplog.text + "".join(capfd.readouterr())
    for secret in secrets(SEED):
        assert secret not in shown
    with pytest.raises(TypeError):
        vars(key)


def test_a_private_key_is_not_pickled_or_copied() -> None:
    key = Key.of_seed(SEED)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(BadSetting, match="path") as caught:
            pickle.dumps({"key": [key]}, protocol)
        assert not any(secret in str(caught.value) for secret in secrets(SEED))
    for take in (copy.copy, copy.deepcopy, Key.__reduce__):
        with pytest.raises(BadSetting, match="pickled or copied"):
            take(key)


def secrets(seed: bytes) -> list[str]:
    """What a private key, or the line of its PEM, may look like."""
    line = private_pem(Ed25519PrivateKey.from_private_bytes(seed)).splitlines()[1].decode()
    return [line, line[20:-4], seed.hex(), repr(seed)[2:20], str(list(seed))[1:20]]


def told_of(error: BaseException) -> str:
    """All that a traceback of ours can show, with the variables of every function."""
    assert error.__traceback__ is not None
    assert error.__context__ is None  # another error would bring variables of its own
    ours = error.__traceback__.tb_next
    return "".join(traceback.TracebackException(type(error), error, ours, capture_locals=True).format())


def test_no_error_shows_a_key_or_a_password(tmp_path: Path) -> None:
    make_key(tmp_path / "locked.pem", "xyzzy plugh")
    content = private_pem(Ed25519PrivateKey.from_private_bytes(SEED))
    cases = [
        (tmp_path / "locked.pem", "plover xyzzy"),
        (write(tmp_path / "open.pem", content), "plover xyzzy"),
        (write(tmp_path / "cut.pem", content[:-10]), None),
        (write(tmp_path / "lax.pem", content), None),
        (write(tmp_path / "kind.pem", private_pem(ec.derive_private_key(123456789, ec.SECP256R1()))), None),
    ]
    (tmp_path / "lax.pem").chmod(0o644)
    for path, password in cases:
        lines = [line for line in path.read_text().splitlines() if not line.startswith("---")]
        with pytest.raises(OutcrossError) as caught:
            load_key(path, password)
        told = told_of(caught.value)
        assert "load_key" in told
        assert not any(secret in told for secret in [*lines, *secrets(SEED), "plover"])
    with pytest.raises(OutputRefused) as refused:
        make_key(tmp_path / "locked.pem", "xyzzy plugh")
    told = told_of(refused.value)
    assert "make_key" in told
    assert not any(secret in told for secret in ["xyzzy", "PRIVATE KEY"])


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key(tmp_path / "a.pem")
    public = Key.of_seed(SEED).public
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    for ask in (
        lambda: load_key(tmp_path / "a.pem"),
        lambda: make_key(tmp_path / "b.pem"),
        lambda: Key.of_seed(SEED),
        lambda: public.verify(bytes(64), b""),
    ):
        with pytest.raises(MissingLibrary, match=r"outcross\[vault\]"):
            ask()


def test_public_keys_are_words() -> None:
    public = Key.of_seed(SEED).public
    assert PublicKey.of(public.text()) == public
    assert pickle.loads(pickle.dumps(public)) == public
    text = public.text()
    for other in ("", text[1:], text[:-1], text + "=", text + "\n", text.upper(), text.replace(":", " ")):
        with pytest.raises(BadInput):
            PublicKey.of(other)
    with pytest.raises(BadInput, match="31"):
        PublicKey(bytes(31))
    with pytest.raises(BadInput, match="33"):
        Key.of_seed(bytes(33))


def test_where_keys_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "mine"))
    assert keys_folder() == tmp_path / "mine" / "keys"
    assert not (tmp_path / "mine").exists()
    monkeypatch.delenv("OUTCROSS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path / ".config" / "outcross"

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(BadSetting, match="OUTCROSS_HOME"):
        home()
