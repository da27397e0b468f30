"""The manners of scikit-learn: its checks as far as they apply to texts, its searches, its classifiers wrapped."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from outcross.core.errors import BadInput, BadSetting, NotFitted, OutcrossError
from outcross.evidence import detect
from outcross.evidence.detect import DetectorClassifier
from tests.evidence.tiny import Letters, both


def test_it_passes_the_checks_of_scikit_learn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says which checks want tables of numbers, and leaves them out
        found = check_estimator(DetectorClassifier(), on_fail=None)
    failed = {one["check_name"]: str(one["exception"])[:200] for one in found if one["status"] == "failed"}
    assert not failed
    assert {one["check_name"] for one in found if one["status"] == "passed"}


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_it_passes_each_check_that_asks_for_no_table(check: Callable[[str, object], None]) -> None:
    """scikit-learn leaves these out too where an estimator says that it takes no tables of numbers."""
    check("DetectorClassifier", DetectorClassifier())


def test_it_works_in_searches() -> None:
    texts, labels = both(np.random.default_rng(0), 40, 0.5)
    groups = [str(place // 2) for place in range(80)]
    classifier = DetectorClassifier(Letters(), folds=3)
    assert is_classifier(classifier)
    assert clone(classifier).get_params() == classifier.get_params()
    assert cross_val_score(classifier, texts, labels, cv=GroupKFold(3), groups=groups).mean() > 0.9
    search = GridSearchCV(classifier, {"folds": [2, 3]}, cv=2).fit(np.array(texts), labels)
    assert search.best_params_["folds"] in {2, 3}
    table = search.predict_proba(texts)
    assert table.shape == (80, 2)
    assert table.sum(axis=1) == pytest.approx(1)


def test_labels_are_given_back_and_the_synthetic_one_is_last() -> None:
    texts, labels = both(np.random.default_rng(0), 20, 0.5)
    for kinds in (["real", "fake"], [0, 1], ["a", "b"]):
        given = [kinds[label == "synthetic"] for label in labels]
        classifier = DetectorClassifier(Letters()).fit(texts, given)
        assert classifier.classes_.tolist() == kinds
        assert classifier.score(texts, given) > 0.9


def test_what_it_refuses() -> None:
    texts, labels = both(np.random.default_rng(0), 10)
    with pytest.raises(NotFitted):
        DetectorClassifier().predict(texts)
    with pytest.raises(BadInput, match="two labels"):
        DetectorClassifier().fit(texts, ["a", "b", "c", "d"] * 5)
    with pytest.raises(BadInput, match="1 class"):
        DetectorClassifier().fit(texts, ["a"] * 20)
    with pytest.raises(BadInput, match="list of texts"):
        DetectorClassifier().fit(np.zeros((20, 2)), labels)
    with pytest.raises(BadInput, match="as many labels"):
        DetectorClassifier().fit(texts, labels[:-1])
    with pytest.raises(BadSetting, match="did you mean 'folds'"):
        DetectorClassifier().set_params(fold=3)


def test_a_pipeline_is_a_detector_and_is_kept(tmp_path: Path) -> None:
    pytest.importorskip("skops")
    texts, labels = both(np.random.default_rng(0), 80)
    for model in (LogisticRegression(), MultinomialNB()):
        trained = detect.train(texts, labels, detector=make_pipeline(TfidfVectorizer(), model))
        assert trained.evaluation.overall.auc.value is not None and trained.evaluation.overall.auc.value > 0.95
        again = detect.load(trained.save(tmp_path / "a.npz"))
        assert again.score(texts) == pytest.approx(trained.score(texts))


class Odd(LogisticRegression):
    """A stranger's type."""


def test_types_of_strangers_are_not_read_unless_trusted(tmp_path: Path) -> None:
    pytest.importorskip("skops")
    texts, labels = both(np.random.default_rng(0), 40, 0.5)
    trained = detect.train(texts, labels, detector=make_pipeline(TfidfVectorizer(), Odd()))
    path = trained.save(tmp_path / "a.npz")
    with pytest.raises(BadInput, match="not trusted") as caught:
        detect.load(path)
    name = str(caught.value).partition("not trusted: ")[2].partition(";")[0]
    assert detect.load(path, trusted=[name]).score(texts[:2]) == pytest.approx(trained.score(texts[:2]))


def test_what_is_no_classifier_is_refused() -> None:
    texts, labels = both(np.random.default_rng(0), 10)
    with pytest.raises(OutcrossError, match="classifier with fit"):
        detect.train(texts, labels, detector=TfidfVectorizer())
