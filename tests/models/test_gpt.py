"""The small GPT is GPT-2 to the last digit, its loss is cross-entropy, its writer says what its forward pass says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from torch.nn import functional  # noqa: E402

from outcross.core.errors import BadInput, BadSetting, MissingInput  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.models._torch import bpe, gpt  # noqa: E402
from outcross.models._torch.losses import Predictor  # noqa: E402
from outcross.models._torch.writers import places, writer  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def tokens(rows: int, columns: int, vocabulary: int = 300, key: int = 0) -> Any:
    return torch.randint(0, vocabulary, (rows, columns), generator=torch.Generator().manual_seed(key))


@pytest.fixture
def network() -> gpt.GPT:
    """A GPT that is not near zero, as one that was trained is not."""
    made = gpt.build("200K", 300, 32, Seed(0))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)) * 0.1)
    return made


def test_its_logits_and_gradients_are_those_of_gpt2(network: gpt.GPT, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    gpt.save(network, tmp_path)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert type(theirs).__name__ == "GPT2LMHeadModel"
    block = tokens(3, 32)
    ours = network(block).logits
    expected = theirs(block).logits
    assert expected.abs().max() > 3
    assert torch.allclose(ours, expected, rtol=1e-4, atol=1e-4)
    ours.square().sum().backward()
    expected.square().sum().backward()
    known = dict(theirs.named_parameters())
    for name, parameter in network.named_parameters():
        assert torch.allclose(parameter.grad, known[name].grad, rtol=1e-3, atol=1e-2), name


def test_what_is_saved_is_what_is_loaded(network: gpt.GPT, tmp_path: Path) -> None:
    gpt.save(network, tmp_path)
    back = gpt.load(tmp_path)
    assert back.lm_head.weight is back.transformer.wte.weight
    known = back.state_dict()
    assert all(torch.equal(value, known[name]) for name, value in network.state_dict().items())


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"config\.json is not there"):
        gpt.load(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"not a tensor")
    with pytest.raises(BadInput, match="does not hold"):
        gpt.load(tmp_path)


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, two, other = (gpt.build("100K", 300, 16, Seed(key)).state_dict() for key in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state()), "the global generator was used"
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["transformer.wte.weight"], other["transformer.wte.weight"])
    deviation = float(one["transformer.wte.weight"].std())
    count = one["transformer.wte.weight"].numel()
    assert abs(deviation - 0.02) < 4 * 0.02 / math.sqrt(2 * count)
    shape = gpt.Shape.of("100K", 300, 16)
    ends = one["transformer.h.0.mlp.c_proj.weight"]
    expected = 0.02 / math.sqrt(2 * shape.layers)
    assert abs(float(ends.std()) - expected) < 4 * expected / math.sqrt(2 * ends.numel())


@pytest.mark.parametrize(
    ("size", "layers", "width"), [("1M", 4, 128), ("3m", 6, 192), ("30M", 13, 416), ("0.5 M", 3, 96)]
)
def test_sizes(size: str, layers: int, width: int) -> None:
    shape = gpt.Shape.of(size, 1024, 128)
    assert (shape.layers, shape.width) == (layers, width)
    if layers < 10:
        assert sum(p.numel() for p in gpt.GPT(shape).parameters()) == shape.parameters


@pytest.mark.parametrize("size", ["large", "M", "-1M", "1T", "1K"])
def test_no_such_size(size: str) -> None:
    with pytest.raises(BadSetting, match="size"):
        gpt.build(size, 300, 16, Seed(0))


@pytest.mark.parametrize("truncate", [None, 0.02])
def test_the_loss_and_its_gradient_are_those_of_cross_entropy(network: gpt.GPT, truncate: float | None) -> None:
    inputs, targets = tokens(20, 32), tokens(20, 32, key=1)  # 640 predictions: more than are done at a time
    weight = torch.rand(20, 32, generator=torch.Generator().manual_seed(2))
    logits = network(inputs).logits.flatten(0, 1)
    nats = functional.cross_entropy(logits, targets.flatten(), reduction="none")
    counted = weight.flatten()
    if truncate is not None:
        found = nats.detach().neg().exp() > truncate
        assert found.any() and not found.all()
        counted = counted * ~found
    expected = (nats * counted).sum()
    (2 * expected).backward()
    gradients = {name: parameter.grad.clone() for name, parameter in network.named_parameters()}
    network.zero_grad()
    ours = Predictor(network).loss(inputs, targets, weight, truncate)
    (2 * ours).backward()
    assert ours.item() == pytest.approx(expected.item(), rel=1e-5)
    for name, parameter in network.named_parameters():
        assert torch.allclose(parameter.grad, gradients[name], rtol=1e-3, atol=1e-3), name


def test_a_target_of_almost_no_probability_has_a_finite_loss() -> None:
    network = gpt.build("20K", 300, 16, Seed(0))
    with torch.no_grad():
        network.lm_head.weight.mul_(1e5)
    inputs, targets = tokens(4, 16), tokens(4, 16, key=1)
    nats = Predictor(network).nats(inputs, targets)
    logits = network(inputs).logits.double()
    expected = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(nats.shape)
    assert expected.max() > 1000
    assert torch.allclose(nats.double(), expected, rtol=1e-5)


def test_the_writer_says_what_the_forward_pass_says(network: gpt.GPT) -> None:
    block = tokens(4, 32)
    with torch.no_grad():
        whole = network(block).logits
    selections = {9: [3, 0, 0, 2, 1, 1], 15: [0, 4, 2], 16: [2, 2, 1], 20: [1]}
    pen = writer(network)
    assert torch.allclose(pen.begin(block[:, :5]), whole[:, 4], atol=1e-4)
    for place in range(5, 32):
        if place in selections:
            rows = torch.tensor(selections[place])
            pen.select(rows)
            block, whole = block[rows], whole[rows]
        assert torch.allclose(pen.advance(block[:, place]), whole[:, place], atol=1e-4)


def test_a_text_that_is_too_long(network: gpt.GPT) -> None:
    assert places(network) == 32
    with pytest.raises(BadInput, match="reads 32 tokens at most"):
        network(tokens(1, 33))


TEXTS = ["The cat sat on the mat, and the dog sat on the cat.", "To be, or not to be, that is the question."] * 5


def test_the_tokeniser_gives_every_text_back() -> None:
    codes = bpe.train(TEXTS, 320)
    strange = [*TEXTS, "", "  two  spaces\n\ttab ", "猫は眠る 🐈", "\x00\x7f", "<|endoftext|> as text", "e\u0301"]
    found = codes.encode(strange)
    assert codes.decode(found) == strange
    assert all(one.dtype == np.int32 and codes.end not in one for one in found)
    assert sum(map(len, found[:10])) < sum(map(len, TEXTS)) / 2, "nothing was merged"


def test_the_tokeniser_of_the_same_texts_is_the_same(tmp_path: Path) -> None:
    import pickle

    one, two = bpe.train(TEXTS, 320), bpe.train(TEXTS, 320)
    assert one.tokenizer.to_str() == two.tokenizer.to_str()
    one.save(tmp_path)
    for copy in (bpe.load(tmp_path), pickle.loads(pickle.dumps(one))):
        assert copy.encode(["<|endoftext|> the"])[0].tolist() == one.encode(["<|endoftext|> the"])[0].tolist()
    assert (one.begin, one.end, one.size <= 320) == (0, 0, True)


def test_transformers_opens_the_tokeniser(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    codes = bpe.train(TEXTS, 320)
    codes.save(tmp_path)
    gpt.save(gpt.build("20K", codes.size, 16, Seed(0)), tmp_path)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    assert (theirs.bos_token_id, theirs.eos_token_id, len(theirs)) == (0, 0, codes.size)
    for text, code in zip(TEXTS, codes.encode(TEXTS), strict=True):
        assert theirs(text, add_special_tokens=False)["input_ids"] == code.tolist()
        assert theirs.decode(code.tolist(), clean_up_tokenization_spaces=False) == text


def test_what_the_tokeniser_refuses(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="257 tokens at least"):
        bpe.train(TEXTS, 256)
    with pytest.raises(BadInput, match="beginning 'broken"):
        bpe.train(TEXTS, 300).encode(["fine", "broken \ud83d"])
    with pytest.raises(MissingInput, match="no tokeniser"):
        bpe.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text("[]")
    with pytest.raises(BadInput, match="not a tokeniser"):
        bpe.load(tmp_path)
