"""A variational autoencoder: a model of pictures that blurs a little more each time it is fitted to its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, final

import numpy as np

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, MissingLibrary
from outcross.core.model import Encoder, Fitted, Neural, Scored, Stored
from outcross.core.part import as_part
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.core.training import Training
from outcross.models._counted import counted

if TYPE_CHECKING:
    from pathlib import Path

    from outcross.models._torch.handle import Handle

USUAL_TRAINING = "adam(rate=0.001, decay=1e-5, batch=256, epochs=30, clip=none)"
"""That of Shumailov et al. 2024."""


@final
@dataclass(frozen=True, eq=False)
class FittedVae(Stored, Scored, Encoder):
    """A variational autoencoder that was fitted: a handle on its weights.

    Parameters
    ----------
    settings
        Where it runs.
    handle
        Its weights, in memory or in a folder.
    shape
        The shape of its pictures.

    Examples
    --------
    See `Vae`.
    """

    settings: Vae
    handle: Handle
    shape: tuple[int, ...]

    @property
    def digest(self) -> str:
        """BLAKE2b digest of the weights."""
        return self.handle.digest

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return n pictures: the decoder's mean for latents drawn from a standard normal."""
        with self._open() as network:
            return Rows(_torch().write(network, n, seed)[None], shape=self.shape)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return the evidence lower bound of each picture, in nats; its log probability is at least that.

        A grey pixel counts as white and black in shares, so it is a bound on the mean log probability of pictures whose
        pixels are drawn black or white by their grey. The expectation over the latents is the mean over sixteen draws
        that are spread evenly (a Latin hypercube), the same for every picture and every model.
        """
        pictures = self._alike(data)
        with self._open() as network:
            return LogProbs(_torch().score(network, pictures.values[0])[None], np.ones((1, pictures.size)))

    def encode(self, data: Batch) -> Rows:
        """Return the means of the latents of each picture, shape (1, n, latents)."""
        pictures = self._alike(data)
        with self._open() as network:
            return Rows(_torch().encode(network, pictures.values[0])[None])

    def save(self, folder: Path) -> None:
        """Write ``model.safetensors`` to a folder, the weights, and ``outcross.json``, what they are the weights of.

        Raises
        ------
        OutputRefused
            If it cannot be written.
        """
        _torch().save(folder, self.handle, self.settings, self.shape)

    def _alike(self, data: Batch) -> Rows:
        """The data, if they are pictures of the shape it was fitted to."""
        pictures = _pictures(data)
        if pictures.shape != self.shape:
            ours, given = (" x ".join(map(str, shape)) for shape in (self.shape, pictures.shape))
            raise BadInput(f"this vae was fitted to pictures of {ours} pixels; these have {given}")
        return pictures

    def _open(self) -> Any:
        return self.handle.open(self.settings.device, self.settings.threads)


@final
@dataclass(frozen=True)
class Vae(Neural):
    """A variational autoencoder (Kingma and Welling 2014) of pictures, with a Bernoulli likelihood of each pixel.

    The pictures that it writes are its decoder's means, grey where it is unsure, and not black and white pixels drawn
    from them: so Shumailov et al. (Nature 631, 755, 2024) passed them on from generation to generation. Their network
    is known to be a convolutional autoencoder with 20 latents, trained on MNIST by Adam at rate 1e-3 with weight decay
    1e-5, in batches of 256, for 30 epochs.

    Parameters
    ----------
    latents
        Number of latents, a priori independent and standard normal.
    network
        ``nature``: two convolutions of 3 x 3 pixels with stride 2 (32 and 64 channels) and a hidden layer of 256 units,
        and the mirror image of that with transposed convolutions of 4 x 4; the numbers of layers, channels and units
        are our choice, as the paper does not state them. ``small``: one hidden layer of 256 units on each side, without
        convolutions, some fifteen times as fast on a CPU.
    training
        How it is trained; none for the published ``adam(rate=0.001, decay=1e-5, batch=256, epochs=30, clip=none)``.
    device
        ``auto`` (CUDA, MPS or the CPU, the first there is), or the name of a device.
    threads
        Threads on a CPU. Sums depend on their number in the last digit, so it is a setting.

    Examples
    --------
    >>> squares = Rows(np.random.default_rng(0).random((1, 50, 16)), shape=(4, 4))
    >>> from outcross.core.part import build
    >>> fitted = build("model", "vae(latents=2, training=adam(epochs=2))").fit(squares, Seed(0))
    >>> fitted.sample(3, Seed(1)).values.shape, fitted.encode(squares).values.shape
    ((1, 3, 16), (1, 50, 2))
    """

    latents: Annotated[int, Between(1)] = 20
    network: Literal["small", "nature"] = "small"
    training: Training | None = None
    device: str = "auto"
    threads: Annotated[int, Between(1)] = 1

    reads = (Rows,)
    gives: ClassVar[type[Stored]] = FittedVae

    @property
    def scoring(self) -> str:
        """What its log-probabilities are."""
        return "evidence lower bound of a picture in nats (grey pixels count as black and white in shares)"

    @property
    def abreast(self) -> int | None:
        """One on a GPU; on a CPU as many as there are cores for their threads."""
        found: int = _torch().abreast(self.device, self.threads)
        return found

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedVae:
        """Return the model trained on these pictures, always from new random weights.

        Raises
        ------
        BadInput
            If the data are no pictures with values in [0, 1].
        MissingLibrary
            If the extra ``lm`` is not installed.
        Diverged, OutOfMemory
            If training fails.
        """
        pictures = counted(_pictures(data), "a vae", "picture")
        return FittedVae(self, _torch().fit(self, pictures, seed), pictures.shape)

    def load(self, folder: Path) -> FittedVae:
        """Return the model that was saved in a folder; its weights are read when it is first used.

        Raises
        ------
        MissingInput
            If there is none.
        BadInput
            If it has another network; when it is used, if the weights are gone or not those that were saved.
        """
        return FittedVae(self, *_torch().load(folder, self))

    def learning(self) -> Training:
        """Return how it is trained."""
        return as_part(Training, self.training or USUAL_TRAINING)


def _torch() -> Any:
    """The file that works with tensors."""
    try:
        from outcross.models._torch import vae
    except ImportError:
        raise MissingLibrary("a vae needs PyTorch: pip install 'outcross[lm]'") from None
    return vae


def _pictures(data: Batch) -> Rows:
    """The data, if they are pictures."""
    if not isinstance(data, Rows):
        raise BadInput(f"a vae reads pictures, not {type(data).__name__.lower()}")
    if not data.shape:
        raise BadInput(
            f"a vae reads pictures: rows of {data.dim} numbers need the shape of a picture, "
            "Rows(values, shape=(height, width))"
        )
    if data.replicates != 1:
        raise BadInput(f"a vae is fitted to one replicate at a time, not {data.replicates}")
    if data.values.size and not (data.values.min() >= 0 and data.values.max() <= 1):
        raise BadInput("the pixels of a picture go from 0 (black) to 1 (white); some of these lie outside")
    return data
