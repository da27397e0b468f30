"""Is this text synthetic? Train a detector, load one, judge one: what a user calls ``oc.detect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outcross.evidence.estimator import DetectorClassifier
from outcross.evidence.evaluation import Evaluation, Performance, evaluate
from outcross.evidence.scoring import Tally, score_table
from outcross.evidence.shortcuts import Audit, Shortcut
from outcross.evidence.thresholds import Threshold, Thresholds
from outcross.evidence.trained import Decision, TrainedDetector, TrainingRecord
from outcross.evidence.training import train

if TYPE_CHECKING:
    from outcross.evidence.score_corpus import score_corpus as score_corpus
    from outcross.evidence.score_summary import Said as Said
    from outcross.evidence.score_summary import ScoreSummary as ScoreSummary
else:

    def __getattr__(name: str) -> Any:
        """What is not imported before it is asked for: scoring in parts, with all that reads files."""
        if name in __all__:
            from outcross.evidence import score_corpus, score_summary

            return getattr(score_corpus if name == "score_corpus" else score_summary, name)
        raise AttributeError(f"module 'outcross.evidence.detect' has no attribute '{name}'")


load = TrainedDetector.load

__all__ = [
    "Audit",
    "Decision",
    "DetectorClassifier",
    "Evaluation",
    "Performance",
    "Said",
    "ScoreSummary",
    "Shortcut",
    "Tally",
    "Threshold",
    "Thresholds",
    "TrainedDetector",
    "TrainingRecord",
    "evaluate",
    "load",
    "score_corpus",
    "score_table",
    "train",
]
