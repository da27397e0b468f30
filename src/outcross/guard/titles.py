"""What numbers are called before people: in the answer of a check-up, and on its page."""

from __future__ import annotations

NAMES = {
    "types": "different words",
    "tail_mass": "the tail of rare words",
    "survival": "words of the reference that occur",
    "unseen_mass": "words said only once",
    "copies": "copies",
}
"""What metrics are called in a sentence, where their name is no word."""
