"""Published beside ours: what agrees, what does not, and what cannot be told, each found to be so."""

import math

import numpy as np
import pytest

from outcross.core.verdict import Answer
from outcross.lab.history import Facts, History
from outcross.lab.plan import Plan
from outcross.lab.reproduce.claim import Claim, Point
from outcross.lab.reproduce.comparison import Comparison, compare
from outcross.lab.reproduce.published import Scale
from outcross.lab.trial import Outcome

SCALE = Scale("nothing", {"main": {}})


def history(**courses: np.ndarray) -> History:
    """A history in which policies have these values of the variance, shape (R, T + 1)."""
    outcomes = {policy: Outcome({"variance": values}) for policy, values in courses.items()}
    return History(Plan(policy=tuple(courses)), Facts("sampled", "", "normal", ""), outcomes)


def course(*means: float, replicates: int = 50, sd: float = 0.1, seed: int = 0) -> np.ndarray:
    """Values with exactly these means by generation, and this spread over replicates."""
    noise = np.random.default_rng(seed).standard_normal((replicates, len(means)))
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0, ddof=1)
    return np.array(means) + sd * noise


def judged(claim: Claim, scale: Scale = SCALE, **courses: np.ndarray) -> Comparison:
    (found,) = compare((claim,), scale, {"main": history(**courses)})
    return found


def equal(value: float, generation: int = 1) -> Claim:
    return Claim("", "equal", (Point("", "replace", "variance", generation, value),))


@pytest.mark.parametrize(
    ("away", "answer"),  # in standard errors
    [(0, Answer.YES), (1.9, Answer.YES), (-1.9, Answer.YES), (2.5, Answer.CANNOT_TELL), (-3.9, Answer.CANNOT_TELL),
     (4.2, Answer.NO), (-9, Answer.NO)],
)  # fmt: skip
def test_equal_in_standard_errors(away: float, answer: Answer) -> None:
    error = 0.1 / math.sqrt(50)
    found = judged(equal(2 + away * error), replace=course(1, 2))
    assert found.answer is answer
    assert found.rows[0].ratio == pytest.approx(2 / (2 + away * error))


def test_equal_without_an_interval_cannot_be_told() -> None:
    assert "no interval" in judged(equal(2.0), replace=np.array([[1.0, 2.1]])).sentence
    same = judged(equal(2.0), replace=np.full((5, 2), 1.9))
    assert (same.answer, "same value" in same.sentence) == (Answer.CANNOT_TELL, True)


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [(1.5, 2.5, Answer.YES), (None, 2.5, Answer.YES), (2.01, None, Answer.YES), (2.5, 3.0, Answer.NO),
     (None, 1, Answer.NO)],
)  # fmt: skip
def test_within(low: float | None, high: float | None, answer: Answer) -> None:
    claim = Claim("", "within", (Point("", "replace", "variance", 1, None, low, high),))
    assert judged(claim, replace=course(1, 2)).answer is answer


ORDER = Claim("", "order", (Point("", "replace", "variance", 1), Point("", "accumulate", "variance", 1)))


@pytest.mark.parametrize(
    ("more", "answer", "said"),
    [(1.0, Answer.YES, "same order"), (0.001, Answer.CANNOT_TELL, "chance"), (-0.001, Answer.CANNOT_TELL, "no clear"),
     (-1.0, Answer.NO, "another order")],
)  # fmt: skip
def test_order(more: float, answer: Answer, said: str) -> None:
    found = judged(ORDER, replace=course(1, 2 + more), accumulate=course(1, 2, seed=1))
    assert found.answer is answer
    assert said in found.sentence


def test_order_of_what_is_infinite() -> None:
    low = course(1, -5)
    low[::3, 1] = -np.inf
    assert judged(ORDER, replace=course(1, -1), accumulate=low).answer is Answer.YES
    assert judged(ORDER, replace=low, accumulate=course(1, -1)).answer is Answer.NO


def test_perplexities_are_ordered_by_their_logarithm() -> None:
    """Perplexities of collapsed models spread over powers of ten: an order that is clear would drown in their mean."""
    large, small = np.exp(course(1, 12, replicates=3, sd=1.0)), np.exp(course(1, 5, replicates=3, seed=1))
    named = {}
    for policy, values in (("replace", large), ("accumulate", small)):
        named[policy] = Outcome({"perplexity": values, "variance": values})
    both = {"main": History(Plan(policy=tuple(named)), Facts("sampled", "", "normal", ""), named)}
    answers = {}
    for metric in ("perplexity", "variance"):
        points = tuple(Point("", policy, metric, 1) for policy in named)
        (found,) = compare((Claim("", "order", points),), SCALE, both)
        answers[metric] = found.answer
        assert ("logarithm" in found.sentence) == (metric == "perplexity")
    assert answers == {"perplexity": Answer.YES, "variance": Answer.CANNOT_TELL}


def test_order_across_plans_is_not_paired() -> None:
    claim = Claim("", "order", (Point("b", "replace", "variance"), Point("a", "replace", "variance")))
    both = {"a": history(replace=course(1, 2, replicates=4)), "b": history(replace=course(1, 3, replicates=9, seed=1))}
    (found,) = compare((claim,), SCALE, both)
    assert found.answer is Answer.YES
    assert [row.point.generation for row in found.rows] == [1, 1]
    (absent,) = compare((claim,), SCALE, {"a": both["a"]})
    assert (absent.answer, "'b' was not run" in absent.sentence) == (Answer.CANNOT_TELL, True)


def shape(falls: bool, *values: float) -> Claim:
    points = tuple(Point("", "replace", "variance", t, value) for t, value in enumerate(values))
    return Claim("", "shape", points, falls=falls)


def test_shape() -> None:
    falling = judged(shape(True, 8.0, 4.0, 2.0), replace=course(3, 2, 1))
    assert falling.answer is Answer.YES
    assert "times 0.333, published times 0.25" in falling.sentence
    assert judged(shape(True, 8.0, 4.0, 2.0), replace=course(3, 1, 2)).answer is Answer.NO
    assert judged(shape(False, 1.0, 2.0, 3.0), replace=course(1, 2, 3)).answer is Answer.YES
    assert judged(shape(False, 1.0, 2.0, 3.0), replace=course(3, 2, 1)).answer is Answer.NO


def test_one_replicate_never_agrees() -> None:
    one = np.array([[3.0, 2.0, 1.0]])
    found = judged(shape(True, 8.0, 4.0, 2.0), replace=one)
    assert (found.answer, "chance" in found.sentence) == (Answer.CANNOT_TELL, True)


def test_what_was_not_measured_says_why() -> None:
    assert "generation 9 was not reached" in judged(equal(1.0, 9), replace=course(1, 2)).sentence
    other = Claim("", "equal", (Point("", "anchor", "variance", 1, 1.0),))
    assert "no policy 'anchor'" in judged(other, replace=course(1, 2)).sentence


def test_values_are_not_held_against_what_is_unlike_but_orders_are() -> None:
    unlike = Scale("the model", {"main": {}}, unlike="the model is another one")
    found = judged(equal(2.0), unlike, replace=course(1, 2))
    assert (found.answer, found.sentence) == (Answer.CANNOT_TELL, "not comparable, because the model is another one")
    assert found.rows[0].ratio == pytest.approx(1)
    assert judged(shape(True, 2.0, 1.0), unlike, replace=course(3, 2)).answer is Answer.YES


def test_a_claim_is_held_against_every_plan_it_is_about() -> None:
    both = {"a": history(replace=course(1, 2)), "b": history(replace=course(1, 3))}
    assert [one.answer for one in compare((equal(2.0),), SCALE, both)] == [Answer.YES, Answer.NO]
    only = Claim("", "equal", equal(3.0).points, plans=("b", "elsewhere"))
    assert [one.rows[0].point.plan for one in compare((only,), SCALE, both)] == ["b"]


def test_theory_is_taken_at_the_settings_of_the_plan() -> None:
    from outcross.lab.chain import Chain

    run = Chain("gaussian(ddof=1)", "normal", "replace", ["mean_drift"], 50).run(8, 500, engine="serial")
    claim = Claim("", "equal", (Point("", "replace", "mean_drift", None, "theory"),))
    (found,) = compare((claim,), SCALE, {"main": run})
    assert found.rows[0].published == pytest.approx(8 / 50)
    assert found.answer is not Answer.NO
    without = Chain("gaussian(ddof=1)", "two_normals", "replace", ["log_det"], 50).run(2, 5, engine="serial")
    none = Claim("", "equal", (Point("", "replace", "log_det", None, "theory"),))
    assert "formula does not hold" in compare((none,), SCALE, {"main": without})[0].sentence
