"""Does the model that is being trained collapse? A callback for the `Trainer` of `transformers` measures it."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast, final

import numpy as np
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from outcross.core.batch import Batch, Ints
from outcross.core.decoding import Decoding
from outcross.core.errors import BadInput, BadSetting, OutcrossError
from outcross.core.metric import Metric, View
from outcross.core.model import Scored
from outcross.core.part import as_part, words
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts, Unit, Vocabulary
from outcross.corpus import read
from outcross.lab._torch.live import Copy, Live
from outcross.lab.files import write_atomically
from outcross.lab.observe import Observer, Readings, measurable
from outcross.models._torch.handle import Handle
from outcross.models._torch.hub import HubTokens
from outcross.models._torch.tokens import Tokens
from outcross.models._torch.writers import places
from outcross.models._torch.writing import write
from outcross.models.transformer import FittedTransformer, Transformer

USUAL = ("types", "distinct", "repetition", "entropy", "zipf_exponent", "perplexity")
WINDOW = 1024
"""Tokens at a time that held-out texts are scored in, where the model reads as many."""
AT_ONCE = 64


@final
class CollapseCallback(TrainerCallback):  # type: ignore[misc]
    """Does the model that I am training lose what my texts have?

    When training begins, and again at the end of each epoch (or at each evaluation), the model writes texts, and its
    collapse metrics are logged by the `Trainer`'s own ``log``: they are in ``state.log_history`` and go wherever the
    `Trainer` reports to. Keys are ``collapse/<metric>``. What as many human texts of that length give, pieces of the
    held-out ones, is logged once, as ``collapse/human/<metric>``: that is what to compare with. A value that is missing
    is not logged. Training itself goes on as it would without: mode, device, random numbers and weights are left alone.

    The `Trainer` must know the tokeniser (``processing_class=``). On several devices each measures the same.

    Parameters
    ----------
    heldout
        Human texts that are not trained on: strings, a file, a data set, whatever `outcross.read` takes.
    metrics
        Metrics or their words. Those of hindsight (``hindsight_perplexity``) are judged by the model as it was when
        training began, of which a copy is kept in memory then.
    texts
        How many texts are written.
    length
        Number of tokens of each.
    every
        ``epoch``, or ``evaluate`` for each evaluation that the `Trainer` makes.
    decoding
        How they are written.
    out
        A folder: each time, the texts go to ``step-<step>.jsonl``, and what was measured, with the reason for what is
        missing, to ``step-<step>.json``.
    seed
        Seed of the writing.
    unit
        What a word is: ``word``, ``character`` or ``space``.

    Raises
    ------
    BadSetting
        If a setting is out of range, or a metric cannot be measured of texts; when training begins, if the `Trainer`
        has no tokeniser, or the model cannot read texts of that length.
    BadInput
        If the held-out texts are not texts; when training begins, if they are fewer tokens than are written each time.

    Examples
    --------
    >>> callback = CollapseCallback(["A held-out text of people."], metrics=["distinct", "perplexity"])
    >>> trainer = Trainer(model, args, train_dataset=data, processing_class=tokenizer,
    ...                   callbacks=[callback])  # doctest: +SKIP
    """

    def __init__(
        self,
        heldout: Any,
        metrics: str | Metric[Any] | Sequence[str | Metric[Any]] = USUAL,
        texts: int = 64,
        length: int = 64,
        every: Literal["epoch", "evaluate"] = "epoch",
        decoding: str | Decoding = "sampling",
        out: str | Path | None = None,
        *,
        seed: int = 0,
        unit: Unit = "word",
    ) -> None:
        if every not in ("epoch", "evaluate"):
            raise BadSetting(f"every must be 'epoch' or 'evaluate', not {every!r}")
        for name, value in (("texts", texts), ("length", length)):
            if not isinstance(value, int) or value < 1:
                raise BadSetting(f"{name} must be a whole number >= 1, not {value!r}")
        chosen = [metrics] if isinstance(metrics, str | Metric) else list(metrics)
        self._metrics = [as_part(Metric, one) for one in chosen]
        for metric in self._metrics:
            if not measurable(metric, Texts, FittedTransformer):
                raise BadSetting(f"{words(metric)} cannot be measured of a language model's texts")
        self._decoding = as_part(Decoding, decoding)
        self._heldout = read(heldout, as_=Texts, unit=unit).strings
        self._texts, self._length, self._every, self._unit = texts, length, every, unit
        self._out = None if out is None else Path(out)
        self._seed = Seed(seed)
        self._judge: Scored | None = None
        self._human: tuple[str, ...] = ()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any
    ) -> None:
        """Measure the human texts, and the model as it is now."""
        fitted = self._fitted(given["model"], given["processing_class"])
        if any(metric.view is View.HINDSIGHT for metric in self._metrics):
            copied = cast(Handle, Copy(Live(given["model"]).here))
            self._judge = _Judge(FittedTransformer(fitted.settings, copied, fitted.tokens, fitted.vocabulary, 1))
        self._human = self._pieces(fitted)
        sample, observer = self._seen(self._human)
        human = {f"human/{name}": reading for name, reading in observer.human(sample, self._judge).items()}
        self._log(state, control, human | self._measure(state, fitted))

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Measure the model, if that is when."""
        if self._every == "epoch":
            self._go_on(state, control, given)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Measure the model, if that is when, and training has begun."""
        if self._every == "evaluate" and self._human:
            self._go_on(state, control, given)

    def _go_on(self, state: TrainerState, control: TrainerControl, given: Mapping[str, Any]) -> None:
        """Measure; what could be measured once and cannot be now is no reason to end a training of days."""
        try:
            fitted = self._fitted(given["model"], given["processing_class"])
            self._log(state, control, self._measure(state, fitted))
        except OutcrossError as error:
            warnings.warn(f"collapse was not measured at step {state.global_step}: {error}", stacklevel=2)

    def _fitted(self, network: Any, tokenizer: Any) -> FittedTransformer:
        """The network as a model of ours."""
        if tokenizer is None:
            raise BadSetting("CollapseCallback needs the tokeniser: give the Trainer processing_class=")
        room = places(network)
        if self._length >= room:
            raise BadSetting(f"length must be less than the {room} tokens that the model reads, not {self._length}")
        settings = Transformer(window=max(8, min(room, WINDOW)), length=self._length)
        name = str(getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__)
        vocabulary = Vocabulary.of([], self._unit)  # texts are encoded again when all words are known
        return FittedTransformer(
            settings, cast(Handle, Live(network)), HubTokens(tokenizer, name), vocabulary, self._length
        )

    def _pieces(self, fitted: FittedTransformer) -> tuple[str, ...]:
        """As many human texts, of as many tokens: pieces of the held-out ones one after another, taken evenly."""
        end = np.array([fitted.tokens.end], dtype=np.int64)
        stream = np.concatenate([piece for code in fitted.tokens.encode(self._heldout) for piece in (code, end)])
        count = len(stream) // self._length
        if count < self._texts:
            raise BadInput(
                f"the held-out texts are {len(stream):,} tokens, and {self._texts} texts of {self._length} tokens are "
                "written to compare with them; give more, or lower texts or length"
            )
        chosen = np.linspace(0, count - 1, self._texts).round().astype(int)
        rows = stream[: count * self._length].reshape(count, self._length)[chosen]
        return _decoded(fitted.tokens, list(rows))

    def _measure(self, state: TrainerState, fitted: FittedTransformer) -> Readings:
        """Have the model write, and measure what it wrote."""
        step = state.global_step
        written = self._write(fitted, self._seed.child("texts", step))
        sample, observer = self._seen(written)
        readings = observer.model(fitted, self._judge or fitted, sample)
        if self._out is not None:
            lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in written)
            write_atomically(self._out / f"step-{step:08}.jsonl", lines.encode("utf-8", "backslashreplace"))
            told = {
                "step": step,
                "epoch": state.epoch,
                "values": _values(readings),
                "missing": {name: reading.reason for name, reading in readings.items() if reading.reason},
            }
            write_atomically(self._out / f"step-{step:08}.json", json.dumps(told, indent=1).encode())
        return readings

    def _write(self, fitted: FittedTransformer, seed: Seed) -> tuple[str, ...]:
        prompts = [np.array([fitted.tokens.begin], dtype=np.int64)] * self._texts
        with fitted.handle.open("as it is", 1) as network:
            codes = write(network, prompts, self._length, None, self._decoding, seed, AT_ONCE)
        return _decoded(fitted.tokens, codes)

    def _seen(self, written: Sequence[str]) -> tuple[Texts, Observer]:
        """Texts, and who compares them with the held-out ones, in one vocabulary that has every word of both."""
        vocabulary = Vocabulary.of([*self._heldout, *written], self._unit)
        return Texts.of(written, vocabulary), Observer(self._metrics, Texts.of(self._heldout, vocabulary))

    def _log(self, state: TrainerState, control: TrainerControl, readings: Readings) -> None:
        values = {f"collapse/{name.replace('@', '/')}": value for name, value in _values(readings).items()}
        trainer = _trainer()
        if trainer is None:
            state.log_history.append({**values, "epoch": state.epoch, "step": state.global_step})
            return
        due = control.should_log
        trainer.log(values)
        control.should_log = due  # what the Trainer has to log itself is still to come


@final
class _Judge(Scored):
    """A model that judges, and is asked about the same texts only once: the held-out ones, which come every time."""

    def __init__(self, fitted: FittedTransformer) -> None:
        self._fitted = fitted
        self._said: tuple[tuple[str, ...], LogProbs] | None = None

    def sample(self, n: int, seed: Seed) -> Texts:
        """Return texts of the model."""
        return self._fitted.sample(n, seed)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return what the model says."""
        texts = cast(Texts, data)
        if self._said is not None and texts.raw is self._said[0]:
            return self._said[1]
        found = self._fitted.log_prob(texts)
        if self._said is None and texts.raw is not None:
            self._said = (texts.raw, found)
        return found


def _decoded(tokens: Tokens, codes: Sequence[Ints]) -> tuple[str, ...]:
    """Texts, with a new line where one ended and the next began: their words must not run into one."""
    parts = [np.split(code, np.flatnonzero(code == tokens.end)) for code in codes]
    return tuple("\n".join(tokens.decode(part)) for part in parts)


def _values(readings: Readings) -> dict[str, float]:
    """What is known."""
    found = {name: reading.values.item() for name, reading in readings.items()}
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _trainer() -> Trainer | None:
    """The `Trainer` that is calling: it does not tell a callback who it is, but it alone knows where it reports to."""
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, Trainer):
            return caller
        frame = frame.f_back
    return None
