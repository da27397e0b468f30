"""Data sets of the hub, with a stand-in for ``datasets``: what is asked of it, and what is made of its errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from outcross.core.errors import BadInput, MissingInput, MissingLibrary
from outcross.core.records import Rows
from outcross.core.text import Texts
from outcross.corpus import read
from outcross.corpus.hub import Address

Asked = list[tuple[Any, ...]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the stand-in was asked for; its data set ``owner/endless`` never ends, ``gone`` is not there."""
    calls: Asked = []

    def endless() -> Iterator[dict[str, object]]:
        number = 0
        while True:
            yield {"text": f"text {number}", "n": number}
            number += 1

    def load_dataset(name: str, config: str | None, *, split: str, streaming: bool) -> object:
        calls.append((name, config, split, streaming))
        if name == "gone":
            raise FileNotFoundError("Dataset 'gone' doesn't exist on the Hub\nand many more lines")
        return endless() if streaming else [{"text": "a cat", "n": 1}, {"text": "a dog", "n": 2}]

    module = ModuleType("datasets")
    module.load_dataset = load_dataset  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    return calls


@pytest.mark.parametrize(
    ("spec", "call"),
    [
        ("hf:imdb", ("imdb", None, "train", False)),
        ("hf:imdb/test", ("imdb", None, "test", False)),
        ("hf:stanfordnlp/imdb", ("stanfordnlp/imdb", None, "train", False)),
        ("hf:stanfordnlp/imdb/test", ("stanfordnlp/imdb", None, "test", False)),
        ("hf:Salesforce/wikitext:wikitext-2-raw-v1", ("Salesforce/wikitext", "wikitext-2-raw-v1", "train", False)),
        ("hf:glue:cola/dev_matched", ("glue", "cola", "dev_matched", False)),
        ("hf:a/b:c/train[:10%]", ("a/b", "c", "train[:10%]", False)),
    ],
)
def test_what_the_library_is_asked_for(asked: Asked, spec: str, call: tuple[Any, ...]) -> None:
    corpus = read(spec, as_=Texts)
    assert asked == [call]
    assert corpus.strings == ("a cat", "a dog")
    assert corpus.name == spec
    assert corpus.source == f"Hugging Face data set {call[0]}, split {call[2]}"


def test_with_a_limit_no_more_is_fetched(asked: Asked) -> None:
    assert read("hf:owner/endless", as_=Texts, limit=3).strings == ("text 0", "text 1", "text 2")
    assert asked == [("owner/endless", None, "train", True)]
    assert read("hf:owner/endless", as_=Rows, limit=5).size == 5


def test_what_the_library_says_becomes_one_line(asked: Asked) -> None:
    with pytest.raises(BadInput, match=r"^hf:gone cannot be read: Dataset 'gone' doesn't exist on the Hub$"):
        read("hf:gone", as_=Texts)


def test_a_missing_column(asked: Asked) -> None:
    with pytest.raises(MissingInput, match=r"^record 1 of hf:imdb: no column 'txt'; did you mean 'text'\?$"):
        read("hf:imdb", as_=Texts, text="txt")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[hf\]'"):
        read("hf:imdb", as_=Texts)


@pytest.mark.parametrize("text", ["", "a b", "/imdb", "a/b/c/d", "../secret", "a:b:c"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadInput, match="write hf:NAME"):
        Address.of(text)
