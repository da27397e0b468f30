"""What a causal language model says of every token of a text, against the library's own forward pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from outcross.core.errors import BadInput, BadSetting, MissingInput  # noqa: E402
from outcross.core.part import build  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.core.text import Texts  # noqa: E402
from outcross.models.transformer import FittedTransformer, Transformer  # noqa: E402
from tests.models.test_transformer_bases import TEXTS, write_base  # noqa: E402

READ = ["the cat sat on the mat", "", "a", "the dog and a zoo", "cats"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"), "Llama")


def opened(folder: Path, **settings: Any) -> FittedTransformer:
    found = build("model", f"transformer(base='{folder}', window=16)")
    assert isinstance(found, Transformer)
    return replace(found, **settings).pretrained()


def library(folder: Path, sharper: float = 1.0) -> Any:
    """The model as its library reads it; with a factor on its head, another one."""
    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        network.get_output_embeddings().weight.mul_(sharper)
    return network


def log_shares(network: Any, before: list[int]) -> Any:
    with torch.no_grad():
        return network(torch.tensor([before])).logits[0, -1].double().log_softmax(-1)


def check(folder: Path, other: Path, observer: bool) -> None:
    p_network, q_network = library(folder), library(other)
    model = opened(folder)
    found = model.token_scores(READ, opened(other) if observer else None)
    for text, scores in zip(READ, found, strict=True):
        code = model.tokens.encode([text])[0].tolist()
        assert scores.size == len(code) <= 16
        for place, token in enumerate(code):
            log_p, log_q = (log_shares(network, [0, *code[:place]]) for network in (p_network, q_network))
            q = (log_q if observer else log_p).exp()
            mean = float(q @ log_p)
            assert scores.log_prob[place] == pytest.approx(float(log_p[token]), abs=1e-4)
            assert np.exp(scores.log_rank[place]) == pytest.approx(1 + int((log_p > log_p[token]).sum()))
            assert scores.mean[place] == pytest.approx(mean, abs=1e-4)
            assert scores.variance[place] == pytest.approx(float(q @ (log_p - mean) ** 2), abs=1e-4)


def test_tokens_are_scored_as_the_library_does(base: Path) -> None:
    check(base, base, observer=False)


def test_an_observer_draws_the_next_token(base: Path, tmp_path: Path) -> None:
    other = write_base(tmp_path / "other", "Llama")
    library(base, sharper=3.0).save_pretrained(other)
    check(base, other, observer=True)


def test_a_network_of_another_family(tmp_path: Path) -> None:
    folder = write_base(tmp_path / "gpt2", "GPT2")
    check(folder, folder, observer=False)


def test_sums_agree_with_the_log_probability_of_texts(base: Path) -> None:
    """Longer than the window too: every token is scored just once. Texts of a set length end by nothing."""
    model, texts = opened(base, window=8, stride=3, length=8), [*READ, " ".join(TEXTS)]
    sums = [scores.log_prob.sum() for scores in model.token_scores(texts)]
    assert np.allclose(sums, model.log_prob(Texts.of(texts)).values[0], atol=1e-3)


def test_a_text_does_not_depend_on_the_others(base: Path) -> None:
    model = opened(base)
    for text, scores in zip(READ, model.token_scores(READ), strict=True):
        (alone,) = model.token_scores([text])
        for name in ("log_prob", "mean", "variance"):
            assert np.allclose(getattr(alone, name), getattr(scores, name), atol=1e-4)


def test_a_model_from_scratch_scores_tokens_too() -> None:
    model = build("model", "transformer(size='20K', window=32, vocabulary=300, training=adamw(steps=1))")
    fitted = model.fit(Texts.of(TEXTS), Seed(0))
    (scores,) = fitted.token_scores(["the cat"])
    assert scores.size == len(fitted.tokens.encode(["the cat"])[0])
    assert np.all(scores.mean < 0) and np.all(scores.variance >= 0)


def test_observers_that_cannot_be_one(base: Path, tmp_path: Path) -> None:
    scratch = build("model", "transformer(size='20K', window=32, vocabulary=300, training=adamw(steps=1))")
    other = scratch.fit(Texts.of([*TEXTS, "quite other words for it"] * 3), Seed(0))
    with pytest.raises(BadInput, match="the tokenisers differ"):
        next(opened(base).token_scores(READ, other))
    ngram = build("model", "ngram").fit(Texts.of(TEXTS), Seed(0))
    with pytest.raises(BadInput, match="is another one, not a fittedngram"):
        next(opened(base).token_scores(READ, ngram))


def test_the_published_model_is_used_as_it_is(base: Path) -> None:
    first, again = opened(base), opened(base, device="cpu")
    assert first.handle is again.handle, "read once"
    assert first.digest == again.digest
    assert first.sample(2, Seed(0)).size == 2
    assert opened(base, window=None).settings.view() == (24, 12), "as many as it reads"


def test_what_was_published_is_not_changed_by_fitting(base: Path) -> None:
    before = opened(base)
    digest = before.digest
    trained = build("model", f"transformer(base='{base}', window=16, training=adamw(steps=2))")
    assert trained.fit(Texts.of(TEXTS), Seed(0), before).digest != digest
    assert opened(base).handle.copy() is not before.handle.network()
    assert opened(base).digest == digest


def test_no_published_model() -> None:
    with pytest.raises(BadSetting, match="give its base"):
        build("model", "transformer").pretrained()
    with pytest.raises(MissingInput, match="no folder"):
        build("model", "transformer(base='./nowhere')").pretrained()


def test_a_window_that_the_published_model_cannot_read(base: Path) -> None:
    with pytest.raises(BadSetting, match="the window is 64 tokens"):
        opened(base, window=64)
