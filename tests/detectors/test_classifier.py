"""Classifiers of scikit-learn: which are taken, how they are saved, and what is never read back."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.detectors.classifier import Classifier

skops = pytest.importorskip("skops.io")
DATA = Labelled.of(["so late, sorry", "so tired, so sorry", "it is vital", "it is key"] * 5, [0, 0, 1, 1] * 5)
ASKED = Documents.of(["sorry, so so", "it is", ""])


@pytest.mark.parametrize(
    "of",
    [
        "sklearn.linear_model.LogisticRegression",
        "sklearn.naive_bayes.MultinomialNB",
        "sklearn.svm.LinearSVC",
        "sklearn.ensemble.RandomForestClassifier",
        "sklearn.linear_model.SGDClassifier",
        "sklearn.neighbors.KNeighborsClassifier",
    ],
)
def test_classifiers_are_fitted_saved_and_restored(of: str) -> None:
    detector = build("detector", f"classifier(of='{of}')")
    scorer = detector.fit(DATA, Seed(0))
    scores = scorer.score(ASKED)
    assert scores[0] < scores[1] and np.isnan(scores[2])
    np.testing.assert_array_equal(detector.restore(scorer.arrays()).score(ASKED), scores)


def test_even_classes() -> None:
    """Where it knows class weights, a class is not likelier for having more texts."""
    many = Labelled.of([*DATA.documents.texts, *["it is vital"] * 200], [*DATA.synthetic, *[True] * 200])
    assert Classifier().fit(many, Seed(0)).score(Documents.of(["unknown words"]))[0] < 1


@pytest.mark.parametrize(
    "of", ["os.system", "sklearn.linear_model.LogisticRegresion", "sklearn.svm.SVR", "sklearn.a b", "x"]
)
def test_what_is_no_classifier_is_refused(of: str) -> None:
    with pytest.raises(BadSetting):
        Classifier(of=of).fit(DATA, Seed(0))


def test_one_that_needs_settings_is_refused() -> None:
    with pytest.raises(BadSetting, match="without settings"):
        Classifier(of="sklearn.ensemble.VotingClassifier").fit(DATA, Seed(0))


@pytest.mark.parametrize("of", ["sklearn.neighbors.KNeighborsClassifier", "sklearn.naive_bayes.GaussianNB"])
def test_what_it_cannot_do_is_one_clear_line(of: str) -> None:
    """More neighbours than there are texts; a classifier that wants no sparse features."""
    with pytest.raises(BadInput) as refused:
        Classifier(of=of).fit(Labelled.of(["so odd", "it is"], [0, 1]), Seed(0)).score(ASKED)
    assert "\n" not in str(refused.value)


def held(model: object) -> dict[str, np.ndarray]:
    return {"skops": np.frombuffer(skops.dumps(model), dtype=np.uint8)}


def test_functions_and_strangers_are_never_restored() -> None:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    for strange in (np.testing.assert_equal, np.loadtxt, skops.loads):
        with pytest.raises(BadInput, match="which is no class of"):
            Classifier().restore(held(Pipeline([("f", FunctionTransformer(strange))])))


def test_what_is_no_pipeline_is_refused() -> None:
    for model in ([1, 2], {"a": 1}):
        with pytest.raises(BadInput, match="pipeline is wanted"):
            Classifier().restore(held(model))


@pytest.mark.parametrize("bytes_", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_broken_bytes_are_refused(bytes_: bytes) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        Classifier().restore({"skops": np.frombuffer(bytes_, dtype=np.uint8)})
    with pytest.raises(BadInput, match="missing"):
        Classifier().restore({})
