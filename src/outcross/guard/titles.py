"""What numbers are called before people: in the answer of a check-up, and on its page."""

from __future__ import annotations

NAMES = {
    "types": "different words",
    "tail_mass": "the tail of rare words",
    "survival": "words that come again",
    "unseen_mass": "words not met yet",
    "copies": "copies",
}
"""What metrics are called in a sentence, where their name is no word."""
