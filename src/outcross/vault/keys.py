"""Ed25519 keys (RFC 8032): made with permissions that keep them private, and never shown, copied or pickled."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Never, SupportsIndex, final

from outcross.core.errors import (
    BadInput,
    BadSetting,
    MissingInput,
    MissingLibrary,
    NotProven,
    OutcrossError,
    OutputRefused,
)
from outcross.vault import _base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LARGEST = 1 << 16
"""No key file is longer, in bytes."""

_KIND = "ed25519:"


@final
@dataclass(frozen=True)
class PublicKey:
    """What a signature is verified with, and anybody may know.

    Parameters
    ----------
    raw
        The 32 bytes of the key, as RFC 8032 encodes it.

    Raises
    ------
    BadInput
        If they are not 32.

    Examples
    --------
    >>> key = Key.of_seed(bytes(32))
    >>> key.public.text()
    'ed25519:O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik='
    >>> key.public.verify(key.sign(b"a head"), b"a head")
    >>> PublicKey.of(key.public.text()) == key.public
    True
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise BadInput(f"an Ed25519 public key has 32 bytes, not {len(self.raw)}")

    @property
    def fingerprint(self) -> str:
        """The hexadecimal SHA-256 of the raw key: its name."""
        return hashlib.sha256(self.raw).hexdigest()

    def text(self) -> str:
        """Return the key as one word, which `of` reads."""
        return _KIND + _base64.encode(self.raw)

    @classmethod
    def of(cls, text: str) -> PublicKey:
        """Return the key that `text` wrote.

        Raises
        ------
        BadInput
            If it is not such a word.
        """
        if not text.startswith(_KIND):
            raise BadInput(f"not a public key: one begins with '{_KIND}'")  # and is not quoted: it may be a private one
        try:
            return cls(_base64.decode(text.removeprefix(_KIND)))
        except BadInput as error:
            raise BadInput(f"not a public key: 44 characters of Base 64 come after '{_KIND}': {error}") from None

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check that this key's owner signed the data.

        Raises
        ------
        NotProven
            If the signature is not of these data by this key.
        MissingLibrary
            If ``cryptography`` is not installed.
        """
        with _library():
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            raise NotProven(f"the signature is not of these bytes by the key {self.fingerprint[:16]}") from None


@final
class Key:
    """A private key. It signs, and tells its public half; nothing else comes out of it.

    Made by `make_key`, read by `load_key`; `of_seed` is for tests and for keys kept elsewhere.

    Examples
    --------
    >>> Key.of_seed(bytes(32))
    Key(139e3940e64b5491)
    >>> len(Key.of_seed(bytes(32)).sign(b"a head"))
    64
    """

    __slots__ = ("_private", "_public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = PublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def of_seed(cls, seed: bytes) -> Key:
        """Return the key of a secret of 32 bytes (section 5.1.5 of RFC 8032).

        Raises
        ------
        BadInput
            If it has another length.
        MissingLibrary
            If ``cryptography`` is not installed.
        """
        if len(seed) != 32:
            raise BadInput(f"the seed of a key has 32 bytes, not {len(seed)}")
        with _library():
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> PublicKey:
        """What others verify its signatures with."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return the signature of some bytes: 64 bytes, the same each time."""
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"Key({self._public.fingerprint[:16]})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> Never:
        raise BadSetting("a private key is not pickled or copied: hand over the path of its file")

    def __reduce__(self) -> Never:
        self.__reduce_ex__(2)


def make_key(path: Path, password: str | None = None) -> Key:
    """Make a key and write it where there is no file yet, readable by its owner alone.

    Parameters
    ----------
    path
        Where it is written: PKCS #8 in PEM (RFC 5958, RFC 7468), mode 0600. A folder that is not there is made with
        mode 0700.
    password
        What the file is encrypted with; without one it is not.

    Raises
    ------
    OutputRefused
        If there is such a file already, or it cannot be written.
    BadSetting
        If the password is empty, or too long.
    MissingLibrary
        If ``cryptography`` is not installed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "keys" / "mine.pem"
    >>> make_key(path).public == load_key(path).public
    True
    >>> oct(path.stat().st_mode & 0o777), oct(path.parent.stat().st_mode & 0o777)
    ('0o600', '0o700')
    """
    if password is not None and not 0 < len(_bytes(password)) < 1024:  # the longest that OpenSSL takes
        raise BadSetting("the password of a key has 1 to 1023 bytes; leave it out to write the key without one")
    with _library():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    private = Ed25519PrivateKey.generate()
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        locked = serialization.BestAvailableEncryption(_bytes(password))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    refusal = _write(path, private.private_bytes(*form, locked))
    del password  # a traceback that shows variables does not find it here
    if refusal is not None:
        raise refusal
    return Key(private)


def load_key(path: Path, password: str | None = None) -> Key:
    """Read a key that `make_key`, or ``openssl genpkey -algorithm ed25519``, has made.

    Raises
    ------
    MissingInput
        If there is no such file.
    BadInput
        If it is not the private key of Ed25519, or its permissions let in others than its owner.
    BadSetting
        If it is encrypted and the password is missing or wrong, or it is not and there is one.
    MissingLibrary
        If ``cryptography`` is not installed.

    Examples
    --------
    See `make_key`.
    """
    with _library():
        importlib.import_module("cryptography.exceptions")
    found = _read(path, password)
    del password  # a traceback that shows variables finds neither it nor the file's bytes here
    if isinstance(found, OutcrossError):
        raise found
    return found


def _write(path: Path, pem: bytes) -> OutputRefused | None:
    """Write a new file. An error is returned, to be raised where no variable holds the bytes."""
    if path.exists() or path.is_symlink():
        return OutputRefused(f"there is a file '{path}' already, and a key is never overwritten")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # again, for what came in between
    except OSError as error:
        return OutputRefused(f"cannot write the key '{path}': {error.strerror or error}")
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(pem)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        return OutputRefused(f"cannot write the key '{path}': {error.strerror or error}")
    return None


def _read(path: Path, password: str | None) -> Key | OutcrossError:
    """Read a key, or return the error, to be raised where no variable holds the file's bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return BadInput(f"the key '{path}' is not a file")
        if os.name == "posix" and status.st_mode & 0o077:
            mode = f"{status.st_mode & 0o777:04o}"
            mend = f"chmod 600 {shlex.quote(str(path))}"
            return BadInput(f"the key '{path}' is open to others (mode {mode}), so it is not used: {mend}")
        with path.open("rb") as file:
            pem = file.read(LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return MissingInput(f"no key '{path}': --key names the file of the one that the vault was made with")
    except OSError as error:
        return BadInput(f"the key '{path}' cannot be read: {error.strerror or error}")
    return _parsed(path, pem, password)


def _parsed(path: Path, pem: bytes, password: str | None) -> Key | OutcrossError:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"-----BEGIN PUBLIC KEY-----" in pem:
        return BadInput(f"'{path}' is a public key: signing takes the private one")
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not password:
        return BadSetting(f"the key '{path}' is encrypted: it takes a password")
    if password is not None and not encrypted:
        return BadSetting(f"the key '{path}' is not encrypted: leave the password out")
    try:
        private = load_pem_private_key(pem, _bytes(password) if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            return BadSetting(f"the password of the key '{path}' is wrong, or the file is damaged")
        return BadInput(f"'{path}' is no private key in PEM (PKCS #8), or was cut off")
    if not isinstance(private, Ed25519PrivateKey):
        return BadInput(f"the key '{path}' is of another kind: heads are signed with Ed25519")
    return Key(private)


def _bytes(password: str) -> bytes:
    """The bytes of a password, of one with undecodable bytes from the environment too: no error may quote it."""
    return password.encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def _library() -> Iterator[None]:
    """Say which extra brings the library, where it is missing."""
    try:
        yield
    except ImportError:
        raise MissingLibrary("signatures need the library 'cryptography': pip install 'outcross[vault]'") from None
