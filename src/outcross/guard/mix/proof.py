"""Is a mix still what it was? Hashes every file again, and holds it against the manifest and the signature."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import orjson

from outcross.core.errors import BadInput, MissingInput, MissingLibrary, NotProven
from outcross.core.wording import count_of
from outcross.guard.mix.manifest import FORMAT, MANIFEST, written
from outcross.guard.mix.statement import PREDICATE, STATEMENT, TYPE
from outcross.vault.envelope import Envelope, open_envelope
from outcross.vault.keys import PublicKey
from outcross.vault.verification import Finding


@final
@dataclass(frozen=True)
class MixVerification:
    """What a look at every byte of a mix has found.

    Parameters
    ----------
    faults
        Files that are damaged or missing, that were added, or that do not fit together.
    remarks
        What could not be looked at, a sentence each.
    files, size
        How many files were hashed, and their bytes.
    signer
        Fingerprint of the key whose signature holds; None where no signature was found to hold.

    Examples
    --------
    >>> print(MixVerification((), (), 3, 1200))
    sound: 3 files, 1,200 bytes, not signed
    """

    faults: tuple[Finding, ...]
    remarks: tuple[str, ...]
    files: int
    size: int
    signer: str | None = None

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def require(self) -> None:
        """Go on only where no fault was found.

        Raises
        ------
        NotProven
            If there is one; the message names the first five.
        """
        if self.faults:
            more = f"; and {len(self.faults) - 5} more" if len(self.faults) > 5 else ""
            raise NotProven("; ".join(map(str, self.faults[:5])) + more)

    def __str__(self) -> str:
        word = "sound" if self.sound else count_of(len(self.faults), "fault")
        signed = f"signed by {self.signer[:16]}" if self.signer else "not signed"
        return f"{word}: {count_of(self.files, 'file')}, {self.size:,} bytes, {signed}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        faults = [{"file": one.file, "what": one.what} for one in self.faults]
        plain = {"files": self.files, "bytes": self.size, "signer": self.signer}
        return {"sound": self.sound, "faults": faults, "remarks": list(self.remarks), **plain}


def verify_mix(folder: str | Path, public: PublicKey | str | None = None) -> MixVerification:
    """Read all of a mix, and say what of it is not what was written and signed.

    Parameters
    ----------
    folder
        The mix.
    public
        The key that it must be signed with, or its text. Without one the signature is checked with the key that the
        statement itself names: that shows that nothing was changed since, by anybody who does not sign anew.

    Returns
    -------
    MixVerification
        What was found; a fault is never raised (`MixVerification.require` does).

    Raises
    ------
    MissingInput
        If there is no mix.
    MissingLibrary
        If a key is given and ``cryptography`` is not installed.

    Examples
    --------
    >>> import tempfile
    >>> verify_mix(tempfile.mkdtemp())
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: no mix at '...': it has neither manifest.json nor statement.json
    """
    root = Path(folder)
    key = PublicKey.of(public) if isinstance(public, str) else public
    there = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if not path.is_dir()}
    if MANIFEST not in there and STATEMENT not in there:
        raise MissingInput(f"no mix at '{folder}': it has neither {MANIFEST} nor {STATEMENT}")
    faults: list[Finding] = []
    remarks: list[str] = []
    said = _manifest(there, faults)
    signed, signer = _statement(there, key, faults, remarks)
    promised = bool(said and said["signed"]) or key is not None
    if STATEMENT not in there and promised:
        faults.append(Finding(STATEMENT, "is missing: it was signed" if key is None else "is missing"))
    if STATEMENT not in there and not promised:
        remarks.append("Nobody has signed it: that nothing is damaged is known, and not who made it.")
    listed = {} if said is None else _listed(said)
    if signed is not None and said is not None and {n: d for n, d in signed.items() if n != MANIFEST} != listed:
        faults.append(Finding(MANIFEST, "does not name the files that were signed"))
    wanted = signed if signed is not None else listed
    faults += _files(there, wanted)
    hashed = [there[name] for name in wanted if name in there]
    size = sum(path.stat().st_size for path in hashed)
    return MixVerification(tuple(sorted(set(faults))), tuple(remarks), len(hashed), size, signer)


def _manifest(there: Mapping[str, Path], faults: list[Finding]) -> dict[str, Any] | None:
    """The manifest, where it is one and in its one form."""
    if MANIFEST not in there:
        faults.append(Finding(MANIFEST, "is missing"))
        return None
    data = there[MANIFEST].read_bytes()
    try:
        said = orjson.loads(data)
        if said["format"] != FORMAT:
            faults.append(Finding(MANIFEST, f"is of the format {said['format']!r}, not {FORMAT!r}"))
            return None
        sound = written(said) == data and isinstance(_listed(said), dict) and "signed" in said
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        faults.append(Finding(MANIFEST, "is damaged: it is not what is written"))
        return None
    return dict(said)


def _listed(said: Mapping[str, Any]) -> dict[str, str]:
    """Every file that a manifest names, with its digest."""
    return {one["name"]: one["sha256"] for one in said["products"]} | dict(said["papers"].items())


def _statement(
    there: Mapping[str, Path], key: PublicKey | None, faults: list[Finding], remarks: list[str]
) -> tuple[dict[str, str] | None, str | None]:
    """What was signed, name to digest, and by whom; None where no signature holds or could be checked."""
    if STATEMENT not in there:
        return None, None
    data = there[STATEMENT].read_bytes()
    try:
        told = orjson.loads(Envelope.of(data).payload)
        if told["_type"] != TYPE or told["predicateType"] != PREDICATE:
            raise BadInput("not a statement of a mix")
        subjects = {one["name"]: one["digest"]["sha256"] for one in told["subject"]}
        named = key or PublicKey.of(told["predicate"]["byproducts"]["key"])
    except (BadInput, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        faults.append(Finding(STATEMENT, "is damaged: it is no signed statement of a mix"))
        return None, None
    try:
        open_envelope(data, named)
    except NotProven as error:
        faults.append(Finding(STATEMENT, f"does not hold: {error}"))
        return None, None
    except MissingLibrary as error:
        if key is not None:
            raise
        remarks.append(f"The signature was not checked: {error}.")
        return None, None
    if key is None:
        remarks.append(f"The signature is by the key that the statement names, {named.text()}; compare it with yours.")
    return subjects, named.fingerprint


def _files(there: Mapping[str, Path], wanted: Mapping[str, str]) -> Iterator[Finding]:
    for name, digest in wanted.items():
        if name not in there:
            yield Finding(name, "is missing")
        elif not there[name].is_file() or _digest(there[name]) != digest:
            yield Finding(name, "is damaged: its bytes have changed")
    for name in there:
        if name not in wanted and name not in (MANIFEST, STATEMENT):
            yield Finding(name, "was added: no paper names it")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
