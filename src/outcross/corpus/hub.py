"""Data sets of the Hugging Face hub, through the library ``datasets`` (the extra ``hf``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import final

from outcross.core.errors import BadInput, MissingLibrary
from outcross.corpus.table import Choice, Table, gather

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
    try:
        import datasets
    except ImportError:
        raise MissingLibrary("hf: needs the library 'datasets'; pip install 'outcross[hf]' brings it") from None
    try:
        yield from datasets.load_dataset(
            address.name, address.config, split=address.split, streaming=choice.limit is not None
        )
    except Exception as error:  # whatever the library, the network or a data set's own code raises
        said = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise BadInput(f"hf:{address.name} cannot be read: {said[:200]}") from None
