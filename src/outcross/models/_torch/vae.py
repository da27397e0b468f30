"""What a variational autoencoder does with tensors: its loss, its scores, its latents, its pictures, its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch.nn import functional

from outcross.core.batch import Floats, Ints
from outcross.core.errors import BadInput, MissingInput, OutputRefused
from outcross.core.progress import tell
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models._torch.device import abreast, choose, memory_guard, threads
from outcross.models._torch.handle import Handle
from outcross.models._torch.vae_networks import Autoencoder, build

if TYPE_CHECKING:
    from outcross.models.vae import Vae

__all__ = ["abreast", "encode", "fit", "load", "save", "score", "write"]

BLOCK = 512
"""Pictures worked on at a time when they are written, scored or encoded."""
PAIRS = 8
"""Pairs of opposite latent draws that a picture is scored with."""
FILE = "model.safetensors"
OURS = "outcross.json"


def fit(settings: Vae, pictures: Rows, seed: Seed) -> Handle:
    """Return the network trained on pictures of which none has weight zero."""
    device = choose(settings.device)
    with threads(settings.threads), memory_guard("lower the training's batch, and raise accumulate to make up for it"):
        network = build(settings.network, settings.latents, pictures.shape, seed.child("weights")).to(device)
        settings.learning().run(PictureProblem(network, pictures), seed.child("training"))
        return Handle(network.eval())


@final
class PictureProblem:
    """Minus the evidence lower bound of pictures; see `outcross.core.training.Problem`.

    Parameters
    ----------
    network
        The network, in place on its device.
    pictures
        What it is trained on.
    """

    def __init__(self, network: Autoencoder, pictures: Rows) -> None:
        self.network = network
        self._device = next(network.parameters()).device
        self._pixels = torch.as_tensor(pictures.values[0], dtype=torch.float32, device=self._device)
        self._weight = np.ones(pictures.size) if pictures.weight is None else pictures.weight

    @property
    def size(self) -> int:
        """Number of pictures."""
        return len(self._pixels)

    @property
    def grain(self) -> int:
        """A picture is one record."""
        return 1

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        """Return the summed loss of some pictures, one latent draw each."""
        pixels = self._pixels[torch.from_numpy(index).to(self._device)]
        mean, log_variance = self.network.posterior(pixels)
        noise = rng.standard_normal(mean.shape, dtype=np.float32)
        latents = mean + torch.exp(0.5 * log_variance) * torch.from_numpy(noise).to(self._device)
        weight = self._weight[index]
        each = _misfit(self.network(latents), pixels).sum(1) + _surplus(mean, log_variance).sum(1)
        return (each * torch.as_tensor(weight, dtype=each.dtype, device=self._device)).sum(), float(weight.sum())

    def validate(self) -> float | None:
        """Return None: every picture is trained on."""
        return None


def _misfit(logits: Any, pixels: Any) -> Any:
    """Minus the log probability of each pixel under a Bernoulli law, a grey one being black and white in shares."""
    return functional.binary_cross_entropy_with_logits(logits.float(), pixels, reduction="none")


def _surplus(mean: Any, log_variance: Any) -> Any:
    """Kullback-Leibler divergence of each latent's posterior from the standard normal."""
    mean, log_variance = mean.float(), log_variance.float()
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1)


def score(network: Autoencoder, values: Floats) -> Floats:
    """Return the evidence lower bound of pictures (n, pixels), each by the same latent draws whatever its company."""
    noise = torch.from_numpy(_draws(_latents(network)))

    def bound(pixels: Any) -> Any:
        mean, log_variance = network.posterior(pixels)
        spread = torch.exp(0.5 * log_variance)
        fits = [_misfit(network(mean + spread * one.to(pixels.device)), pixels).double().sum(1) for one in noise]
        return -(torch.stack(fits).mean(0) + _surplus(mean, log_variance).double().sum(1))

    return _by_blocks(network, values, bound, "score")


def _draws(latents: int) -> NDArray[np.float32]:
    """Draws of standard normal latents that are spread evenly, shape (2 PAIRS, latents): a Latin hypercube.

    Each latent takes the quantiles of its law once each, in an order of its own, and has variance 1 exactly. So what
    a picture loses by the noise of each latent is found without chance; draws that are independent would bias the
    scores of all pictures alike.
    """
    law, rng = NormalDist(), Seed().child("score").generator()
    sizes = np.array([law.inv_cdf(0.5 + (i + 0.5) / (2 * PAIRS)) for i in range(PAIRS)])
    sizes /= np.sqrt(np.mean(sizes**2))
    half = rng.permuted(np.tile(sizes, (latents, 1)), axis=1).T * rng.choice([-1.0, 1.0], (PAIRS, latents))
    return np.concatenate([half, -half]).astype(np.float32)


def encode(network: Autoencoder, values: Floats) -> Floats:
    """Return the means of the latents of pictures (n, pixels), shape (n, latents)."""
    return _by_blocks(network, values, lambda pixels: network.posterior(pixels)[0].double(), "score")


def write(network: Autoencoder, n: int, seed: Seed) -> Floats:
    """Return the means of the pixels for n draws of the latents, shape (n, pixels)."""
    latents = seed.generator().standard_normal((n, _latents(network)), dtype=np.float32)
    return _by_blocks(network, latents, lambda drawn: torch.sigmoid(network(drawn)).double(), "write")


def _latents(network: Autoencoder) -> int:
    return network.decoder[0].in_features  # type: ignore[no-any-return]


def _by_blocks(network: Autoencoder, values: NDArray[Any], work: Callable[[Any], Any], what: str) -> Floats:
    device = next(network.parameters()).device
    found = [np.asarray(work(block).cpu()) for block in _blocks(values, device, what)]
    return np.concatenate(found)


def _blocks(values: NDArray[Any], device: torch.device, what: str) -> Iterator[Any]:
    for first in range(0, max(1, len(values)), BLOCK):
        yield torch.as_tensor(values[first : first + BLOCK], dtype=torch.float32, device=device)
        tell(what, min(first + BLOCK, len(values)), len(values))


def save(folder: Path, handle: Handle, settings: Vae, shape: tuple[int, ...]) -> None:
    """Write the weights, and beside them what is needed to read them."""
    known = {"network": settings.network, "latents": settings.latents, "shape": shape, "digest": handle.digest}
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in handle.network().state_dict().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(state, folder / FILE)
        (folder / OURS).write_text(json.dumps(known))
    except (OSError, SafetensorError) as error:
        raise OutputRefused(f"cannot write the model to {folder}: {error}") from None


def load(folder: Path, settings: Vae) -> tuple[Handle, tuple[int, ...]]:
    """Return a handle on the weights in a folder, and the shape of their pictures; the weights are not read yet."""
    path = folder / FILE
    try:
        known = json.loads((folder / OURS).read_text())
        shape, digest = tuple(known["shape"]), known["digest"]
        ours = {name: known[name] for name in ("network", "latents")}
    except FileNotFoundError:
        raise MissingInput(f"there is no model in '{folder}' (no {OURS})") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"'{folder}' holds no vae that was saved by outcross") from None
    for name, found in ours.items():
        if found != getattr(settings, name):
            raise BadInput(f"'{folder}' holds a vae with {name}={found}, not {getattr(settings, name)}")

    def read() -> Autoencoder:
        network = build(settings.network, settings.latents, shape, Seed())
        try:
            with safe_open(path, "pt") as file:
                network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        except (OSError, SafetensorError, RuntimeError) as error:
            raise BadInput(f"cannot read the weights in {path}: {error}") from None
        return network

    return Handle(read, digest), shape
