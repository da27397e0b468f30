"""A byte-level BPE tokeniser trained on the texts of a chain's first generation.

Every text is bytes, so every text can be told from its tokens again. Merges are learned by frequency (Sennrich et al.,
ACL 2016) within words as GPT-2 cuts them (Radford et al. 2019); the library is `tokenizers`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.models._torch.tokens import END, utf8

SMALLEST = 257
"""The 256 bytes, and the token that begins and ends texts."""


@final
@dataclass(frozen=True, eq=False)
class BPE:
    """A byte-level BPE tokeniser with one special token, number 0, that begins and ends texts.

    Parameters
    ----------
    tokenizer
        That of the library.

    Examples
    --------
    >>> tokens = train(["the cat sat on the mat"] * 9, 300)
    >>> tokens.decode(tokens.encode(["the hat <|endoftext|> 猫"]))
    ['the hat <|endoftext|> 猫']
    >>> tokens.begin, tokens.end, tokens.name
    (0, 0, 'byte-level BPE of 269 tokens')
    """

    tokenizer: Tokenizer

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        return f"byte-level BPE of {self.size:,} tokens"

    @property
    def size(self) -> int:
        """Number of tokens; fewer than asked for where the texts hold no more pairs that occur twice."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def begin(self) -> int:
        """The token before a text."""
        return 0

    @property
    def end(self) -> int:
        """The token after a text."""
        return 0

    def table(self) -> dict[str, int]:
        """Return every token with its number."""
        return dict(self.tokenizer.get_vocab())

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the token numbers of each text, without begin and end."""
        self.tokenizer.encode_special_tokens = True  # as plain text, that is; neither a file nor a pickle keeps this
        found = (self.tokenizer.encode(text, add_special_tokens=False) for text in utf8(texts))
        return [np.array(one.ids, dtype=np.int32) for one in found]

    def decode(self, codes: Sequence[NDArray[Any]]) -> list[str]:
        """Return the text of each row of token numbers; bytes that are no character become the replacement mark."""
        return [self.tokenizer.decode(code.tolist(), skip_special_tokens=True) for code in codes]

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json`` and ``tokenizer_config.json``."""
        (folder / "tokenizer.json").write_text(self.tokenizer.to_str(pretty=True), encoding="utf-8")
        config = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END,
            "eos_token": END,
            "clean_up_tokenization_spaces": False,
        }
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def train(texts: Iterable[str], vocabulary: int) -> BPE:
    """Return the tokeniser of some texts: the same for the same texts.

    Parameters
    ----------
    texts
        What it is trained on.
    vocabulary
        Number of tokens, at most.

    Raises
    ------
    BadSetting
        If the vocabulary has no room for the 256 bytes and the special token.
    """
    if vocabulary < SMALLEST:
        raise BadSetting(f"a byte-level vocabulary has {SMALLEST} tokens at least, not {vocabulary}")
    tokenizer = Tokenizer(models.BPE())
    parts: Any = tokenizer  # the library's types do not say that these can be set
    parts.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    parts.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(utf8(list(texts)), trainer)
    return BPE(tokenizer)


def load(folder: Path) -> BPE:
    """Return the tokeniser that was saved in a folder.

    Raises
    ------
    MissingInput
        If the folder holds none.
    BadInput
        If its file cannot be read.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise MissingInput(f"no tokeniser in '{folder}': tokenizer.json is not there")
    try:
        return BPE(Tokenizer.from_file(str(file)))
    except Exception as error:  # the library raises nothing more precise
        raise BadInput(f"'{file}' is not a tokeniser: {str(error)[:200]}") from None
