"""What share is synthetic: how far off, how often covered, when nothing is said."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.quantifier import Quantifier
from outcross.core.seed import Seed
from outcross.evidence.case import Case
from outcross.evidence.prevalence import Prevalence, prevalence
from tests.evidence.numbers import Reader, numbers

PLAIN: Quantifier = build("quantifier", "probabilistic_adjusted_count")
REPEATS = 150


def case(
    share: float, number: int, size: int = 200, each: int = 200, labels: int = 0, population: bool = False
) -> Case:
    """References, and a target with exactly this share; in a population, with this one on average."""
    rng = np.random.default_rng([number, size, each, labels])
    synthetic = rng.binomial(size, share) if population else round(share * size)
    target = numbers(rng, size - synthetic, synthetic)
    sample = target.take(rng.permutation(size)[:labels]) if labels else None
    references = numbers(rng, each, each)
    return Case(target.documents, references, sample, None, Reader(), None, population, 0.95, 200, Seed(number))


def covered(share: float, method: Quantifier, **given: int | bool) -> tuple[float, float]:
    """How often the interval holds the share, and how far off the estimate is, on average."""
    found = [case(share, number, **given).measure(method) for number in range(REPEATS)]  # type: ignore[arg-type]
    holds = [one.low <= share + 1e-9 and share - 1e-9 <= one.high for one in found]  # type: ignore[operator]
    return float(np.mean(holds)), float(np.mean([abs(one.value - share) for one in found]))  # type: ignore[operator]


def near_nominal(coverage: float) -> bool:
    """Within four standard errors of 95 %."""
    return abs(coverage - 0.95) < 4 * math.sqrt(0.95 * 0.05 / REPEATS)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.75])
def test_the_interval_covers_the_share_of_these_documents(share: float) -> None:
    coverage, error = covered(share, PLAIN)
    assert near_nominal(coverage)
    assert 0.005 < error < 0.03


def test_at_zero_the_interval_holds_zero() -> None:
    coverage, _ = covered(0.0, PLAIN)
    assert coverage > 0.975 - 4 * math.sqrt(0.975 * 0.025 / REPEATS)


def test_the_interval_for_a_population_covers_its_share_and_the_other_does_not() -> None:
    assert near_nominal(covered(0.5, PLAIN, population=True)[0])
    narrow = [case(0.5, number, population=True) for number in range(REPEATS)]
    held = []
    for one in narrow:
        found = Case(**{**vars_of(one), "population": False}).measure(PLAIN)
        held.append(found.low <= 0.5 <= found.high)  # type: ignore[operator]
    assert np.mean(held) < 0.85


def vars_of(one: Case) -> dict[str, object]:
    """The fields of a case."""
    return {name: getattr(one, name) for name in Case.__dataclass_fields__}


def test_a_detector_whose_rare_errors_the_references_do_not_show_is_not_taken_for_perfect() -> None:
    """Two in a thousand are mistaken; of 200 references two in three sets show none of it."""
    holds = []
    for number in range(REPEATS):
        rng = np.random.default_rng(number)
        target, references = (numbers(rng, size, size, apart=6.0) for size in (500, 200))
        wrong = [str(6.0 + k / 1e6) for k in range(rng.binomial(500, 0.002))]
        texts = Documents.of([*wrong, *target.documents.texts[len(wrong) :]])
        found = Case(texts, references, None, None, Reader(), None, False, 0.95, 200, Seed(number)).measure(PLAIN)
        holds.append(found.low <= 0.5 <= found.high)  # type: ignore[operator]
    assert np.mean(holds) > 0.9


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_labels_with_predictions_cover(share: float) -> None:
    assert near_nominal(covered(share, build("quantifier", "ppi"), labels=100)[0])


def test_what_is_learned_from_the_references_counts_as_chance() -> None:
    """Cross-fitted scores of random words, of which little can be learned: the interval knows how little."""
    rng = np.random.default_rng(0)
    vocabulary = np.array([f"word{k}" for k in range(300)])
    tilt = np.where(np.arange(300) % 10 == 0, 2.0, 1.0)

    def texts(count: int, law: np.ndarray) -> list[str]:
        return [" ".join(rng.choice(vocabulary, 30, p=law / law.sum())) for _ in range(count)]

    noise, holds, detector = [], [], build("detector", "ngram_linear(characters=0, words=1, bits=12)")
    for number in range(40):
        references = Labelled.of(texts(40, np.ones(300)) + texts(40, tilt), [0] * 40 + [1] * 40)
        target = Documents.of(texts(50, np.ones(300)) + texts(50, tilt))
        one = Case(target, references, None, detector, None, None, False, 0.95, 200, Seed(number))
        found = one.measure(PLAIN)
        holds.append(found.value is None or found.low <= 0.5 <= found.high)  # type: ignore[operator]
        if found.value is not None:
            noise.append(one.noise(PLAIN))
    assert len(noise) > 30 and 0.1 < np.mean(noise) <= 1
    assert np.mean(holds) > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 40)


def told(share: float = 0.3, size: int = 300, **given: object) -> Prevalence:
    """The whole answer for a target of numbers."""
    rng = np.random.default_rng(5)
    target = numbers(rng, round((1 - share) * size), round(share * size))
    references = numbers(rng, 200, 200)
    return prevalence(target.documents, **{"references": references, "detector": Reader(), **given})  # type: ignore[arg-type]


def test_an_answer_is_a_measure_with_its_reasons() -> None:
    found = told(seed=1)
    assert found.value == pytest.approx(0.3, abs=0.06)
    assert found.method == "probabilistic_adjusted_count(sharpen=true)"
    assert [check.name for check in found.diagnostics][:4] == ["separation", "range", "length", "scored"]
    assert all(check.passed for check in found.diagnostics)
    assert {"em", "classify_and_count", "adjusted_count"} <= set(found.by_method)
    assert json.loads(json.dumps(found.to_dict()))["value"] == found.value


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    assert (told().low, told().high) == (told().low, told().high)
    assert (told(seed=1).low, told(seed=1).high) != (told().low, told().high)


def test_without_references_and_labels_nothing_is_told() -> None:
    found = prevalence(["some text", "and another"], detector=Reader())
    assert found.value is None and found.reason.startswith("cannot tell")
    assert (found.low, found.high) == (0.0, 1.0)
    assert any("label 100" in line for line in found.advice)


def test_references_that_cannot_be_told_apart_give_no_share() -> None:
    found = told(references=numbers(np.random.default_rng(1), 100, 100, apart=0.0))
    assert found.value is None and "15 points at least" in found.reason


def test_a_target_of_another_kind_gives_no_share() -> None:
    human, machine = (
        [f"{start} {k} {end}" for k in range(40)] for start, end in (("so late", "sorry"), ("It is key", "."))
    )
    found = prevalence([f"Ja {k} und nein, wer weiss das schon?" for k in range(40)], human=human, synthetic=machine)
    assert found.value is None
    assert not next(check for check in found.diagnostics if check.name == "likeness").passed


def test_documents_without_a_score_may_be_either() -> None:
    rng = np.random.default_rng(5)
    target = numbers(rng, 80, 20).documents.join(Documents.of([""] * 25))
    found = prevalence(target, references=numbers(rng, 200, 200), detector=Reader())
    assert found.low is not None and found.high is not None
    assert found.low < 0.2 * 0.8 and found.high > 0.2 * 0.8 + 0.2


def test_labels_alone_do_without_references_and_detector() -> None:
    target = [f"text {k}" for k in range(200)]
    found = prevalence(target, labelled=(target[:100], [int(k < 20) for k in range(100)]))
    assert found.value == pytest.approx(0.2) and found.low == pytest.approx(0.145, abs=0.01)
    assert set(found.by_method) == {"ppi", "labels alone"}


def test_a_clustered_target_is_less_certain() -> None:
    whole, clustered = told(population=True), told(groups=[k // 30 for k in range(300)])
    assert clustered.high - clustered.low > 1.5 * (whole.high - whole.low)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"human": ["a"] * 20}, "together"),
        ({"human": ["a"] * 3, "synthetic": ["b"] * 30}, "3 human references are too few"),
        ({"groups": ["one"]}, "cannot have 1 groups"),
        ({"labelled": (["a", "b"], [0, float("nan")])}, "label 2 is missing"),
        ({"level": 1.5}, "level lies between 0 and 1"),
        ({"method": "ppi"}, "a labelled sample"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, object], line: str) -> None:
    with pytest.raises((BadInput, BadSetting), match=line):
        prevalence(["a", "b"], **given)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no text in the target"):
        prevalence([])


def test_a_thousand_draws_of_ten_thousand_scores_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    target, references = numbers(rng, 7000, 3000), numbers(rng, 500, 500)
    one = Case(target.documents, references, None, None, Reader(), None, False, 0.95, 1000, Seed(0))
    one.scored()
    start = time.process_time()
    one.measure(PLAIN)
    assert time.process_time() - start < 1.0


def test_a_scikit_learn_classifier_may_score() -> None:
    text, linear = (pytest.importorskip(f"sklearn.{name}") for name in ("feature_extraction.text", "linear_model"))
    pipeline = pytest.importorskip("sklearn.pipeline").make_pipeline(
        text.TfidfVectorizer(), linear.LogisticRegression()
    )
    human = [f"I was {place} minutes late, sorry!" for place in range(40)]
    machine = [f"It is important to note that {place} minutes matter." for place in range(40)]
    found = prevalence(
        human[:20] + machine[:10], human=human[20:], synthetic=machine[10:], detector=pipeline, draws=100
    )
    assert found.low is not None and found.high is not None
    assert found.low <= 1 / 3 <= found.high
    with pytest.raises(BadSetting, match="a classifier with fit"):
        prevalence(human, human=human, synthetic=machine, detector=3)
