"""A real training, watched: it goes on as it would have, and what is logged is what the texts say."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import outcross as oc
from outcross.core.errors import BadInput, BadSetting
from outcross.core.text import Vocabulary

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")
transformers = pytest.importorskip("transformers")
bpe = pytest.importorskip("outcross.models._torch.bpe")

Tokenizer, Trainer, TrainerCallback = (
    transformers.PreTrainedTokenizerFast,
    transformers.Trainer,
    transformers.TrainerCallback,
)
END = "<|endoftext|>"
torch.set_num_threads(1)

ANIMALS, PLACES = ("cat", "dog", "cow", "owl"), ("mat", "hill", "roof", "moon", "lake")
TEXTS = [f"the {one} sat on the {place} and saw that the {other} was on the {elsewhere}"
         for one in ANIMALS for other in ANIMALS for place in PLACES for elsewhere in PLACES]  # fmt: skip
HUMAN, HELDOUT = TEXTS[::2][:64], TEXTS[1::2][:40]
SMALL = {"texts": 8, "length": 12}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    trained = bpe.train(HUMAN, 300).tokenizer
    return Tokenizer(tokenizer_object=trained, bos_token=END, eos_token=END, pad_token=END)


class Reporter(TrainerCallback):  # type: ignore[misc]
    """Where a Trainer reports to."""

    def __init__(self) -> None:
        self.got: list[dict[str, float]] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **rest: Any) -> None:
        self.got.append(dict(logs))


def trainer(tokenizer: Any, folder: Path, *callbacks: Any, **more: Any) -> Any:
    torch.manual_seed(0)
    network = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=300, n_positions=32, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
        )
    )
    given: Any = tokenizer
    rows = []
    if given is not None:
        for text in HUMAN:
            ids = [0, *given(text)["input_ids"], 0][:24]
            rows.append({"input_ids": ids, "labels": ids, "attention_mask": [1] * len(ids)})
    settings: dict[str, Any] = {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 16,
        "learning_rate": 0.01,
        "logging_strategy": "epoch",
        "save_strategy": "no",
        "report_to": [],
        "use_cpu": True,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }
    return Trainer(
        model=network,
        args=transformers.TrainingArguments(output_dir=str(folder), **settings | more),
        train_dataset=rows,
        eval_dataset=rows[:2],
        processing_class=tokenizer,
        callbacks=list(callbacks),
    )


def entries(done: Any, key: str) -> list[dict[str, float]]:
    return [entry for entry in done.state.log_history if key in entry]


def test_it_is_a_callback_of_transformers() -> None:
    assert isinstance(oc.CollapseCallback(HELDOUT), TrainerCallback)


def test_the_face_does_not_import_it_before_it_is_asked_for() -> None:
    program = "import sys, outcross; print('transformers' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_training_is_measured_and_goes_on_as_it_would(tokenizer: Any, tmp_path: Path) -> None:
    plain = trainer(tokenizer, tmp_path)
    plain.train()
    reporter = Reporter()
    callback = oc.CollapseCallback(HELDOUT, out=tmp_path / "seen", **SMALL)  # type: ignore[arg-type]
    watched = trainer(tokenizer, tmp_path, reporter, callback)
    watched.train()

    for name, weights in plain.model.state_dict().items():
        assert torch.equal(weights, watched.model.state_dict()[name]), name
    assert [entry["loss"] for entry in entries(plain, "loss")] == [entry["loss"] for entry in entries(watched, "loss")]
    assert len(entries(watched, "loss")) == 2

    seen = entries(watched, "collapse/types")
    assert [entry["step"] for entry in seen] == [0, 4, 8]
    assert [entry["epoch"] for entry in seen] == [0, 1, 2]
    wanted = {"types", "distinct", "repetition", "entropy", "zipf_exponent", "perplexity"}
    assert {key.removeprefix("collapse/") for key in seen[2]} == wanted | {"epoch", "step"}
    assert {key for key in seen[0] if key.startswith("collapse/human/")} == {
        f"collapse/human/{name}" for name in wanted - {"perplexity"}
    }
    assert [logs["collapse/types"] for logs in reporter.got if "collapse/types" in logs] == [
        entry["collapse/types"] for entry in seen
    ], "other callbacks are told too"
    assert seen[2]["collapse/perplexity"] < seen[0]["collapse/perplexity"] / 2, "it learns"


def test_what_is_logged_is_what_the_texts_say(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, out=tmp_path / "seen", **SMALL)  # type: ignore[arg-type]
    watched = trainer(tokenizer, tmp_path, callback)
    watched.train()
    (seen,) = (entry for entry in entries(watched, "collapse/types") if entry["step"] == 8)
    lines = (tmp_path / "seen" / "step-00000008.jsonl").read_text().splitlines()
    written = [json.loads(line)["text"] for line in lines]
    assert len(written) == 8
    assert seen["collapse/types"] == len(Vocabulary.of(written)) - 1
    told = json.loads((tmp_path / "seen" / "step-00000008.json").read_text())
    assert told["values"]["types"] == seen["collapse/types"]
    assert told["missing"] == {}

    nats, count = 0.0, 0
    network = watched.model.eval()
    for text in HELDOUT:
        ids = torch.tensor([[0, *tokenizer(text)["input_ids"]]])
        with torch.no_grad():
            nats += float(network(ids, labels=ids).loss) * (ids.shape[1] - 1)
        count += ids.shape[1] - 1
    assert seen["collapse/perplexity"] == pytest.approx(np.exp(nats / count), rel=1e-4)


def test_the_human_texts_are_pieces_of_the_same_length(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, "types", **SMALL)  # type: ignore[arg-type]
    trainer(tokenizer, tmp_path, callback, max_steps=1).train()
    pieces = callback._human
    assert len(pieces) == 8
    whole = " ".join(HELDOUT).split()
    assert {word for piece in pieces for word in piece.split()[1:-1]} <= set(whole), "texts do not run into one"
    stream = "\n".join(HELDOUT)
    assert all(piece.strip() in stream for piece in pieces)
    assert pieces[0] == HELDOUT[0][: len(pieces[0])]


def test_hindsight_is_judged_by_the_model_of_the_beginning(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, ["hindsight_perplexity"], out=tmp_path / "seen", **SMALL)  # type: ignore[arg-type]
    watched = trainer(tokenizer, tmp_path, callback)
    first = {name: weights.clone() for name, weights in watched.model.state_dict().items()}
    watched.train()
    (seen,) = (entry for entry in entries(watched, "collapse/hindsight_perplexity") if entry["step"] == 8)
    lines = (tmp_path / "seen" / "step-00000008.jsonl").read_text().splitlines()
    network = watched.model
    network.load_state_dict(first)
    network.eval()
    nats, count = 0.0, 0
    for line in lines:
        ids = torch.tensor([[0, *tokenizer(json.loads(line)["text"])["input_ids"]]])
        with torch.no_grad():
            nats += float(network(ids, labels=ids).loss) * (ids.shape[1] - 1)
        count += ids.shape[1] - 1
    assert seen["collapse/hindsight_perplexity"] == pytest.approx(np.exp(nats / count), rel=1e-4)


def test_at_each_evaluation(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, "types", every="evaluate", **SMALL)  # type: ignore[arg-type]
    watched = trainer(tokenizer, tmp_path, callback, eval_strategy="steps", eval_steps=2, max_steps=5)
    watched.evaluate()
    watched.train()
    assert [entry["step"] for entry in entries(watched, "collapse/types")] == [0, 2, 4, 5], "the Trainer ends with one"


def test_modes_and_random_numbers_are_left_alone(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, ["types", "hindsight_perplexity"], **SMALL)  # type: ignore[arg-type]
    watched = trainer(tokenizer, tmp_path, callback)
    network = watched.model.train()
    network.transformer.h[0].eval()
    modes = [module.training for module in network.modules()]
    torch.manual_seed(5)
    np.random.seed(5)
    before, other = torch.random.get_rng_state(), np.random.get_state()[1].tolist()
    given = {"model": network, "processing_class": tokenizer}
    callback.on_train_begin(watched.args, watched.state, watched.control, **given)
    callback.on_epoch_end(watched.args, watched.state, watched.control, **given)
    assert [module.training for module in network.modules()] == modes
    assert torch.equal(torch.random.get_rng_state(), before)
    assert np.random.get_state()[1].tolist() == other
    assert all(weights.requires_grad and weights.grad is None for weights in network.parameters())
    assert len(entries(watched, "collapse/types")) == 2, "logged where no Trainer calls, too"


def test_a_measurement_that_fails_does_not_end_the_training(tokenizer: Any, tmp_path: Path) -> None:
    callback = oc.CollapseCallback(HELDOUT, "types", out=tmp_path / "seen", **SMALL)  # type: ignore[arg-type]

    class Full(TrainerCallback):  # type: ignore[misc]
        def on_epoch_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            folder = tmp_path / "seen"
            if folder.is_dir():
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
                folder.write_text("in the way")

    watched = trainer(tokenizer, tmp_path, Full(), callback)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        watched.train()
    assert any("collapse was not measured at step 4: cannot write" in str(one.message) for one in told)
    assert watched.state.global_step == 8


@pytest.mark.parametrize(
    ("given", "piece"),
    [
        ({"every": "step"}, "every must be"),
        ({"texts": 0}, "texts must be"),
        ({"length": 2.5}, "length must be"),
        ({"metrics": ["variance"]}, "cannot be measured"),
    ],
)
def test_settings_are_refused_at_once(given: dict[str, Any], piece: str) -> None:
    with pytest.raises(BadSetting, match=piece):
        oc.CollapseCallback(HELDOUT, **given)


def test_what_is_refused_when_training_begins(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="give more, or lower texts"):
        trainer(tokenizer, tmp_path, oc.CollapseCallback(HELDOUT[:2], texts=99, length=12)).train()
    with pytest.raises(BadSetting, match="less than the 32 tokens"):
        trainer(tokenizer, tmp_path, oc.CollapseCallback(HELDOUT, texts=2, length=32)).train()
    silent = trainer(tokenizer, tmp_path, oc.CollapseCallback(HELDOUT, **SMALL))  # type: ignore[arg-type]
    silent.callback_handler.processing_class = None
    with pytest.raises(BadSetting, match="processing_class="):
        silent.train()
