"""A small GPT from scratch: the architecture of GPT-2 exactly, so that its checkpoints open as such.

Pre-layer normalisation, learned positions, the tanh form of GELU, one table for reading and for writing tokens, no
dropout (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019). States are kept as one row a
token, (B * T, width), through the whole network; queries, keys and values are one product.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.core.seed import Seed
from outcross.models._torch.cache import Row

HEAD = 32
"""Numbers of an attention head, and width per layer: 1M is 4 layers of width 128, 30M is 13 of 416."""


@final
class Shape(NamedTuple):
    """How large a GPT is.

    Examples
    --------
    >>> Shape.of("1M", vocabulary=1024, window=128)
    Shape(layers=4, width=128, heads=4, vocabulary=1024, window=128)
    >>> Shape.of("1M", 1024, 128).parameters
    940800
    """

    layers: int
    width: int
    heads: int
    vocabulary: int
    window: int

    @classmethod
    def of(cls, size: str, vocabulary: int, window: int) -> Shape:
        """Return the shape of a size by name, such as ``500K``, ``1M``, ``30M`` or ``1B``.

        The name counts the parameters of the layers, about 12 · layers · width² (the tables of tokens and positions
        come on top). Depth and width grow together: L layers are 32 L wide, so there are 12288 L³ of them.

        Raises
        ------
        BadSetting
            If the size is not a number with K, M or B, or is smaller than one layer.
        """
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMB])", size.strip(), re.IGNORECASE)
        if found is None:
            raise BadSetting(f"a size is a number of parameters like 500K, 1M, 3M or 30M, not '{size}'")
        wanted = float(found[1]) * {"K": 1e3, "M": 1e6, "B": 1e9}[found[2].upper()]
        layers = round((wanted / (12 * HEAD**2)) ** (1 / 3))
        if layers < 1:
            raise BadSetting(f"size {size} is less than one layer; 12K is the smallest")
        return cls(layers, HEAD * layers, layers, vocabulary, window)

    @property
    def parameters(self) -> int:
        """Number of parameters, those of the tables included."""
        layer = 12 * self.width**2 + 13 * self.width
        return self.layers * layer + (self.vocabulary + self.window + 2) * self.width


class Output(NamedTuple):
    """What a forward pass gives, under the name that `transformers` has for it."""

    logits: Tensor


@final
class _Product(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """A matrix and a bias; the matrix is stored (in, out), as GPT-2 does."""

    def __init__(self, given: int, gives: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(given, gives))
        self.bias = nn.Parameter(torch.zeros(gives))

    def forward(self, rows: Tensor) -> Tensor:
        """Return the product of each row, shape (N, in), with the matrix."""
        return torch.addmm(self.bias, rows, self.weight)


@final
class _Attention(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.c_attn = _Product(shape.width, 3 * shape.width)
        self.c_proj = _Product(shape.width, shape.width)

    def forward(self, rows: Tensor, texts: int, past: tuple[Row, Row] | None) -> Tensor:
        split = self.c_attn(rows).view(texts, -1, 3, self.heads, rows.shape[1] // self.heads)
        query, key, value = (part.transpose(1, 2) for part in split.unbind(2))
        if past is not None:
            key, value = past[0].append(key), past[1].append(value)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=query.shape[2] > 1)
        product: Tensor = self.c_proj(seen.transpose(1, 2).reshape(rows.shape))
        return product


@final
class _Perceptron(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = _Product(width, 4 * width)
        self.c_proj = _Product(4 * width, width)

    def forward(self, rows: Tensor) -> Tensor:
        product: Tensor = self.c_proj(functional.gelu(self.c_fc(rows), approximate="tanh"))
        return product


@final
class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.attn, self.mlp = _Attention(shape), _Perceptron(shape.width)

    def forward(self, rows: Tensor, texts: int, past: tuple[Row, Row] | None) -> Tensor:
        rows = rows + self.attn(self.ln_1(rows), texts, past)
        lifted: Tensor = rows + self.mlp(self.ln_2(rows))
        return lifted


@final
class _Body(nn.Module):  # type: ignore[misc]
    """Everything but the head."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.wte = nn.Embedding(shape.vocabulary, shape.width)
        self.wpe = nn.Embedding(shape.window, shape.width)
        self.h = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.ln_f = nn.LayerNorm(shape.width)

    def forward(
        self, tokens: Tensor, past: list[tuple[Row, Row]] | None = None, use_cache: bool = False
    ) -> tuple[Tensor]:
        """Return the states of tokens, shape (B, T, width); with ``past``, of tokens that come after it."""
        texts, length = tokens.shape
        start = past[0][0].length if past else 0
        if start + length > self.wpe.num_embeddings:
            raise BadInput(f"this model reads {self.wpe.num_embeddings} tokens at most, not {start + length}")
        rows = (self.wte(tokens) + self.wpe.weight[start : start + length]).flatten(0, 1)
        for number, layer in enumerate(self.h):
            rows = layer(rows, texts, past[number] if past else None)
        return (self.ln_f(rows).view(texts, length, -1),)


@final
class GPT(nn.Module):  # type: ignore[misc]
    """A causal language model of GPT-2's architecture.

    Its parameters have the names that `transformers` gives them, so its ``state_dict`` is a GPT-2 checkpoint.

    Parameters
    ----------
    shape
        How large it is.

    Examples
    --------
    >>> network = build("1M", vocabulary=300, window=16, seed=Seed(0))
    >>> network(torch.zeros(2, 5, dtype=torch.long)).logits.shape
    torch.Size([2, 5, 300])
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.transformer = _Body(shape)
        self.lm_head = nn.Linear(shape.width, shape.vocabulary, bias=False)
        self.lm_head.weight = self.transformer.wte.weight

    @property
    def base_model(self) -> nn.Module:
        """Everything but the head, under the name that `transformers` has for it."""
        return self.transformer

    def get_output_embeddings(self) -> nn.Module:
        """Return the head, under the name that `transformers` has for it."""
        return self.lm_head

    def forward(self, tokens: Tensor) -> Output:
        """Return the logits of the token after each, shape (B, T, vocabulary)."""
        return Output(self.lm_head(self.transformer(tokens)[0]))


def build(size: str, vocabulary: int, window: int, seed: Seed) -> GPT:
    """Return a GPT with random weights.

    As GPT-2's: normal with standard deviation 0.02, for products that end a residual branch less by the root of their
    number. They come from NumPy's generator, so they are the same on every device.

    ==== ====== ===== ==================================================
    size layers width parameters with 1,024 tokens and a window of 128
    ==== ====== ===== ==================================================
    1M   4      128   940,800
    3M   6      192   2,890,752
    9M   9      288   9,324,000
    30M  13     416   27,547,104
    ==== ====== ===== ==================================================

    Parameters
    ----------
    size
        See `Shape.of`.
    vocabulary
        Number of tokens.
    window
        Largest number of tokens that it reads.
    seed
        Where the weights come from.

    Raises
    ------
    BadSetting
        If there is no such size.

    Examples
    --------
    >>> sum(p.numel() for p in build("1M", 1024, 128, Seed(0)).parameters())
    940800
    """
    shape = Shape.of(size, vocabulary, window)
    network = _unset(shape)
    rng = seed.generator()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim == 1:
                parameter.fill_(1.0 if "ln_" in name and name.endswith("weight") else 0.0)
                continue
            scale = 0.02 / math.sqrt(2 * shape.layers) if "c_proj" in name else 0.02
            drawn = rng.standard_normal(tuple(parameter.shape), dtype=np.float32) * np.float32(scale)
            parameter.copy_(torch.from_numpy(drawn))
    return network


def _unset(shape: Shape) -> GPT:
    """A network whose weights are yet to be set: PyTorch's own would come from its global generator."""
    with torch.device("meta"):
        network = GPT(shape)
    network.to_empty(device="cpu")
    network.lm_head.weight = network.transformer.wte.weight
    return network


def save(network: GPT, folder: Path, end: int | None = 0) -> None:
    """Write ``config.json`` and ``model.safetensors``, which `transformers` opens as a GPT-2.

    Parameters
    ----------
    network
        The network.
    folder
        An existing folder.
    end
        The token that begins and ends texts, for those who open it elsewhere.
    """
    from safetensors.torch import save_file

    shape = network.shape
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": shape.vocabulary,
        "n_positions": shape.window,
        "n_embd": shape.width,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "activation_function": "gelu_new",
        "resid_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
        "layer_norm_epsilon": 1e-5,
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    weights = {name: value.detach().cpu().contiguous() for name, value in network.named_parameters()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def load(folder: Path) -> GPT:
    """Return the network that was saved in a folder.

    Raises
    ------
    MissingInput
        If the folder holds no model.
    BadInput
        If what it holds is not one of these.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        names = ("n_layer", "n_embd", "n_head", "vocab_size", "n_positions")
        network = _unset(Shape(*(config[name] for name in names)))
        network.load_state_dict({**weights, "lm_head.weight": weights["transformer.wte.weight"]})
    except FileNotFoundError as error:
        missing = Path(str(error.filename or "model.safetensors")).name  # the library of weights names no file
        raise MissingInput(f"no model in '{folder}': {missing} is not there") from None
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        said = next(iter(str(error).splitlines()), "")
        raise BadInput(f"'{folder}' does not hold a GPT that was saved here: {said[:200]}") from None
    return network
