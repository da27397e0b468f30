"""Records that models are compared on, told in the words and types of those that they are fitted to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outcross.core.batch import Records
from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.text import UNKNOWN, Texts, Vocabulary


def alike(train: Records, test: Records) -> tuple[Records, Records]:
    """Return both sides so that they can be compared, type by type and number by number.

    Texts that are tested on are encoded in the vocabulary of the training texts: a word outside it becomes ``<unk>``.
    Symbols share one alphabet, that of training first. Rows must have as many numbers, and pictures as many pixels.

    Parameters
    ----------
    train, test
        Records of one kind.

    Returns
    -------
    tuple of Records
        Both sides.

    Raises
    ------
    BadInput
        If they cannot be compared.

    Examples
    --------
    >>> _, test = alike(Texts.of(["a cat"]), Texts.of(["a dog", "cat"]))
    >>> test.codes.tolist(), test.strings()
    ([1, 0, 2], ('a dog', 'cat'))
    """
    match train, test:
        case Texts(), Texts():
            if train.vocabulary.unit != test.vocabulary.unit:
                raise BadInput(f"held-out texts in {test.vocabulary.unit}s and data in {train.vocabulary.unit}s differ")
            return train, _encoded(test, train.vocabulary)
        case Rows(), Rows():
            if train.dim != test.dim or train.shape != test.shape:
                raise BadInput(f"the held-out data have {_size(test)} a record, and the data {_size(train)}")
            return train, test
        case Symbols(), Symbols():
            return _one_alphabet(train, test)
    kinds = [type(records).__name__.lower() for records in (test, train)]
    raise BadInput(f"the held-out data are {kinds[0]}, and the data {kinds[1]}")


def of_training(train: Texts, test: Texts) -> tuple[Texts, Texts]:
    """Return two parts of the same texts in the vocabulary of the first, in order of first use.

    It is the vocabulary that would have been made from the first part alone.

    Examples
    --------
    >>> texts = Texts.of(["a dog", "a cat"])
    >>> train, test = of_training(texts.take(np.array([[1]])), texts.take(np.array([[0]])))
    >>> train.vocabulary.words, test.codes.tolist()
    (('<unk>', 'a', 'cat'), [1, 0])
    """
    codes, first = np.unique(train.codes, return_index=True)
    used = codes[np.argsort(first)]
    words = train.vocabulary.words
    vocabulary = Vocabulary((UNKNOWN, *(words[code] for code in used[used != 0])), train.vocabulary.unit)
    return _encoded(train, vocabulary), _encoded(test, vocabulary)


def _encoded(texts: Texts, vocabulary: Vocabulary) -> Texts:
    new = np.array([vocabulary.codes.get(word, 0) for word in texts.vocabulary.words], dtype=np.int32)
    return replace(texts, codes=new[texts.codes], vocabulary=vocabulary)


def _one_alphabet(train: Symbols, test: Symbols) -> tuple[Symbols, Symbols]:
    if bool(train.labels) != bool(test.labels):
        raise BadInput("the types of the data and of the held-out data are named on one side only")
    labels = tuple(dict.fromkeys((*train.labels, *test.labels)))
    types = len(labels) or max(train.types, test.types)
    codes = {label: code for code, label in enumerate(labels)}
    new = np.array([codes[label] for label in test.labels] or range(types), dtype=np.int64)
    return (
        replace(train, types=types, labels=labels),
        replace(test, values=new[test.values], types=types, labels=labels),
    )


def _size(rows: Rows) -> str:
    return f"{' x '.join(map(str, rows.shape))} pixels" if rows.shape else f"{rows.dim:,} numbers"
