"""Names under which language models and what is made with them are known: what a sentence or a payload may name."""

from __future__ import annotations

import re

from outcross.core.provenance import Origin
from outcross.evidence.marks.source_types import origin_of, uri

NAMES = (
    r"(?:chat\s?gpt|gpt(?:[- ]?(?:\d[\w.]*|neo|j))?\b|openai|claude|gemini|llama[- ]?\d|mistral|mixtral|deepseek"
    r"|qwen|grok|copilot|palm[- ]?2|gemma)"
)
"""A regular expression of names of models and of their makers; to be used without regard to case."""

_MODEL = re.compile(rf"\b(?:{NAMES}|ai|a\.i\.|llm|genai|aigc|machine[- ]generated|synthetic)\b", re.IGNORECASE)


def names_model(words: str) -> bool:
    """Return whether some words name a language model, by the name of one or as such.

    Examples
    --------
    >>> names_model("written with ChatGPT"), names_model("WordPress 6.5"), names_model("said in aid of")
    (True, False, False)
    """
    return _MODEL.search(words) is not None


def origin_of_payload(payload: str) -> Origin | None:
    """Return who wrote a text according to a hidden payload; None where it does not say.

    Examples
    --------
    >>> print(origin_of_payload("model=gpt-4"), origin_of_payload("user 1234"))
    synthetic None
    """
    if uri(payload) is not None:
        return origin_of([payload])
    return Origin.SYNTHETIC if names_model(payload) else None
