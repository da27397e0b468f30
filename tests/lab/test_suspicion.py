"""Score columns by detectors: nothing is scored by who has seen it, and a chain that is taken up goes on the same."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.memory import MemoryPool
from outcross.core.part import build
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.chain import Chain
from outcross.lab.journal import Journal
from outcross.lab.suspicion import Suspicion, suspicions
from outcross.lab.trial import Outcome

POLICY = "importance(policy=augment, detector=ngram_linear, power=2.0)"
SEEN: list[Labelled] = []


@final
@dataclass(frozen=True)
class _Spy(Scorer):
    data: Labelled

    def score(self, documents: Documents) -> Floats:
        """-1 where it has seen the text as a human one, which no honest score may be; else the text's length."""
        human = {self.data.documents.texts[place] for place in self.data.humans}
        return np.array([-1.0 if text in human else float(len(text)) for text in documents.texts])

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {}


@final
class _Mute(Scorer):
    def score(self, documents: Documents) -> Floats:
        return np.full(documents.size, np.nan)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {}


@final
@dataclass(frozen=True)
class Spy(Detector):
    """Remembers what it was trained on."""

    definition = "whether it has seen the text"
    source = "a test"

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        SEEN.append(data)
        return _Spy(data)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        pytest.fail("the detector of a chain is fitted again, never read from a file")


def texts(n: int, seed: int) -> Texts:
    rng = np.random.default_rng(seed)
    return Texts.of([" ".join(f"w{word}" for word in rng.integers(50, size=12)) for _ in range(n)])


def test_no_text_is_scored_by_who_has_seen_it() -> None:
    human = texts(40, 0)
    human = human.take(np.array([[*range(40), 0, 1, 2, 3, 4]]))  # some texts twice
    model = build("model", "ngram(order=2)")
    written = model.fit(human, Seed(0)).sample(45, Seed(1))
    SEEN.clear()
    found = Suspicion.of(Spy(), model, human, written, Seed(2))
    assert isinstance(written, Texts)
    for batch, given in ((human, found.human), (written, found.first)):
        lengths = np.array([float(len(text)) for text in batch.strings()])
        expected = 1 - found.calibration.probability(lengths)
        np.testing.assert_allclose(given[0], expected, rtol=1e-9)
    for data in SEEN:
        assert (data.synthetic.sum(), len(data.groups)) == (len(data.humans), data.size)
    assert sum(len(data.humans) for data in SEEN) == 45


def test_what_wrote_the_training_texts_has_not_seen_the_fold() -> None:
    """Each human text has a word of its own: what the scorer of its fold was trained on has it nowhere."""
    human = Texts.of([f"we met number{place} in the old town" for place in range(20)])
    model = build("model", "ngram(order=2)")
    written = model.fit(human, Seed(0)).sample(20, Seed(1))
    SEEN.clear()
    found = Suspicion.of(Spy(), model, human, written, Seed(2))
    for number, data in enumerate(SEEN):
        seen = {word for text in data.documents.texts for word in text.split()}
        assert not seen & {f"number{place}" for place in np.flatnonzero(found.fold == number)}


def test_a_text_that_cannot_be_scored_is_left_undecided() -> None:
    model, human = build("model", "ngram"), texts(10, 0)
    found = Suspicion.of(Spy(), model, human, texts(10, 1), Seed(0))
    mute = dataclasses.replace(found, scorers=(_Mute(), _Mute()))
    assert (mute.score(human) == 0.5).all()


@pytest.mark.parametrize(("temperature", "low"), [(0.5, 0.8), (1.0, 0.45)])
def test_human_texts_are_found_more_human(temperature: float, low: float) -> None:
    """Area under the curve of the pool's texts. Where the model writes like its data it is at chance, not below it."""
    human = Chain("ngram", "builtin:python-reference", block=50, limit=300).read().records
    assert human is not None
    model = build("model", f"ngram(order=3, temperature={temperature})")
    written = model.fit(human, Seed(0)).sample(300, Seed(1))
    found = Suspicion.of(build("detector", "ngram_linear"), model, human, written, Seed(2))
    one, other = found.human[0][:, None], found.first[0][None]
    assert low <= ((one > other) + (one == other) / 2).mean() <= 1


def run(out: Path | None = None, **more: Any) -> Outcome:
    chain = Chain("ngram(order=2, temperature=0.7)", "builtin:python-reference", POLICY,
                  ["heldout_nll", "types"], block=50, limit=120)  # fmt: skip
    history = chain.run(4, 2, seed=3, engine="serial", out=out, **more)
    return history.outcomes[POLICY]


def test_a_chain_that_is_taken_up_goes_on_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run()
    write = Journal.write_generation

    def dies(journal: Journal, trial: Any, step: Any, *rest: Any) -> None:
        write(journal, trial, step, *rest)
        if step.generation == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "write_generation", dies)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run")
    monkeypatch.undo()
    again = run(tmp_path / "run", resume=True)
    for name, values in whole.values.items():
        np.testing.assert_array_equal(again.values[name], values)


def test_texts_are_needed() -> None:
    chain = Chain("gaussian", "normal", POLICY, ["variance"], sample_size=20)
    with pytest.raises(BadInput, match="the detector ngram_linear reads texts, and these records are rows"):
        chain.run(2, 1, engine="serial")
    with pytest.raises(BadInput, match="needs records that are texts"):
        Chain("vae", "builtin:digits", POLICY).run(2, 1, engine="serial")
    with pytest.raises(BadSetting, match="the exact path is not open"):
        Chain("ngram(order=1)", "builtin:python-reference", POLICY, limit=20).run(2, 1, exact=True, engine="serial")


def test_nothing_is_trained_where_nothing_is_asked() -> None:
    human = texts(10, 0)
    policy, model = build("policy", POLICY), build("model", "ngram")
    assert not suspicions(policy, model, MemoryPool(human), None, Seed(0))
    assert not suspicions(
        build("policy", "filtered(policy=replace, keep=0.5)"), model, MemoryPool(human), human, Seed(0)
    )


def test_too_few_texts() -> None:
    one = Texts.of(["the same words"] * 5)
    with pytest.raises(BadInput):
        Suspicion.of(Spy(), build("model", "ngram"), one, one, Seed(0))
    with pytest.raises(BadInput, match="reads texts"):
        Suspicion.of(Spy(), build("model", "gaussian"), Rows(np.zeros((1, 5, 1))), one, Seed(0))
    assert math.isfinite(Suspicion.of(Spy(), build("model", "ngram"), texts(4, 0), texts(3, 1), Seed(0)).human.sum())
