"""Any scikit-learn classifier of texts as a detector; it is kept by skops, which does not run what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting, MissingLibrary
from outcross.core.seed import Seed


@final
@dataclass(frozen=True, eq=False)
class EstimatorDetector(Detector):
    """A classifier that is fitted to a list of texts and says how synthetic each looks.

    Parameters
    ----------
    estimator
        With ``fit`` and ``predict_proba`` or ``decision_function``: a pipeline, most often. It is cloned before every
        fit. None where it is still to be read.
    trusted
        Types that may be read beside scikit-learn's own.
    """

    estimator: Any
    trusted: tuple[str, ...] = ()

    definition = "the classifier's decision function, or its log odds"
    source = "Pedregosa et al., JMLR 12 (2011)"

    def __post_init__(self) -> None:
        if self.estimator is not None and _method(self.estimator) is None:
            raise BadSetting(
                f"a classifier with fit and predict_proba or decision_function is wanted, not {self.estimator!r:.80}"
            )

    def __str__(self) -> str:
        return type(self.estimator).__name__

    def fit(self, data: Labelled, seed: Seed) -> EstimatorScorer:
        """Fit a clone to the texts; class 1 is synthetic."""
        from sklearn.base import clone

        fitted = clone(self.estimator)
        try:
            fitted.fit(list(data.documents.texts), data.synthetic.astype(np.int64))
        except (ValueError, TypeError) as error:
            raise BadInput(f"{self} cannot be fitted to these texts: {error}") from error
        return EstimatorScorer(fitted)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> EstimatorScorer:
        """Read the fitted classifier, if it is made of known types only."""
        skops = _skops()
        try:
            content = arrays["skops"].tobytes()
            unknown = sorted(set(skops.get_untrusted_types(data=content)) - set(self.trusted))
        except Exception as error:
            raise BadInput(f"the classifier cannot be read: {error}") from None
        if unknown:
            raise BadInput(
                f"it holds types that are not trusted: {', '.join(unknown)}; name them as trusted to read it"
            )
        return EstimatorScorer(skops.loads(content, trusted=list(self.trusted)))


@final
@dataclass(frozen=True, eq=False)
class EstimatorScorer(Scorer):
    """A fitted classifier."""

    estimator: Any

    def score(self, documents: Documents) -> Floats:
        """Return the decision function, or the log odds; NaN for empty texts."""
        held = np.array([bool(text.strip()) for text in documents.texts], dtype=np.bool_)
        scores = np.full(documents.size, np.nan)
        texts = [text for text, known in zip(documents.texts, held, strict=True) if known]
        if texts:
            scores[held] = self._raw(texts)
        return scores

    def _raw(self, texts: list[str]) -> Floats:
        name = _method(self.estimator)
        found = np.asarray(getattr(self.estimator, str(name))(texts), dtype=np.float64)
        if name == "decision_function":
            return found.reshape(len(texts))
        p = np.clip(found.reshape(len(texts), -1)[:, -1], 1e-12, 1 - 1e-12)
        odds: Floats = np.log(p) - np.log1p(-p)
        return odds

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the classifier as skops writes it."""
        return {"skops": np.frombuffer(_skops().dumps(self.estimator), dtype=np.uint8)}


def _method(estimator: object) -> str | None:
    """How it scores; None where it cannot, or cannot be fitted."""
    if not callable(getattr(estimator, "fit", None)):
        return None
    names = ("decision_function", "predict_proba")
    return next((name for name in names if callable(getattr(estimator, name, None))), None)


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingLibrary(
            f"keeping a scikit-learn classifier needs skops ({error}): pip install 'outcross[detect]'"
        ) from error
    return skops.io
