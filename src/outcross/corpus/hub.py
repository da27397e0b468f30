"""Data sets of the Hugging Face hub and of the library ``datasets`` (the extra ``hf``)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, final

import numpy as np

from outcross.core.batch import Records
from outcross.core.errors import BadInput, MissingLibrary
from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts
from outcross.corpus.table import Choice, Table, gather

if TYPE_CHECKING:
    from datasets import Dataset as Dataset

_PART = r"\w[\w.-]*"
_SLICE = r"(?:\[[^\]]*\])?"
_USUAL = re.compile(rf"(?P<name>{_PART})/(?P<split>(?:train|validation|test){_SLICE})")
_NAME = re.compile(rf"(?P<name>{_PART}(?:/{_PART})?)(?::(?P<config>[\w.+-]+))?(?:/(?P<split>{_PART}{_SLICE}))?")


@final
@dataclass(frozen=True)
class Address:
    """A data set of the hub, one of its configurations, and one of its splits.

    Examples
    --------
    >>> Address.of("Salesforce/wikitext:wikitext-2-raw-v1/validation")
    Address(name='Salesforce/wikitext', config='wikitext-2-raw-v1', split='validation')
    >>> Address.of("imdb/test[:100]")
    Address(name='imdb', config=None, split='test[:100]')
    """

    name: str
    config: str | None = None
    split: str = "train"

    @classmethod
    def of(cls, text: str) -> Address:
        """Return the address that is written as ``NAME[:CONFIG][/SPLIT]``; NAME may have an owner, ``owner/name``.

        In ``a/b`` without a configuration, b is a split if it is called train, validation or test, else a is the owner.

        Raises
        ------
        BadInput
            If it is written otherwise.
        """
        found = _USUAL.fullmatch(text) or _NAME.fullmatch(text)
        if found is None:
            raise BadInput(f"cannot read 'hf:{text}'; write hf:NAME, hf:NAME/SPLIT or hf:NAME:CONFIG/SPLIT")
        return cls(**{part: value for part, value in found.groupdict().items() if value})


def table(text: str, choice: Choice) -> Table:
    """Return the wanted columns of a data set of the hub; with a limit, no more of it is fetched than is read.

    Raises
    ------
    MissingLibrary
        If ``datasets`` is not installed.
    BadInput
        If the library cannot give the data set, with the first line of what it said.

    Examples
    --------
    >>> table("not a name", Choice(text="text"))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: cannot read 'hf:not a name'; write hf:NAME, hf:NAME/SPLIT or hf:NAME:CONFIG/SPLIT
    """
    address = Address.of(text)
    found = gather(f"hf:{text}", enumerate(_records(address, choice), 1), choice)
    return replace(found, source=f"Hugging Face data set {address.name}, split {address.split}")


def _records(address: Address, choice: Choice) -> Iterator[Mapping[str, object]]:
    datasets = _library()
    try:
        yield from datasets.load_dataset(
            address.name, address.config, split=address.split, streaming=choice.limit is not None
        )
    except Exception as error:  # whatever the library, the network or a data set's own code raises
        raise _failed(address, error) from None


def load(text: str) -> Any:
    """Return a data set of the hub by its address, fetched if it is not there yet.

    Raises
    ------
    MissingLibrary
        If ``datasets`` is not installed.
    BadInput
        If the library cannot give the data set, with the first line of what it said.

    Examples
    --------
    >>> load("not a name")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: cannot read 'hf:not a name'; write hf:NAME, hf:NAME/SPLIT or hf:NAME:CONFIG/SPLIT
    """
    address = Address.of(text)
    datasets = _library()
    try:
        return datasets.load_dataset(address.name, address.config, split=address.split)
    except Exception as error:  # whatever the library, the network or a data set's own code raises
        raise _failed(address, error) from None


def _failed(address: Address, error: Exception) -> BadInput:
    said = next(iter(str(error).splitlines()), "") or type(error).__name__
    return BadInput(f"hf:{address.name} cannot be read: {said[:200]}")


def _library() -> ModuleType:
    try:
        import datasets
    except ImportError:
        raise MissingLibrary("hf: needs the library 'datasets'; pip install 'outcross[hf]' brings it") from None
    found: ModuleType = datasets
    return found


def is_dataset(given: object) -> bool:
    """Return whether this is a data set of the library, or several by their splits, without importing it.

    Examples
    --------
    >>> is_dataset(["a cat"])
    False
    """
    library = sys.modules.get("datasets")
    names = ("Dataset", "IterableDataset", "DatasetDict", "IterableDatasetDict")
    kinds = (getattr(library, name, None) for name in names)
    return isinstance(given, tuple(kind for kind in kinds if kind is not None))


def from_dataset(given: Any, choice: Choice) -> Table:
    """Return the wanted columns of a data set of the library; the others are not decoded.

    Raises
    ------
    BadInput
        If it is several, by their splits.

    Examples
    --------
    >>> from_dataset({"train": [], "test": []}, Choice(text="text"))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: dict is several data sets; give one of them: train, test
    """
    if isinstance(given, Mapping):
        raise BadInput(f"{type(given).__name__} is several data sets; give one of them: {', '.join(map(str, given))}")
    plain = given.with_format(None)
    if choice.numbers is not None and set(choice.named) <= set(given.column_names or ()):
        plain = plain.select_columns(list(choice.named))
    return gather("dataset", enumerate(plain, 1), choice)


def to_dataset(records: Records) -> Dataset:
    """Return records as a data set of the library, see `outcross.corpus.Corpus.to_dataset`.

    Raises
    ------
    MissingLibrary
        If ``datasets`` is not installed.
    BadInput
        If the records have more than one replicate.

    Examples
    --------
    >>> to_dataset(Rows(np.zeros((2, 3, 1))))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: a data set holds one replicate, not 2
    """
    if records.replicates != 1:
        raise BadInput(f"a data set holds one replicate, not {records.replicates}")
    library = _library()
    columns: dict[str, Any] = {}
    match records:
        case Texts():
            columns["text"] = list(records.strings())
        case Rows():
            columns |= {str(place): column for place, column in enumerate(records.values[0].T)}
        case Symbols():
            columns["text"] = _names(records.values[0], records.labels)
    known = records.membership()
    if known is not None and not isinstance(records, Symbols):
        columns["group"] = _names(known[0][0], known[1])
    found: Dataset = library.Dataset.from_dict(columns)
    return found


def _names(codes: np.ndarray[Any, np.dtype[np.int64]], names: tuple[str, ...]) -> list[str]:
    return [names[code] if names else str(code) for code in codes.tolist()]
