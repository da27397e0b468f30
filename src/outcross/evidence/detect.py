"""Is this text synthetic? Train a detector, load one, judge one: what a user calls ``oc.detect``."""

from __future__ import annotations

from outcross.evidence.estimator import DetectorClassifier
from outcross.evidence.evaluation import Evaluation, Performance, evaluate
from outcross.evidence.scoring import Tally, score_table
from outcross.evidence.shortcuts import Audit, Shortcut
from outcross.evidence.thresholds import Threshold, Thresholds
from outcross.evidence.trained import Decision, TrainedDetector, TrainingRecord
from outcross.evidence.training import train

load = TrainedDetector.load

__all__ = [
    "Audit",
    "Decision",
    "DetectorClassifier",
    "Evaluation",
    "Performance",
    "Shortcut",
    "Tally",
    "Threshold",
    "Thresholds",
    "TrainedDetector",
    "TrainingRecord",
    "evaluate",
    "load",
    "score_table",
    "train",
]
