"""Declared marks of machine origin in raw text, found before anything cleans it: what a user calls ``oc.marks``."""

from outcross.evidence.marks.finding import find_marks, strip_marks
from outcross.evidence.marks.kind import Kind, kinds
from outcross.evidence.marks.mark import Mark
from outcross.evidence.marks.places import Place, marks_in, texts_in
from outcross.evidence.marks.survey import Marks, survey

__all__ = [
    "Kind",
    "Mark",
    "Marks",
    "Place",
    "find_marks",
    "kinds",
    "marks_in",
    "strip_marks",
    "survey",
    "texts_in",
]
