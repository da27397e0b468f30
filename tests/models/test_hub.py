"""Pretrained models of many kinds: read, adapted, saved, written with; and what is said where that cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from outcross.core.errors import BadInput, MissingInput, OutputRefused  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.models._torch import bpe, gpt, hub  # noqa: E402
from outcross.models._torch.losses import Predictor  # noqa: E402
from outcross.models._torch.writers import places, writer  # noqa: E402

TINY = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
KINDS: dict[str, dict[str, Any]] = {
    "Llama": TINY,
    "Mistral": TINY | {"sliding_window": 6},
    "Gemma2": TINY | {"head_dim": 8, "sliding_window": 6, "final_logit_softcapping": 30.0},  # its logits are capped
    "Granite": TINY | {"logits_scaling": 3.0},  # its logits are scaled
    "Phi": TINY,  # its head has a bias
    "OPT": {**TINY, "ffn_dim": 64, "word_embed_proj_dim": 32},
    "Mamba": {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2},  # keeps no keys and values
}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def tiny(kind: str) -> Any:
    """A small model of some kind with random weights."""
    config = getattr(transformers, f"{kind}Config")(**KINDS[kind])
    with torch.random.fork_rng(), hub._quiet():
        torch.manual_seed(0)
        return transformers.AutoModelForCausalLM.from_config(config).eval()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model and its tokeniser in a folder."""
    codes = bpe.train(["the cat sat on the mat"] * 9, 280)
    codes.save(tmp_path)
    gpt.save(gpt.build("20K", codes.size, 16, Seed(0)), tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_any_kind_is_a_writer_and_a_predictor(kind: str) -> None:
    network = tiny(kind)
    block = torch.randint(0, 99, (3, 20), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        whole = network(block).logits
    nats = Predictor(network).nats(block[:, :-1], block[:, 1:])
    expected = -whole.log_softmax(-1)[:, :-1].gather(2, block[:, 1:, None])[..., 0]
    assert torch.allclose(nats, expected, atol=1e-4)
    pen = writer(network)
    assert torch.allclose(pen.begin(block[:, :5]), whole[:, 4], atol=1e-4)
    for place in range(5, 20):
        for at, rows in ((9, [2, 0, 1, 2]), (14, [1, 3])):
            if place == at:
                pen.select(torch.tensor(rows))
                block, whole = block[rows], whole[rows]
        assert torch.allclose(pen.advance(block[:, place]), whole[:, place], atol=1e-4), place
    assert places(network) == (2**31 if kind == "Mamba" else 64)


@pytest.mark.parametrize("kind", ["Llama", "Gemma2"])
def test_the_gradient_is_that_of_its_own_logits(kind: str) -> None:
    network = tiny(kind)
    block = torch.randint(0, 99, (2, 9), generator=torch.Generator().manual_seed(0))
    weight = torch.ones(2, 8)
    expected = -network(block).logits.log_softmax(-1)[:, :-1].gather(2, block[:, 1:, None]).sum()
    expected.backward()
    gradients = [p.grad.clone() for p in network.parameters()]
    network.zero_grad()
    loss = Predictor(network).loss(block[:, :-1], block[:, 1:], weight)
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert all(torch.allclose(p.grad, g, atol=1e-5) for p, g in zip(network.parameters(), gradients, strict=True))


def test_adapters_learn_and_are_merged(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    network = tiny("Llama")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    block = torch.randint(0, 99, (4, 16), generator=torch.Generator().manual_seed(0))
    whole = network(block).logits.detach()
    torch.manual_seed(1)
    state = torch.get_rng_state()
    wrapped = hub.adapted(network, 4, Seed(0))
    assert torch.equal(state, torch.get_rng_state()), "the global generator was used"
    assert torch.allclose(wrapped(block).logits, whole, atol=1e-6), "adapters say nothing before they have learned"
    factors = {n: p.detach().clone() for n, p in wrapped.named_parameters() if p.requires_grad}
    again = hub.adapted(tiny("Llama"), 4, Seed(0))
    assert all(torch.equal(p, factors[n]) for n, p in again.named_parameters() if p.requires_grad)
    assert factors and all("lora" in name for name in factors)
    predictor = Predictor(wrapped)
    optimiser = torch.optim.Adam([p for p in wrapped.parameters() if p.requires_grad], lr=0.01)
    losses = []
    for _ in range(8):
        optimiser.zero_grad()
        loss = predictor.loss(block[:, :-1], block[:, 1:], torch.ones(4, 15))
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    learned = wrapped(block).logits.detach()
    plain = hub.merged(wrapped)
    assert plain.state_dict().keys() == before.keys()
    assert torch.allclose(plain(block).logits, learned, atol=1e-4)
    hub.save(plain, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} >= {"config.json", "model.safetensors"}
    assert torch.allclose(hub.network(str(tmp_path))(block).logits, learned, atol=1e-4)


def test_what_is_missing_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(folder / "home"))
    with pytest.raises(MissingInput, match="did you mean"):
        hub.network(f"{folder}s")
    with pytest.raises(MissingInput, match=r"config\.json is not there"):
        hub.network(str(folder.parent))
    with pytest.raises(MissingInput, match=r"no file '.*mdel\.gguf'"):
        hub.tokens(str(folder / "mdel.gguf"))
    (folder / "model.safetensors").write_bytes(b"not a tensor")
    with pytest.raises(BadInput, match="cannot be read as a causal language model"):
        hub.network(str(folder))
    (folder / "model.gguf").write_bytes(b"no such file format")
    with pytest.raises(BadInput, match="cannot be read as a causal language model"):
        hub.network(str(folder / "model.gguf"))


def test_a_name_that_the_hub_cannot_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for read in (hub.network, hub.tokens):
        with pytest.raises(MissingInput, match="no model 'nobody/nothing-1b'"):
            read("nobody/nothing-1b")


def test_it_says_nothing(folder: Path) -> None:
    code = (
        "from outcross.models._torch import hub; import sys; from pathlib import Path; "
        "network = hub.network(sys.argv[1]); codes = hub.tokens(sys.argv[1]); codes.encode(['the cat'] * 99); "
        "where = Path(sys.argv[1]) / 'new'; where.mkdir(); hub.save(network, where); codes.save(where)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_tokeniser_of_a_folder(folder: Path) -> None:
    ours, own = hub.tokens(str(folder)), bpe.load(folder)
    texts = ["the cat", "<|endoftext|> as text", "猫  🐈\n", ""]
    assert [code.tolist() for code in ours.encode(texts)] == [code.tolist() for code in own.encode(texts)]
    assert ours.decode(ours.encode(texts)) == texts
    assert (ours.begin, ours.end, ours.size) == (0, 0, own.size)


def words(**special: str) -> hub.HubTokens:
    """A tokeniser that knows a few words only."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    inner = Tokenizer(models.WordLevel({"[U]": 0, "the": 1, "cat": 2, "[B]": 3, "[E]": 4}, unk_token="[U]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[U]", **special)
    return hub.HubTokens(made, "words")


def test_a_text_that_cannot_be_encoded_is_named() -> None:
    codes = words(bos_token="[B]", eos_token="[E]")
    assert (codes.begin, codes.end) == (3, 4)
    assert [code.tolist() for code in codes.encode(["the  cat", "cat the\n"])] == [[1, 2], [2, 1]]
    with pytest.raises(BadInput, match="words cannot encode the text beginning 'the dog'"):
        codes.encode(["the cat", "the dog"])


def test_begin_and_end_where_only_one_is_named() -> None:
    assert (words(eos_token="[E]").begin, words(bos_token="[B]").end) == (4, 3)
    with pytest.raises(BadInput, match="no token that begins or ends"):
        _ = words().begin


def test_a_gguf_file_is_a_model_like_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gguf = pytest.importorskip("gguf")
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    network = tiny("Llama")
    file = tmp_path / "tiny.gguf"
    write_gguf(gguf, network, file)
    found = hub.network(str(file))
    block = torch.randint(0, 99, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(found(block).logits, network(block).logits, atol=1e-4)
    hub.save(found, tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    monkeypatch.setattr(hub, "_unpack", None)  # it is not unpacked again
    assert hub.tokens(str(file)).name.startswith("tiny")
    (kept,) = (tmp_path / "home" / "outcross").iterdir()
    assert kept.name.startswith("tiny-"), "something unfinished was left"


def test_no_room_for_what_is_in_a_gguf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "file" / "home"))
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "model.gguf").write_bytes(b"weights")
    with pytest.raises(OutputRefused, match="cannot be unpacked into"):
        hub.network(str(tmp_path / "model.gguf"))


def write_gguf(gguf: Any, network: Any, file: Path) -> None:
    """Write a Llama as such files are written: rows of query and key in the order that llama.cpp has."""
    config = network.config
    out = gguf.GGUFWriter(str(file), "llama")
    out.add_block_count(config.num_hidden_layers)
    out.add_context_length(config.max_position_embeddings)
    out.add_embedding_length(config.hidden_size)
    out.add_feed_forward_length(config.intermediate_size)
    out.add_head_count(config.num_attention_heads)
    out.add_head_count_kv(config.num_key_value_heads)
    out.add_layer_norm_rms_eps(config.rms_norm_eps)
    out.add_rope_freq_base(10000.0)
    out.add_vocab_size(config.vocab_size)
    out.add_tokenizer_model("gpt2")
    out.add_token_list(["<|endoftext|>", *map(chr, range(33, 33 + 98))])
    out.add_token_scores([0.0] * 99)
    out.add_token_types([3] + [1] * 98)
    out.add_token_merges([])
    out.add_bos_token_id(0)
    out.add_eos_token_id(0)
    names = {
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "model.embed_tokens": "token_embd",
        "model.norm": "output_norm",
        "lm_head": "output",
    }
    for name, value in network.state_dict().items():
        array = value.numpy().astype(np.float32)
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
        if heads:
            array = array.reshape(heads, 2, -1, array.shape[1]).swapaxes(1, 2).reshape(array.shape)
        stem = name.removesuffix(".weight")
        if stem.startswith("model.layers."):
            _, _, number, rest = stem.split(".", 3)
            out.add_tensor(f"blk.{number}.{names[rest]}.weight", array)
        else:
            out.add_tensor(f"{names[stem]}.weight", array)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
