"""Networks of the variational autoencoder: from pictures to latents, and from latents to the logits of pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, final

import torch
from torch import nn

from outcross.core.seed import Seed

HIDDEN = 256
"""Width of the small network's hidden layers."""


@final
class Autoencoder(nn.Module):  # type: ignore[misc]  # what comes from PyTorch is Any
    """An encoder and a decoder.

    Parameters
    ----------
    encoder
        From pictures (n, pixels) to the mean and the log variance of each latent, (n, 2 latents).
    decoder
        From latents (n, latents) to logits of the pixels, (n, pixels).
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def posterior(self, pictures: Any) -> tuple[Any, Any]:
        """Return mean and log variance of the latents of each picture, (n, latents) each."""
        mean, log_variance = self.encoder(pictures).chunk(2, dim=1)
        return mean, log_variance

    def forward(self, latents: Any) -> Any:
        """Return the logits of the pixels, (n, pixels)."""
        return self.decoder(latents)


def build(kind: str, latents: int, shape: tuple[int, ...], seed: Seed) -> Autoencoder:
    """Return a new network with random weights: uniform in +-1/sqrt(inputs of a unit), as PyTorch begins.

    Examples
    --------
    >>> network = build("nature", 20, (28, 28), Seed(0))
    >>> [tuple(half.shape) for half in network.posterior(torch.zeros(3, 784))], tuple(network(torch.zeros(3, 20)).shape)
    ([(3, 20), (3, 20)], (3, 784))
    """
    with torch.device("meta"):
        network = _NETWORKS[kind](latents, shape)
    network.to_empty(device="cpu")
    noise = torch.Generator().manual_seed(int(seed.generator().integers(2**63)))
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                bound = module.weight[0].numel() ** -0.5
                for weight in (module.weight, module.bias):
                    weight.uniform_(-bound, bound, generator=noise)
    return network


def _small(latents: int, shape: tuple[int, ...]) -> Autoencoder:
    pixels = math.prod(shape)
    encoder = nn.Sequential(nn.Linear(pixels, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * latents))
    decoder = nn.Sequential(nn.Linear(latents, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, pixels))
    return Autoencoder(encoder, decoder)


def _nature(latents: int, shape: tuple[int, ...]) -> Autoencoder:
    height, width = shape[:2]
    colours = math.prod(shape[2:])
    low, narrow = (math.ceil(math.ceil(side / 2) / 2) for side in (height, width))
    encoder = nn.Sequential(
        _Unrolled(shape),
        nn.Conv2d(colours, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * low * narrow, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 2 * latents),
    )
    decoder = nn.Sequential(
        nn.Linear(latents, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 64 * low * narrow),
        nn.ReLU(),
        nn.Unflatten(1, (64, low, narrow)),
        nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, colours, 4, stride=2, padding=1),
        _Rolled(shape),
    )
    return Autoencoder(encoder, decoder)


@final
class _Unrolled(nn.Module):  # type: ignore[misc]  # what comes from PyTorch is Any
    """From rows of numbers, colours innermost, to channels of pixels."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self._shape = (*shape, 1) if len(shape) == 2 else shape

    def forward(self, rows: Any) -> Any:
        return rows.unflatten(1, self._shape).permute(0, 3, 1, 2)


@final
class _Rolled(nn.Module):  # type: ignore[misc]  # what comes from PyTorch is Any
    """From channels of pixels, perhaps a few too many, to rows of numbers."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self._height, self._width = shape[:2]

    def forward(self, channels: Any) -> Any:
        return channels[:, :, : self._height, : self._width].permute(0, 2, 3, 1).flatten(1)


_NETWORKS: dict[str, Callable[[int, tuple[int, ...]], Autoencoder]] = {"small": _small, "nature": _nature}
