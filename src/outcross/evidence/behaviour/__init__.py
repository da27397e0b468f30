"""How was this answer typed? Logs of keys, pastes and edits, replayed against the text that was handed in."""

from outcross.evidence.behaviour.events import Event, Kind, Log, hashed
from outcross.evidence.behaviour.formats import formats
from outcross.evidence.behaviour.logs import Logs
from outcross.evidence.behaviour.matching import copied
from outcross.evidence.behaviour.reading import read
from outcross.evidence.behaviour.replay import Replay, replay
from outcross.evidence.behaviour.rhythm import rhythm
from outcross.evidence.behaviour.transcription import (
    Rhythms,
    Transcription,
    best_single_feature,
    cross_validated,
    read_rhythms,
    transcribed,
)
from outcross.evidence.behaviour.verdict import Judged, Manner, counts, judge, save, table

__all__ = [
    "Event",
    "Judged",
    "Kind",
    "Log",
    "Logs",
    "Manner",
    "Replay",
    "Rhythms",
    "Transcription",
    "best_single_feature",
    "copied",
    "counts",
    "cross_validated",
    "formats",
    "hashed",
    "judge",
    "read",
    "read_rhythms",
    "replay",
    "rhythm",
    "save",
    "table",
    "transcribed",
]
