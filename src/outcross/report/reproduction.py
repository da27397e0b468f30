"""A published experiment done again, as one page: published beside ours, claim by claim, and links to the plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outcross.core.verdict import Answer
from outcross.core.version import VERSION
from outcross.report import palette
from outcross.report.templating import environment

if TYPE_CHECKING:
    from outcross.lab.reproduce.comparison import Comparison
    from outcross.lab.reproduce.reproduction import Reproduction

SHOWN = {Answer.YES: "agrees", Answer.NO: "differs", Answer.CANNOT_TELL: "cannot tell"}
"""What the page says of an answer."""

RELATIONS = {
    "equal": "our expectation should be the published value",
    "within": "our mean should lie in the published range",
    "order": "each reading should be larger than the one below it",
    "shape": "the course should go the published way at every step",
}
"""What the page says of a relation."""


def reproduction_page(found: Reproduction) -> str:
    """Return the page as text; it needs no network, and no script.

    Examples
    --------
    >>> from outcross.lab.reproduce.reproduction import reproduce
    >>> page = reproduction_page(reproduce("poisson-survival", engine="serial"))
    >>> page.startswith("<!doctype html>"), "rate-10/index.html" in page
    (True, True)
    """
    claims: dict[int, list[Comparison]] = {}
    for one in found.comparisons:
        claims.setdefault(id(one.claim), []).append(one)
    contents: dict[str, Any] = {
        "found": found,
        "experiment": found.experiment,
        "scale": found.scale,
        "claims": list(claims.values()),
        "plans": {name: history.plan for name, history in found.histories.items()},
        "missing": [name for name in found.scale.entries if name not in found.histories],
        "falling": RELATIONS | {"shape": "the course should fall at every step, as published"},
        "rising": RELATIONS | {"shape": "the course should rise at every step, as published"},
        "shown": SHOWN,
        "answers": {answer: sum(one.answer is answer for one in found.comparisons) for answer in Answer},
        "palette": palette,
        "version": VERSION,
    }
    return environment().get_template("reproduction.html").render(contents)
