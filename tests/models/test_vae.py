"""The variational autoencoder: its bound against exact integrals, its file, and its decline on its own pictures."""

from __future__ import annotations

import gzip
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary, OutputRefused  # noqa: E402
from outcross.core.part import build  # noqa: E402
from outcross.core.records import Rows  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.core.text import Texts  # noqa: E402
from outcross.models.vae import FittedVae, Vae  # noqa: E402

QUICK = "vae(latents=2, training=adam(rate=0.01, batch=50, epochs=40, clip=none))"


def bars(n: int = 200, seed: int = 0, flip: float = 0.05) -> Rows:
    """Black and white pictures of 4 x 3 pixels: one row is white, and a few pixels are wrong."""
    rng = np.random.default_rng(seed)
    pictures = np.repeat(np.eye(4)[rng.integers(4, size=n)], 3, axis=1)
    return Rows(np.abs(pictures - (rng.random((n, 12)) < flip))[None], shape=(4, 3))


def model(words: str = QUICK) -> Vae:
    found = build("model", words)
    assert isinstance(found, Vae)
    return found


@pytest.fixture(scope="module")
def fitted() -> FittedVae:
    return model().fit(bars(), Seed(0))


def network(fitted: FittedVae) -> Any:
    return fitted.handle.network()


def integrals(fitted: FittedVae, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact log probability and exact evidence lower bound of pictures under a vae with one latent, by quadrature."""
    grid = np.linspace(-12, 12, 2001)
    with torch.no_grad():
        net = network(fitted)
        logits = net(torch.tensor(grid[:, None], dtype=torch.float32)).double().numpy()
        mean, log_variance = (part.double().numpy() for part in net.posterior(torch.tensor(pictures).float()))
    likelihood = pictures @ logits.T - np.logaddexp(0, logits).sum(1)
    prior = -0.5 * grid**2 - 0.5 * np.log(2 * np.pi)
    posterior = -0.5 * (grid - mean) ** 2 / np.exp(log_variance) - 0.5 * log_variance - 0.5 * np.log(2 * np.pi)
    width = grid[1] - grid[0]
    exact = np.log((np.exp(likelihood + prior) * width).sum(1))
    bound = (np.exp(posterior) * (likelihood + prior - posterior) * width).sum(1)
    return exact, bound


def test_the_score_is_the_bound_and_the_bound_is_below() -> None:
    fitted = model(QUICK.replace("latents=2", "latents=1")).fit(bars(), Seed(0))
    pictures = bars(200, seed=1)
    scored = fitted.log_prob(pictures).values[0]
    exact, bound = integrals(fitted, pictures.values[0])
    assert (bound <= exact + 1e-9).all()
    assert np.corrcoef(scored, bound)[0, 1] > 0.999
    assert scored.mean() == pytest.approx(bound.mean(), abs=0.05)
    assert scored.mean() < exact.mean()


def test_a_grey_picture_scores_as_black_and_white_ones_in_shares(fitted: FittedVae) -> None:
    """Given the same latents: so of an encoder that does not look."""
    blind = model().fit(bars(), Seed(0))
    with torch.no_grad():
        for weight in network(blind).encoder.parameters():
            weight.zero_()
    black, white = bars(1).values[0, 0], bars(1).values[0, 0].copy()
    black[0], white[0] = 0.0, 1.0
    mixed = 0.3 * white + 0.7 * black
    scores = blind.log_prob(Rows(np.array([[black, white, mixed]]), shape=(4, 3))).values[0]
    assert scores[2] == pytest.approx(0.7 * scores[0] + 0.3 * scores[1], rel=1e-5)
    assert scores[0] != pytest.approx(scores[1], rel=1e-3)


def test_it_learns(fitted: FittedVae) -> None:
    """Better than independent pixels, which know how bright each pixel is but not that a row is white as one."""
    held = bars(500, seed=1)
    bright = bars().values[0].mean(0)
    apart = (held.values[0] * np.log(bright) + (1 - held.values[0]) * np.log(1 - bright)).sum(1)
    assert fitted.log_prob(held).values.mean() > apart.mean() + 1
    untrained = model("vae(latents=2, training=adam(rate=1e-9, steps=1))").fit(bars(), Seed(0))
    assert fitted.log_prob(held).values.mean() > untrained.log_prob(held).values.mean() + 2
    rows = fitted.sample(400, Seed(1)).values[0].reshape(400, 4, 3)
    assert rows.std(axis=2).mean() < 0.5 * rows.std(axis=1).mean()


def test_pictures_are_pictures(fitted: FittedVae) -> None:
    pictures = fitted.sample(30, Seed(1))
    assert pictures.shape == (4, 3)
    assert ((pictures.values >= 0) & (pictures.values <= 1)).all()
    assert fitted.sample(0, Seed(1)).size == 0


def test_latents_tell_pictures_apart(fitted: FittedVae) -> None:
    clean = Rows(np.repeat(np.eye(4), 3, axis=1)[None], shape=(4, 3))
    found = fitted.encode(clean)
    assert found.values.shape == (1, 4, 2)
    gaps = np.linalg.norm(found.values[0, :, None] - found.values[0], axis=-1)
    assert gaps[~np.eye(4, dtype=bool)].min() > 0.3
    assert np.array_equal(fitted.encode(clean).values, found.values)


@pytest.mark.parametrize("kind", ["small", "nature"])
@pytest.mark.parametrize("shape", [(8, 8), (5, 7), (6, 9, 3)])
def test_pictures_of_any_shape(kind: str, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random((1, 6, int(np.prod(shape))))
    fitted = model(f"vae(latents=3, network={kind}, training=adam(steps=2))").fit(Rows(values, shape=shape), Seed(0))
    assert fitted.sample(2, Seed(1)).shape == shape
    assert fitted.encode(Rows(values, shape=shape)).values.shape == (1, 6, 3)
    assert np.isfinite(fitted.log_prob(Rows(values, shape=shape)).values).all()


def test_the_convolutions_see_places_and_colours() -> None:
    """A red pixel in a corner excites the channels of that corner, not those of the others."""
    from outcross.models._torch.vae_networks import build as networks

    net = networks("nature", 2, (8, 8, 3), Seed(0))
    values = torch.zeros(2, 8, 8, 3)
    values[1, 0, 0, 0] = 1
    with torch.no_grad():
        dark, lit = net.encoder[:2](values.flatten(1))
        gap = (lit - dark).abs().sum(0)
        red = net.encoder[1].weight[:, 0, 1, 1].abs()
        assert torch.allclose((lit - dark).abs()[:, 0, 0], red, atol=1e-6)
    assert gap[0, 0] > 0
    assert gap[1:].sum() == gap[0, 1:].sum() == 0


@pytest.mark.parametrize("kind", ["small", "nature"])
def test_the_nature_network_learns_too(kind: str) -> None:
    words = f"vae(latents=2, network={kind}, training=adam(rate=0.01, batch=50, epochs=30, clip=none))"
    fitted = model(words).fit(bars(), Seed(0))
    bright = bars().values[0].mean(0)
    apart = (bars().values[0] * np.log(bright) + (1 - bars().values[0]) * np.log(1 - bright)).sum(1)
    assert fitted.log_prob(bars()).values.mean() > apart.mean() + 0.7


def test_scores_do_not_depend_on_the_company(fitted: FittedVae) -> None:
    data = bars(1100, seed=3)
    together = fitted.log_prob(data).values[0]
    alone = fitted.log_prob(data.take(np.array([[7, 1099]]))).values[0]
    np.testing.assert_allclose(alone, together[[7, 1099]], rtol=1e-5)


def test_weights_count() -> None:
    """Pictures of the first row that weigh ten times as much are written more often."""
    data = bars(flip=0.0)
    first = data.values[0, :, 0] == 1
    heavy = model().fit(replace(data, weight=np.where(first, 10.0, 1.0)), Seed(0))
    plain = model().fit(data, Seed(0))
    brightness = [fit.sample(1000, Seed(1)).values[0, :, :3].mean() for fit in (heavy, plain)]
    assert brightness[0] > brightness[1] + 0.2


def test_nothing_global_matters_or_is_changed() -> None:
    digests = []
    for key, threads in ((1, 1), (2, 2)):
        torch.manual_seed(key)
        torch.set_num_threads(threads)
        state = torch.get_rng_state()
        digests.append(model().fit(bars(), Seed(5)).digest)
        assert torch.equal(torch.get_rng_state(), state)
        assert torch.get_num_threads() == threads
    torch.set_num_threads(1)
    assert digests[0] == digests[1]
    assert model().fit(bars(), Seed(6)).digest != digests[0]


def test_what_is_saved_is_read(fitted: FittedVae, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    read = model().load(tmp_path / "model")
    assert read.digest == fitted.digest
    assert read.shape == (4, 3)
    assert np.array_equal(read.sample(9, Seed(1)).values, fitted.sample(9, Seed(1)).values)
    assert np.array_equal(read.log_prob(bars()).values, fitted.log_prob(bars()).values)
    read.save(tmp_path / "again")
    assert model().load(tmp_path / "again").digest == fitted.digest


def test_weights_are_read_when_they_are_used(fitted: FittedVae, tmp_path: Path) -> None:
    fitted = model().fit(bars(), Seed(11))  # of which nothing is in memory yet
    fitted.save(tmp_path)
    read = model().load(tmp_path)
    path = tmp_path / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-4] + bytes(4))
    with pytest.raises(BadInput, match="not those that were saved"):
        read.sample(1, Seed(0))
    path.write_bytes(whole[:-4])
    with pytest.raises(BadInput, match="cannot read"):
        read.sample(1, Seed(0))
    path.unlink()
    with pytest.raises(BadInput, match="cannot read"):
        read.sample(1, Seed(0))
    unused = model().load(tmp_path)
    assert (unused.digest, unused.shape) == (fitted.digest, (4, 3)), "known without the weights"
    with pytest.raises(BadInput, match="cannot read"):
        unused.sample(1, Seed(0))
    path.write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="cannot read"):
        unused.sample(1, Seed(0))
    path.write_bytes(whole)
    assert read.sample(1, Seed(0)).size == 1


def test_what_cannot_be_loaded_is_said(fitted: FittedVae, tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"outcross\.json"):
        model().load(tmp_path)
    for nonsense in (b"nonsense", b"[]", b'{"network": "small", "latents": 2, "shape": [4, 3]}', b"\xff"):
        (tmp_path / "outcross.json").write_bytes(nonsense)
        with pytest.raises(BadInput, match="no vae"):
            model().load(tmp_path)
    fitted.save(tmp_path)
    with pytest.raises(BadInput, match="latents=2, not 20"):
        model("vae").load(tmp_path)
    with pytest.raises(BadInput, match="network=small, not nature"):
        model("vae(latents=2, network=nature)").load(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(fitted: FittedVae, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputRefused, match="cannot write"):
        fitted.save(tmp_path / "file" / "model")


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "outcross.models._torch.vae", None)
    monkeypatch.delattr("outcross.models._torch.vae", raising=False)
    for work in (lambda: model().fit(bars(), Seed(0)), lambda: model().abreast):
        with pytest.raises(MissingLibrary, match=r"outcross\[lm\]"):
            work()


def test_it_says_how_many_can_be_fitted_side_by_side() -> None:
    assert model("vae(device=cpu, threads=100000)").abreast == 1
    assert "lower bound" in model().scoring


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadSetting, match="auto, cpu, cuda"):
        model("vae(device=abacus)").fit(bars(), Seed(0))


def test_what_is_no_picture_is_refused(fitted: FittedVae) -> None:
    with pytest.raises(BadInput, match="shape of a picture"):
        model().fit(Rows(np.zeros((1, 5, 12))), Seed(0))
    with pytest.raises(BadInput, match="pictures, not texts"):
        model().fit(Texts.of(["a b"]), Seed(0))
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(BadInput, match=r"0 \(black\) to 1 \(white\)"):
            model().fit(Rows(np.full((1, 5, 12), bad), shape=(4, 3)), Seed(0))
    with pytest.raises(BadInput, match="one replicate"):
        model().fit(Rows(np.zeros((2, 5, 12)), shape=(4, 3)), Seed(0))
    with pytest.raises(BadInput, match="no picture at all"):
        model().fit(bars(5).weighted(0.0), Seed(0))
    with pytest.raises(BadInput, match="weights"):
        model().fit(bars(5).weighted(-1.0), Seed(0))
    with pytest.raises(BadInput, match="4 x 3 pixels; these have 3 x 4"):
        fitted.encode(replace(bars(5), shape=(3, 4)))


def test_generations_of_digits_shrink(shared: Path) -> None:
    """As published (Shumailov et al. 2024): the first encoder's latents of what is written spread less and less."""
    packed = (shared / "data" / "mnist_t10k" / "t10k-images-idx3-ubyte.gz").read_bytes()
    digits = np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(1, -1, 784)[:, :1500] / 255
    vae = model("vae(training=adam(rate=0.002, decay=1e-5, batch=50, epochs=10, clip=none))")
    data, spread = Rows(digits, shape=(28, 28)), []
    first = fitted = vae.fit(data, Seed(0))
    spread.append(first.encode(data).values.std())
    for generation in range(1, 4):
        data = fitted.sample(1500, Seed(100 + generation))
        spread.append(first.encode(data).values.std())
        fitted = vae.fit(data, Seed(generation)) if generation < 3 else fitted
    assert all(later < 0.95 * earlier for earlier, later in pairwise(spread)), spread
