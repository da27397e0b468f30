"""The language models that likelihood detectors stand on: published ones as they are, others fitted to documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.batch import Floats
from outcross.core.documents import Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import Model, Neural, Pretrained, Scored, Stored, Tokenwise
from outcross.core.part import Part, part_name, words
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.text import Texts, Vocabulary, tokenize
from outcross.core.tokens import TokenScores

READ = 20_000
"""Characters that are read of a text, unless more are asked for: about 4,000 words."""
USUAL = "ngram"
"""The model, unless another one is named."""
KEPT = 2
"""A word is in the vocabulary if so many training documents hold it: what only one has is ``<unk>``, for which a model
then has a probability of its own.
"""


@final
@dataclass(frozen=True, eq=False)
class Language:
    """A language model that scores documents, and all it takes to make it again.

    Parameters
    ----------
    model
        Its settings.
    fitted
        The model.
    texts
        What it was fitted to; None of a published model, which was fitted by others.
    seed
        Of its fitting.
    folder
        Where its files lie, if they were unpacked: a temporary one, held for as long as the model is.
    """

    model: Model
    fitted: Scored
    texts: Texts | None = None
    seed: Seed | None = None
    folder: object = None

    def token_scores(self, texts: Sequence[str], observer: Language | None = None) -> Iterator[TokenScores]:
        """Yield what the model says of the tokens of each text.

        Raises
        ------
        BadInput
            If the model knows whole texts only, or the observer cuts texts into other tokens.
        """
        seen = None if observer is None else observer._tokenwise()
        return self._tokenwise().token_scores(texts, seen)

    def log_prob(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return the log probability of each text in nats, and the number of tokens that it is of; shape (n,) both."""
        if isinstance(self.fitted, Tokenwise):
            found = [(scores.log_prob.sum(), scores.size) for scores in self.fitted.token_scores(texts)]
            values, tokens = np.array(found, dtype=np.float64).reshape(-1, 2).T
            return values, tokens
        vocabulary = Vocabulary.of(()) if self.texts is None else self.texts.vocabulary
        scored = self.fitted.log_prob(Texts.of(texts, vocabulary))
        return scored.values[0], np.where([bool(text.strip()) for text in texts], scored.tokens[0], 0)

    def _tokenwise(self) -> Tokenwise:
        if not isinstance(self.fitted, Tokenwise):
            raise BadInput(f"{words(self.model)} knows the probability of a text, not of its tokens")
        return self.fitted

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return what `restored` needs, each array's name after a prefix.

        Of a published model that is the digest of its weights. A model that is fitted by gradient steps is its files,
        byte by byte. Any other is fitted again, to the same texts: their words as codes.
        """
        if self.texts is None:
            return {f"{prefix}digest": _as_bytes(self.fitted.digest if isinstance(self.fitted, Stored) else "")}
        if isinstance(self.fitted, Stored):
            from outcross.detectors._torch.packing import pack

            return {f"{prefix}file/{name}": content for name, content in pack(self.fitted).items()}
        made: dict[str, NDArray[Any]] = {
            "words": _as_bytes("\n".join(self.texts.vocabulary.words)),
            "codes": self.texts.codes,
            "starts": self.texts.starts,
            "seed": _as_bytes(str(0 if self.seed is None else self.seed.key)),
        }
        return {f"{prefix}{name}": array for name, array in made.items()}


def is_published(model: Model) -> bool:
    """Whether a model can be used as somebody else has trained it."""
    return isinstance(model, Pretrained) and model.published is not None


def needed(*models: Model | None) -> frozenset[Origin]:
    """Return what has to be given to have these models: human documents, unless all are published."""
    fitted = [model for model in models if model is not None and not is_published(model)]
    return frozenset({Origin.HUMAN}) if fitted else frozenset()


def check_reads_texts(detector: Part, *models: Model | None) -> None:
    """Refuse a model of anything but texts.

    Raises
    ------
    BadSetting
        If one is given.
    """
    for model in models:
        if model is not None and Texts not in model.reads:
            raise BadSetting(
                f"{part_name(type(detector))}: a model of texts is wanted, ngram or transformer(base='...'), "
                f"not {words(model)}"
            )


def learned(model: Model, data: Labelled, origin: Origin, seed: Seed) -> Language:
    """Return a model as it was published, or fitted to the documents of one origin.

    The vocabulary is that of all the documents, so that models of both origins have the same.

    Raises
    ------
    BadInput
        If it has to be fitted and there is no such document, or the model does not score.
    """
    if is_published(model):
        return published(model)
    return fitted_to(model, data, origin, seed)


def published(model: Model) -> Language:
    """Return a published model as it is."""
    if not isinstance(model, Pretrained):
        raise BadSetting(f"{words(model)} names no published model")
    return Language(model, _scored(model, model.pretrained()))


def fitted_to(model: Model, data: Labelled, origin: Origin, seed: Seed) -> Language:
    """Return a model fitted to the documents of one origin, published or not; errors are those of `learned`."""
    places = data.humans if origin is Origin.HUMAN else data.machines
    texts = [text for text in data.documents.take(places).texts if text.strip()]
    if not texts:
        raise BadInput(f"there is no {origin} document with a word in it, and {words(model)} is fitted to such")
    own = Seed(int(seed.generator().integers(2**31)))  # one number, so that it can be kept with the texts
    return _fitted(model, Texts.of(texts, _vocabulary(data.documents.texts)), own)


def restored(model: Model, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Language:
    """Return the model whose `Language.arrays` these are.

    Raises
    ------
    BadInput
        If they are not, or the published model is not the one that was used.
    """
    held = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    files = {name.removeprefix("file/"): array for name, array in held.items() if name.startswith("file/")}
    if files and isinstance(model, Neural):
        from outcross.detectors._torch.packing import unpack

        fitted, folder = unpack(model, files)
        return Language(model, _scored(model, fitted), Texts.of(()), folder=folder)
    if "digest" in held and is_published(model):
        found = published(model)
        if isinstance(found.fitted, Stored) and found.fitted.digest != _as_text(held["digest"]):
            raise BadInput(f"the weights of {words(model)} are not those that the detector was made with")
        return found
    if not {"words", "codes", "starts", "seed"} <= held.keys():
        raise BadInput(f"these arrays are not those of a detector with {words(model)}")
    vocabulary = Vocabulary(tuple(_as_text(held["words"]).split("\n")))
    texts = Texts(held["codes"].astype(np.int32), held["starts"].astype(np.int64), vocabulary)
    return _fitted(model, texts, Seed(int(_as_text(held["seed"]))))


def finite(values: ArrayLike) -> Floats:
    """Return scores, NaN where there is none: no token, a probability of 0, or nothing that could vary."""
    found = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _fitted(model: Model, texts: Texts, seed: Seed) -> Language:
    return Language(model, _scored(model, model.fit(texts, seed)), texts, seed)


def _scored(model: Model, fitted: object) -> Scored:
    if isinstance(fitted, Scored):
        return fitted
    raise BadInput(f"{words(model)} does not know how probable a text is; an ngram and a transformer do")


def _vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The words that more than one document holds, in order of first use; all words where that leaves none."""
    held = Counter(word for text in texts for word in dict.fromkeys(tokenize(text)))
    known = [word for word, number in held.items() if number >= KEPT]
    return Vocabulary.of(()).having(known or held)


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _as_text(array: NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode("utf-8", "surrogatepass")
