"""A detector with the manners of scikit-learn: `fit`, `predict_proba`, `get_params`; works in its searches.

scikit-learn itself is not needed, and not imported unless it asks for its tags.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.documents import HUMAN_NAMES, SYNTHETIC_NAMES, Documents, Labelled
from outcross.core.errors import BadInput, BadSetting, NotFitted, nearest
from outcross.core.seed import Seed
from outcross.evidence.calibration import Calibration
from outcross.evidence.kinship import find_kin
from outcross.evidence.training import as_detector, out_of_fold


@final
class DetectorClassifier:
    """Is a text synthetic? A detector, calibrated on grouped folds, as a classifier of scikit-learn's kind.

    Parameters
    ----------
    detector
        A detector or its words.
    folds
        Folds that the calibration rests on, at most; as many as there are groups where those are fewer.
    seed
        For folds and fits.

    Attributes
    ----------
    classes_
        The two labels; the second is the synthetic one. Labels such as ``human`` and ``synthetic`` are understood, of
        others the larger is the synthetic one.

    Examples
    --------
    >>> texts = [f(name) for name in "abcdef" for f in ("well {0} so {0} late".format, "It is {0}.".format)]
    >>> classifier = DetectorClassifier(folds=3).fit(texts, ["human", "ai"] * 6)
    >>> classifier.classes_.tolist(), classifier.predict(["It is."]).tolist()
    (['human', 'ai'], ['ai'])
    """

    _estimator_type = "classifier"

    def __init__(self, detector: Any = "ngram_linear", folds: int = 5, seed: int = 0) -> None:
        self.detector = detector
        self.folds = folds
        self.seed = seed

    def fit(self, X: Sequence[str], y: Sequence[object], groups: Sequence[object] | None = None) -> Self:
        """Fit to texts and their labels.

        Parameters
        ----------
        X
            n texts.
        y
            Two different labels, shape (n,).
        groups
            What must stay together, shape (n,); sources and duplicates where none are given.

        Raises
        ------
        BadInput
            If what is given are no texts, or there are not two labels.
        """
        documents = texts_of(X)
        if y is None:
            raise BadInput("requires y to be passed, but the target y is None")
        labels = np.asarray(y)
        if labels.ndim != 1 or len(labels) != documents.size:
            raise BadInput(f"{documents.size:,} texts need as many labels, not an array of shape {labels.shape}")
        classes = _classes(labels)
        kin = find_kin(documents).groups if groups is None else groups
        data = Labelled.of(documents, (labels == classes[1]).tolist(), kin)
        scores, _, scorer = out_of_fold(as_detector(self.detector), data, Seed(self.seed), self.folds)
        self.calibration_ = Calibration.fit(scores, data.synthetic)
        self.scorer_ = scorer
        self.classes_ = classes
        return self

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Return the log odds of being synthetic, shape (n,); 0 where a text has no score.

        Raises
        ------
        NotFitted
            If `fit` was not called.
        """
        if not self.__sklearn_is_fitted__():
            raise NotFitted(f"{type(self).__name__} is not fitted yet: call fit with texts and labels first")
        odds = self.calibration_.log_odds(self.scorer_.score(texts_of(X)))
        return np.where(np.isfinite(odds), odds, 0.0)

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Return the probability of each class in an even mixture, shape (n, 2); halves where there is no score."""
        p = 1 / (1 + np.exp(-np.clip(self.decision_function(X), -500, 500)))
        return np.stack([1 - p, p], axis=1)

    def predict(self, X: Sequence[str]) -> NDArray[Any]:
        """Return the more probable label of each text, shape (n,)."""
        odds = self.decision_function(X)
        labels: NDArray[Any] = self.classes_[(odds > 0).astype(np.int64)]
        return labels

    def score(self, X: Sequence[str], y: Sequence[object]) -> float:
        """Return the share of texts whose label is predicted."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by name."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Change settings.

        Raises
        ------
        BadSetting
            If there is no setting of that name.
        """
        for name, value in params.items():
            if name not in self._names():
                raise BadSetting(f"DetectorClassifier has no setting '{name}'{nearest(name, self._names())}")
            setattr(self, name, value)
        return self

    @classmethod
    def _names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [f"{name}={value!r}" for name, value in self.get_params().items() if value != defaults[name].default]
        return f"DetectorClassifier({', '.join(given)})"

    def __sklearn_is_fitted__(self) -> bool:
        return "classes_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True, one_d_labels=True),
            classifier_tags=ClassifierTags(multi_class=False),
            input_tags=InputTags(string=True, two_d_array=False),
        )


def texts_of(X: object) -> Documents:
    """Return texts given as a list, an array or a column.

    Raises
    ------
    BadInput
        If it is a table of numbers, one string, or nothing.

    Examples
    --------
    >>> texts_of(np.array(["a", "b"])).size
    2
    """
    if isinstance(X, Documents):
        return X
    array = np.asarray(X, dtype=object)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise BadInput(f"a list of texts is wanted, not an array of shape {array.shape}")
    return Documents.of(str(text) if isinstance(text, np.str_) else text for text in array.tolist())


def _classes(labels: NDArray[Any]) -> NDArray[Any]:
    """The two labels, the human one first."""
    found = np.unique(labels)
    if len(found) != 2:
        shown = ", ".join(map(repr, found[:5].tolist()))
        classes = "class" if len(found) == 1 else "classes"
        raise BadInput(f"two labels are wanted; these have {len(found)} {classes}: {shown}")
    first, second = (str(label).strip().lower() for label in found)
    turned = first in SYNTHETIC_NAMES and second in HUMAN_NAMES
    ordered: NDArray[Any] = found[::-1].copy() if turned else found
    return ordered
