"""The views of a generation: which model is asked about which records, once, and what is said where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from outcross.core.batch import Batch
from outcross.core.errors import BadSetting
from outcross.core.metric import Reading
from outcross.core.model import Encoder, Fitted, Prompted, Scored
from outcross.core.part import build, example, parts
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.lab.observe import Observer, measurable


@dataclass(eq=False)
class Known(Scored, Encoder):
    """A model that gives every number of a record ``nats``, and describes it by its first number times a factor."""

    nats: float
    factor: float = 1.0
    asked: list[tuple[str, Batch]] = field(default_factory=list)

    def sample(self, n: int, seed: Seed) -> Rows:
        return Rows(np.zeros((1, n, 1)))

    def log_prob(self, data: Batch) -> LogProbs:
        self.asked.append(("log_prob", data))
        ones = np.ones((data.replicates, data.size))
        return LogProbs(-self.nats * 2 * ones, 2 * ones, ones)

    def encode(self, data: Batch) -> Rows:
        self.asked.append(("encode", data))
        assert isinstance(data, Rows)
        return Rows(self.factor * data.values[:, :, :1])


@dataclass(eq=False)
class Mute(Fitted):
    """A model that only writes."""

    def sample(self, n: int, seed: Seed) -> Rows:
        return Rows(np.zeros((1, n, 1)))


def observer(*metrics: str) -> Observer:
    return Observer([build("metric", metric) for metric in metrics], Rows(np.arange(40.0).reshape(1, 20, 2)))


SAMPLE = Rows(np.arange(60.0).reshape(2, 15, 2))
VIEWS = ("perplexity", "word_perplexity", "hindsight_perplexity", "own_perplexity")


def test_who_is_asked_about_what() -> None:
    first, fitted, watch = Known(1.0), Known(2.0), observer(*VIEWS, "latent")
    found = watch.model(fitted, first, SAMPLE)
    nats = {name: np.log(found[name].values).round(9).tolist() for name in VIEWS}
    assert nats == {
        "perplexity": [2],  # held-out records, which are of one replicate, under the generation's model
        "word_perplexity": [4],
        "hindsight_perplexity": [1, 1],
        "own_perplexity": [2, 2],
    }
    assert found["latent"].values == pytest.approx(SAMPLE.values[:, :, 0].std(axis=1))
    assert [(question, data is SAMPLE) for question, data in fitted.asked] == [("log_prob", False), ("log_prob", True)]


def test_a_model_is_asked_once() -> None:
    first, second = Known(1.0), Known(2.0)
    watch = observer(*VIEWS, "perplexity_histogram", "latent", "latent(metric=prdc(k=2))", "latent(metric=vendi)")
    watch.human(SAMPLE, first)
    watch.model(first, first, SAMPLE)
    questions = [(question, id(data)) for question, data in first.asked]
    # the human sample is encoded for generation 0 and again for generation 1, of which it is the sample here
    assert sorted(question for question, _ in questions) == ["encode"] * 3 + ["log_prob"] * 2
    watch.model(second, first, SAMPLE)
    assert len(second.asked) == 2
    assert [question for question, _ in first.asked[5:]] == ["log_prob", "encode"]
    assert all(data is SAMPLE for _, data in first.asked[5:])  # held-out records: never again


def test_models_of_equal_address_are_not_mixed_up() -> None:
    watch, first = observer("own_perplexity", "hindsight_perplexity"), Known(1.0)
    for nats in range(1, 30):  # each is freed before the next is made, which may take its place in memory
        found = watch.model(Known(float(nats)), first, Rows(np.zeros((1, 3, 1))))
        assert np.log(found["own_perplexity"].values) == pytest.approx([nats])


def test_generation_0_in_the_eyes_of_the_first_model() -> None:
    first = Known(1.0, factor=3.0)
    found = observer("own_perplexity", "latent").human(SAMPLE, first)
    assert np.isnan(found["own_perplexity"].values).tolist() == [True, True]
    assert found["own_perplexity"].reason == "generation 0 is human data: there is no model yet"
    assert found["latent"].values == pytest.approx(3 * SAMPLE.values[:, :, 0].std(axis=1))
    before = observer("latent").human(SAMPLE)["latent"]
    assert before.reason == "generation 0 is human data: there is no model yet"


def test_the_reference_of_latents_is_held_out_records_encoded_by_the_first_model() -> None:
    first, later = Known(1.0, factor=3.0), Known(1.0, factor=100.0)
    watch = observer("latent(metric=prdc(k=2))")
    found = watch.model(later, first, watch.heldout)
    assert {name.partition("@")[2] for name in found} == {"precision", "recall", "density", "coverage"}
    assert found["latent(metric=prdc(k=2))@coverage"].values.tolist() == [1]


@pytest.mark.parametrize("metric", ["own_perplexity", "hindsight_perplexity", "word_perplexity"])
def test_a_model_without_probabilities(metric: str) -> None:
    with pytest.raises(BadSetting, match=f"the metric {metric} needs a model that knows probabilities, which mute"):
        observer(metric).model(Mute(), Mute(), SAMPLE)


def test_a_model_without_latents() -> None:
    fitted = build("model", "gaussian").fit(SAMPLE, Seed(0))
    with pytest.raises(BadSetting, match="the metric latent needs a model that describes records, which gaussian does"):
        observer("latent").model(fitted, fitted, SAMPLE)


@pytest.mark.parametrize("name", sorted(parts("metric")))
@pytest.mark.parametrize("fitted", [Known(1.0), Mute()], ids=["known", "mute"])
def test_what_is_measurable_is_what_can_be_measured(name: str, fitted: Fitted) -> None:
    """By classes alone as by trying."""
    heldout = Rows(np.random.default_rng(0).poisson(4.0, size=(1, 30, 2)).astype(float))  # some read counts only
    metric = build("metric", example(parts("metric")[name]))
    watch = Observer([metric], heldout)
    if measurable(metric, Rows, type(fitted)):
        assert all(reading.reason or np.isfinite(reading.values).all() for reading in ask(watch, fitted, heldout))
    else:
        with pytest.raises(BadSetting):
            ask(watch, fitted, heldout)


def ask(watch: Observer, fitted: Fitted, sample: Rows) -> list[Reading]:
    return list(watch.model(fitted, fitted, sample).values())


def test_what_is_usual_of_pictures_and_texts() -> None:
    def usual(kind: type[Batch], gives: type[Fitted]) -> set[str]:
        found = {name: part for name, part in parts("metric").items() if issubclass(kind, part.usual_for)}
        return {name for name, part in found.items() if measurable(part(), kind, gives)}

    assert "latent" in usual(Rows, Encoder)
    assert "latent" not in usual(Rows, Scored)
    assert "own_perplexity" in usual(Texts, Scored)
    assert "own_perplexity" not in usual(Texts, Prompted)
    assert "word_perplexity" not in usual(Texts, Scored)


def test_words_that_only_held_out_texts_and_the_model_have_are_the_same_words() -> None:
    """A generation that says what the held-out texts say, in words that the training texts lack, is no other."""
    train = Texts.of(["a cat sat", "a dog sat"])
    heldout = Texts.of(["a wug sat", "a cat sat"], train.vocabulary)
    written = ("a wug sat", "a cat sat")
    sample = Texts.of(written, train.vocabulary.extended(written))
    observer = Observer([build("metric", "total_variation"), build("metric", "types")], heldout, invents=True)
    found = observer.records(sample)
    assert found["total_variation"].values.tolist() == [0.0]
    assert found["types"].values.tolist() == [4.0]
    human = observer.human(Texts.of(["a wug sat", "a cat sat", "zz"], train.vocabulary.extended(["a wug sat", "zz"])))
    assert human["types"].values.tolist() == [5.0]
    other = Texts.of(("a blick sat", "a cat sat"), train.vocabulary.extended(["a blick sat"]))
    assert observer.records(other)["total_variation"].values.round(6).tolist() == [round(1 / 6, 6)]
