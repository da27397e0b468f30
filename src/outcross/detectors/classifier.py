"""Any classifier of scikit-learn on the TF-IDF of words, by its dotted name."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting, MissingLibrary
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.detectors._logistic import check_classes

TRUSTED = ("sklearn", "numpy", "scipy")
"""Whose classes a saved classifier may hold. Functions are never restored: what they would do is not known."""


@final
@dataclass(frozen=True)
class Classifier(Detector):
    """Does a classifier of scikit-learn, trained on words, take it for synthetic?

    Parameters
    ----------
    of
        The dotted name of the classifier's class, which is made with its own defaults; both classes weigh the same
        where it knows class weights.
    words
        Up to how many words an n-gram has.

    Raises
    ------
    MissingLibrary
        When it is fitted, if scikit-learn is not installed.

    Examples
    --------
    >>> data = Labelled.of(["so late", "so tired", "it is vital", "it is key"], [0, 0, 1, 1])
    >>> scorer = Classifier(of="sklearn.naive_bayes.ComplementNB").fit(data, Seed(0))
    >>> scores = scorer.score(Documents.of(["so sorry", "it is"]))
    >>> bool(scores[0] < scores[1])
    True
    """

    of: str = "sklearn.linear_model.LogisticRegression"
    words: Annotated[int, Between(1, 5)] = 2

    definition = "the decision function, or log odds, of a scikit-learn classifier on the TF-IDF of word n-grams"
    source = "Pedregosa et al., Journal of Machine Learning Research 12 (2011)"

    def check(self) -> None:
        """Refuse a name that is not one of scikit-learn's."""
        if not self.of.startswith("sklearn.") or not all(part.isidentifier() for part in self.of.split(".")):
            raise BadSetting(
                f"classifier: of must be the dotted name of a class of scikit-learn, such as {type(self).of}, "
                f"not '{self.of[:60]}'"
            )

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return the classifier fitted to texts of both origins.

        Raises
        ------
        BadInput
            If there are no human or no synthetic texts, or no words in them.
        BadSetting
            If there is no such classifier.
        MissingLibrary
            If scikit-learn is not installed.
        """
        check_classes("classifier", data)
        text = _library("sklearn.feature_extraction.text")
        cutter = text.TfidfVectorizer(ngram_range=(1, self.words), token_pattern=r"(?u)\w+|[^\w\s]")
        model = _library("sklearn.pipeline").Pipeline([("words", cutter), ("classifier", self._classifier(seed))])
        filled = np.array([bool(text.strip()) for text in data.documents.texts])
        texts = [text for text, there in zip(data.documents.texts, filled, strict=True) if there]
        try:
            return _Fitted(model.fit(texts, data.synthetic[filled].astype(np.int64)))
        except (ValueError, TypeError) as error:
            raise BadInput(f"{self.of} cannot learn from these texts: {str(error).splitlines()[0]}") from None

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose arrays these are: classes of scikit-learn, NumPy and SciPy, and nothing else.

        Raises
        ------
        BadInput
            If they are not those of such a scorer, or hold anything else.
        MissingLibrary
            If scikit-learn or skops is not installed.
        """
        if "skops" not in arrays or np.asarray(arrays["skops"]).dtype != np.uint8:
            raise BadInput("these are not the arrays of a classifier: its skops bytes are missing")
        held, skops = np.asarray(arrays["skops"]).tobytes(), _library("skops.io")
        try:
            named = skops.get_untrusted_types(data=held)
            strange = [name for name in named if not _is_trusted(name)]
            model = None if strange else skops.loads(held, trusted=named)
        except Exception as error:
            raise BadInput(f"the classifier cannot be read: {str(error).splitlines()[0][:200]}") from None
        if strange:
            raise BadInput(f"the classifier holds {strange[0]}, which is no class of {', '.join(TRUSTED)}: not read")
        if not isinstance(model, _library("sklearn.pipeline").Pipeline):
            raise BadInput(f"a scikit-learn pipeline is wanted, not a {type(model).__name__}")
        return _Fitted(model)

    def _classifier(self, seed: Seed) -> Any:
        """The classifier with its own defaults, but for the seed and even classes."""
        module, _, name = self.of.rpartition(".")
        base = _library("sklearn.base")
        try:
            found = getattr(importlib.import_module(module), name, None)
        except ImportError:
            found = None
        if not inspect.isclass(found) or not issubclass(found, base.ClassifierMixin):
            raise BadSetting(f"classifier: {self.of} is no classifier of scikit-learn")
        try:
            model: Any = found()
        except TypeError:
            raise BadSetting(f"classifier: {self.of} cannot be made without settings") from None
        even = {"random_state": int(seed.generator().integers(2**31)), "class_weight": "balanced"}
        known = model.get_params()
        return model.set_params(**{name: value for name, value in even.items() if name in known})


@final
@dataclass(frozen=True, eq=False)
class _Fitted(Scorer):
    model: Any

    def score(self, documents: Documents) -> Floats:
        scores = np.full(documents.size, np.nan)
        filled = np.flatnonzero([bool(text.strip()) for text in documents.texts])
        for start in range(0, len(filled), 1_000):
            places = filled[start : start + 1_000]
            try:
                scores[places] = self._scores([documents.texts[place] for place in places])
            except ValueError as error:  # more neighbours than texts, for example
                raise BadInput(f"the classifier cannot score: {str(error).splitlines()[0]}") from None
        return scores

    def _scores(self, texts: list[str]) -> Floats:
        decide = getattr(self.model, "decision_function", None)
        if decide is not None:
            found: Floats = np.asarray(decide(texts), dtype=np.float64)
            return found
        likely = np.clip(self.model.predict_proba(texts)[:, 1], 1e-12, 1 - 1e-12)
        odds: Floats = np.log(likely) - np.log1p(-likely)
        return odds

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"skops": np.frombuffer(_library("skops.io").dumps(self.model), dtype=np.uint8)}


def _library(name: str) -> Any:
    """A module of scikit-learn or skops."""
    try:
        return importlib.import_module(name)
    except ImportError:
        library = {"sklearn": "scikit-learn"}.get(name.partition(".")[0], name.partition(".")[0])
        raise MissingLibrary(f"classifier: needs {library}; pip install 'outcross[detect]' brings it") from None


def _is_trusted(name: str) -> bool:
    """Whether it is a class of the libraries that are trusted."""
    module, _, member = name.rpartition(".")
    if name.partition(".")[0] not in TRUSTED:
        return False
    return inspect.isclass(getattr(importlib.import_module(module), member, None))
