"""A causal language model: a small one from scratch, or any pretrained one, fine-tuned on texts and writing texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, final

import numpy as np

from outcross.core.batch import Batch, Ints
from outcross.core.decoding import Decoding
from outcross.core.errors import BadInput, BadSetting, MissingLibrary
from outcross.core.model import Editing, Fitted, Pretrained, Prompted, Stored, Tokenwise
from outcross.core.part import as_part
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts, Vocabulary
from outcross.core.tokens import TokenScores
from outcross.core.training import Trained, Training
from outcross.models._counted import counted
from outcross.models._window import HELD, MOST, PRETRAINED, upwards

if TYPE_CHECKING:
    from pathlib import Path

    from outcross.models._torch.handle import Handle
    from outcross.models._torch.tokens import Tokens

USUAL_TRAINING = "adamw(epochs=5)"
USUAL_DECODING = "sampling"
TEXTS_AT_ONCE = 256
"""Texts whose tokens' scores are held at once: batches are of windows of like length among so many."""


@final
@dataclass(frozen=True, eq=False)
class FittedTransformer(Stored, Tokenwise, Prompted, Editing):
    """A language model that was fitted: a handle on its weights, and what it needs to write.

    Parameters
    ----------
    settings
        How it scores and writes.
    handle
        Its weights, in memory or in a folder.
    tokens
        Its tokeniser.
    vocabulary
        The words of the texts that it was fitted to; what it writes is counted in these and in the words it invents.
    longest
        Largest number of tokens of a text.
    prompts
        Token numbers of the human texts that its own texts go on from; empty where they start from nothing.
    trained
        How its training went: losses, and the epoch that was kept.

    Examples
    --------
    See `Transformer`.
    """

    settings: Transformer
    handle: Handle
    tokens: Tokens
    vocabulary: Vocabulary
    longest: int
    prompts: tuple[Ints, ...] = field(default=(), repr=False)
    trained: Trained | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """BLAKE2b digest of the weights."""
        return self.handle.digest

    def log_prob(self, data: Batch) -> LogProbs:
        """Return each text's log probability, and the number of tokens (and of words, if any) that it is the sum of.

        A text begins after the begin token. Where texts end by themselves its end is a token like the others. A text
        that is longer than the window is read in windows that overlap: see `Transformer`.
        """
        from outcross.models._torch.scoring import score

        texts = _texts(data)
        codes = self.tokens.encode(texts.strings())
        with self._open() as network:
            values, counts = score(network, codes, self.tokens, self.settings.view(), ends=self.settings.ends)
        words = None if self.vocabulary.unit == "character" else texts.lengths[None].astype(np.float64)
        return LogProbs(values[None], counts[None].astype(np.float64), words)

    def token_scores(self, texts: Sequence[str], observer: Tokenwise | None = None) -> Iterator[TokenScores]:
        """Yield what it says of the tokens of each text, in order: in windows as `log_prob`, but without the end.

        The first token is scored too, after the begin token. Sums over the vocabulary are in float32 on the device,
        and a few hundred texts are held at a time.

        Raises
        ------
        BadInput
            If the observer does not cut texts into the same tokens, or reads fewer at a time than the window.

        Examples
        --------
        See `outcross.core.tokens.TokenScores`.
        """
        other = None if observer is None else self._seen_by(observer)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            yield from self._scored(texts[start : start + TEXTS_AT_ONCE], other)

    def _scored(self, texts: Sequence[str], observer: FittedTransformer | None) -> list[TokenScores]:
        from outcross.models._torch.scoring import score_tokens

        codes, view = self.tokens.encode(texts), self.settings.view()
        with self._open() as network:
            if observer is None:
                found = score_tokens(network, codes, self.tokens, view)
            else:
                with observer.handle.open(self.settings.device, self.settings.threads) as other:
                    found = score_tokens(network, codes, self.tokens, view, other)
        return [TokenScores(*rows) for rows in found]

    def _seen_by(self, observer: Tokenwise) -> FittedTransformer:
        """The observer, if it can be one."""
        from outcross.models._torch.writers import places

        if not isinstance(observer, FittedTransformer):
            raise BadInput(f"an observer of a transformer is another one, not a {type(observer).__name__.lower()}")
        if observer.tokens.table() != self.tokens.table():
            names = f"{self.tokens.name} and {observer.tokens.name}"
            raise BadInput(f"the observer must cut texts into the same tokens, but the tokenisers differ: {names}")
        window = self.settings.view()[0]
        with observer.handle.open(self.settings.device, self.settings.threads) as network:
            if places(network) < window:
                raise BadInput(f"the observer reads {places(network)} tokens, fewer than the window of {window}")
        return observer

    def sample(self, n: int, seed: Seed) -> Texts:
        """Return n new texts; with prompts, the i-th goes on from the i-th human text (and round again)."""
        start = np.array([self.tokens.begin], dtype=np.int64)
        chosen = [self.prompts[i % len(self.prompts)] for i in range(n)] if self.prompts else [start[:0]] * n
        prompts = [np.concatenate([start, prompt]) for prompt in chosen]
        return self._texts_of(self._write(prompts, self.settings.length or self.longest, seed))

    def extend(self, prompt: str, n: int, length: int, seed: Seed) -> Texts:
        """Return n texts that begin with the prompt and go on for at most ``length`` tokens, which is no more words."""
        from outcross.models._torch.writers import places

        known = np.concatenate([[self.tokens.begin], self.tokens.encode([prompt])[0]]).astype(np.int64)
        with self._open() as network:
            room = places(network)
        length = min(length, room // 2)  # of a long prompt, the model reads what it has room for
        added = self._write([known[length - room :]] * n, length, seed) if length else [known[:0]] * n
        begins, *wholes = self.tokens.decode([known, *(np.concatenate([known, one]) for one in added)])
        return self._encoded([prompt + whole.removeprefix(begins) for whole in wholes])

    def edit(self, data: Texts, above: float, seed: Seed) -> Texts:
        """Return the texts with every token resampled that the model finds likelier than ``above``.

        Each token is judged, and drawn anew, given the tokens before it as they were written (Zhu et al. 2024).
        None becomes the begin or the end of a text.
        """
        from outcross.models._torch.scoring import resample

        with self._open() as network:
            codes = self.tokens.encode(data.strings())
            edited = resample(network, codes, self.tokens, self.settings.view(), above, seed)
        return self._texts_of(edited)

    def save(self, folder: Path) -> None:
        """Write a folder that `transformers` opens too, with what else is needed to go on from it."""
        from outcross.models._torch.folder import write_folder

        write_folder(folder, self)

    def _write(self, prompts: list[Ints], length: int, seed: Seed) -> list[Ints]:
        from outcross.models._torch.writing import write

        how, begin, end = self.settings, self.tokens.begin, self.tokens.end
        stop = end if how.ends else None
        never = {begin, end} - {stop}  # a text begins once, and where texts have a length, none ends
        with self._open() as network:
            return write(network, prompts, length, stop, how.writing(), seed, how.at_once, sorted(never))

    def _texts_of(self, codes: list[Ints]) -> Texts:
        return self._encoded(self.tokens.decode(codes))

    def _encoded(self, written: Sequence[str]) -> Texts:
        """Texts in the vocabulary of words, with those that the model invented behind the known ones."""
        return Texts.of(written, self.vocabulary.extended(written))

    def _open(self) -> Any:
        return self.handle.open(self.settings.device, self.settings.threads)


@final
@dataclass(frozen=True)
class Transformer(Pretrained):
    """A causal language model of the kind that `transformers` opens, or a small GPT from scratch.

    Texts are cut into tokens by the model's own tokeniser. Metrics count the words of what it writes; its perplexity is
    per token (`perplexity`) or per word (`word_perplexity`), and models with different tokenisers can only be compared
    per word.

    Parameters
    ----------
    base
        A pretrained model: its name on the hub, a folder, or a GGUF file. None makes a small GPT from scratch, with a
        byte-pair tokeniser trained on the texts of generation 1.
    size
        Size of a model from scratch, for example ``1M``.
    vocabulary
        Number of tokens of a tokeniser from scratch.
    window
        Number of tokens that it is trained on, and scores, at a time. A model from scratch can write no more than that.
        None for the smallest multiple of 64 that holds 99 % of the human texts of generation 1, each with its end (512
        at most), or prompt and length where a length is given; with a base 256, or as many as it reads.
    stride
        By how many tokens the window moves over a longer text when it is scored: all but ``stride`` tokens of a window
        are context only. None for half a window.
    carry
        Whether each generation's training goes on from the weights of the one before. Otherwise it starts from the
        base again (or from scratch, with new random weights): both are in the literature, and the second is that of
        Shumailov et al. and Gerstgrasser et al.
    training
        How it is trained; none for ``adamw(epochs=5)``.
    decoding
        How it writes; none for ``sampling`` at temperature 1.
    prompt
        So many tokens of a human text that each text goes on from; they are not part of it. The prompts are the
        training texts of generation 1 in order, for all generations. 0 for texts from nothing. Only writing knows the
        prompts: training, and every perplexity (that of what was written too, be it its own or in hindsight), reads
        each text from nothing.
    length
        Number of tokens of every text. None where texts end by themselves, at the latest after as many tokens as the
        longest training text of generation 1 has, or after as many as the model has places for if that is less: from
        scratch these are the window, and fitting refuses a window that more than 5 % of the human texts are longer
        than.
    pack
        Whether texts are joined into rows of ``window`` tokens for training, or each has a row of its own. Texts of one
        row are not hidden from each other: each is learned after others, while scoring reads it by itself.
    rank
        Rank of low-rank adapters (LoRA, Hu et al. 2022) that are trained instead of all weights. Needs a base.
    truncate
        Tokens that the model already finds likelier than this carry no loss (truncated cross-entropy: Shabgahi et al.,
        arXiv 2509.08972). The mean is over all tokens, those without loss too, so gradients shrink as a model becomes
        sure. None for all tokens.
    validation
        Share of the training texts that are kept to choose the best epoch by; 0 keeps the last epoch.
    at_once
        Number of texts that are written side by side. What is drawn does not depend on it; probabilities may in their
        last digit.
    device
        ``auto`` (CUDA, MPS or the CPU, the first there is), or the name of a device.
    threads
        Threads on a CPU. Sums depend on their number in the last digit, so it is a setting; several processes with one
        thread each do more than one process with several.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = Texts.of(["the cat sat on the mat", "the dog sat on the cat"] * 8)
    >>> model = build("model", "transformer(window=16, vocabulary=300, training=adamw(epochs=2))")
    >>> fitted = model.fit(texts, Seed(0))  # doctest: +SKIP
    >>> fitted.sample(2, Seed(1)).size  # doctest: +SKIP
    2
    """

    base: str | None = None
    size: str = "1M"
    vocabulary: Annotated[int, Between(257)] = 1024
    window: Annotated[int | None, Between(8)] = None
    stride: Annotated[int | None, Between(1)] = None
    carry: bool = False
    training: Training | None = None
    decoding: Decoding | None = None
    prompt: Annotated[int, Between(0)] = 0
    length: Annotated[int | None, Between(1)] = None
    pack: bool = True
    rank: Annotated[int | None, Between(1)] = None
    truncate: Annotated[float | None, Between(0, 1, above=True)] = None
    validation: Annotated[float, Between(0, 1, below=True)] = 0.0
    at_once: Annotated[int, Between(1)] = 64
    device: str = "auto"
    threads: Annotated[int, Between(1)] = 1

    reads = (Texts,)
    gives: ClassVar[type[Stored]] = FittedTransformer

    def check(self) -> None:
        """Refuse settings that do not go together."""
        if self.prompt and self.length is None:
            raise BadSetting("transformer: a text that goes on from a prompt has no end of its own; give its length")
        if self.rank is not None and self.base is None:
            raise BadSetting("transformer: rank is for low-rank adapters of a pretrained model; give its base")
        window = self.known_window
        if window is None:
            return
        if self.stride is not None and self.stride > window:
            raise BadSetting(f"transformer: stride {self.stride} is more than the window {window}")
        if self.base is None and self.prompt + (self.length or 0) > window:
            raise BadSetting(f"transformer: prompt and length together are more than the window of {window} tokens")

    @property
    def ends(self) -> bool:
        """Whether texts end by themselves."""
        return self.length is None

    @property
    def known_window(self) -> int | None:
        """The window; None where it depends on the human texts, or on what a pretrained model reads."""
        if self.window is None and self.base is None and self.length is not None:
            return upwards(self.prompt + self.length)
        return self.window

    @property
    def scoring(self) -> str:
        """What its log-probabilities are sums over."""
        name = f"a byte-pair tokeniser of {self.vocabulary:,} tokens"
        if self.base:
            name = f"the tokeniser of {self.base.rpartition('/')[2]}"
        end = ", the end of a text included" if self.ends else ""
        alone = "each text by itself" + (", not after its prompt" if self.prompt else "")
        if self.known_window is not None:
            return f"tokens of {name}{end}; window {self.known_window}, stride {self.view()[1]}, {alone}"
        chosen = f"that holds {HELD:.0%} of the human texts, {MOST} tokens at most"
        if self.base is not None:
            chosen = f"of {PRETRAINED} tokens, or as many as it reads"
        return f"tokens of {name}{end}; a window {chosen}, stride {self.stride or 'half of it'}, {alone}"

    @property
    def abreast(self) -> int | None:
        """One on a GPU; on a CPU as many as there are cores for their threads."""
        with _extra():
            from outcross.models._torch.device import abreast

        return abreast(self.device, self.threads)

    def view(self) -> tuple[int, int]:
        """Return window and stride, of a fitted model or where the settings say enough."""
        window = self.known_window
        if window is None:
            raise BadSetting("transformer: which window it takes is only known of a fitted model; give window=")
        return window, self.stride or max(1, window // 2)

    def writing(self) -> Decoding:
        """Return how it writes."""
        return as_part(Decoding, self.decoding or USUAL_DECODING)

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedTransformer:
        """Return the model trained on these texts.

        Raises
        ------
        BadInput
            If the data are no texts, or the tokeniser cannot encode them.
        MissingInput
            If there is no such base.
        BadSetting
            If the base reads fewer tokens than window, or prompt and length, are; or, of a model from scratch whose
            texts end by themselves, if more than 5 % of the texts of generation 1 are longer than the window.
        MissingLibrary
            If the extra ``lm`` is not installed.
        Diverged, OutOfMemory
            If training fails.
        """
        with _extra():
            from outcross.models._torch.fine_tuning import fit

        texts = counted(_texts(data), "a transformer", "text")
        before = previous if isinstance(previous, FittedTransformer) else None
        made = fit(self, texts, seed, before)
        if before is not None:
            return replace(before, settings=made.settings, handle=made.handle, trained=made.trained)
        codes = made.tokens.encode(texts.strings())
        prompts = tuple(code[-self.prompt :].astype(np.int64) for code in codes if len(code)) if self.prompt else ()
        longest = max(1, min(max(map(len, codes)), made.room))
        return FittedTransformer(
            made.settings, made.handle, made.tokens, texts.vocabulary, longest, prompts, made.trained
        )

    @property
    def published(self) -> str | None:
        """The base, unless it starts from scratch."""
        return self.base

    def pretrained(self) -> FittedTransformer:
        """Return the base as it was published: its weights are read once for all that use it, and not changed.

        What a fitted model learns of texts it does not have: its vocabulary of words is empty, it writes from nothing,
        and its texts are at most as long as its window.

        Raises
        ------
        MissingInput
            If there is no such base.
        BadSetting
            If there is no base, or it reads fewer tokens than the window.
        MissingLibrary
            If the extra ``lm`` is not installed.
        """
        if self.base is None:
            raise BadSetting("transformer: only a published model can be used without fitting it; give its base")
        with _extra():
            from outcross.models._torch.published import published

        handle, tokens, room = published(self.base)
        window = self.window or min(PRETRAINED, room)
        if window > room:
            raise BadSetting(f"transformer: the window is {window} tokens, and {self.base} reads {room} at most")
        return FittedTransformer(replace(self, window=window), handle, tokens, Vocabulary.of(()), window)

    def load(self, folder: Path) -> FittedTransformer:
        """Return the model that was saved in a folder; its weights are read when it is first used."""
        with _extra():
            from outcross.models._torch.folder import read_folder

        handle, tokens, window, rest = read_folder(folder)
        return FittedTransformer(replace(self, window=self.window or window), handle, tokens, **rest)

    def learning(self) -> Training:
        """Return how it is trained."""
        return as_part(Training, self.training or USUAL_TRAINING)


@contextmanager
def _extra() -> Iterator[None]:
    """What is imported in the block comes with the extra ``lm``."""
    try:
        yield
    except ImportError:
        raise MissingLibrary("a transformer needs PyTorch and its libraries: pip install 'outcross[lm]'") from None


def _texts(data: Batch) -> Texts:
    if isinstance(data, Texts):
        return data
    raise BadInput(f"a transformer reads texts, not {type(data).__name__.lower()}")
