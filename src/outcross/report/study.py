"""A crowd-work study as one self-contained page: shares, behaviour beside text, what may be concluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from outcross.core.measure import Measure
from outcross.core.version import VERSION
from outcross.report import palette
from outcross.report.templating import environment, write

if TYPE_CHECKING:
    from outcross.evidence.study import Study


@final
@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart of shares: an interval and a point on a scale from 0 to 1, in per cent of its width.

    Examples
    --------
    >>> Bar.of("typed", Measure(0.25, 0.2, 0.4)).said
    '25 % [20, 40]'
    """

    name: str
    said: str
    point: float | None
    left: float
    width: float
    note: str

    @classmethod
    def of(cls, name: str, measure: Measure, note: str = "") -> Bar:
        """Return the line of a share; without an interval where there is none."""
        low, high = measure.low, measure.high
        known = low is not None and high is not None
        left, width = (100 * low, 100 * (high - low)) if low is not None and high is not None else (0.0, 0.0)
        if measure.value is None:
            return cls(name, "cannot tell", None, left, width, note or measure.reason)
        said = f"{100 * measure.value:.0f} %" + (f" [{left:.0f}, {left + width:.0f}]" if known else "")
        return cls(name, said, 100 * measure.value, left, width, note)


def write_study(study: Study, path: Path) -> Path:
    """Write the page, to a file that ends in ``.html`` or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.evidence.study.study`.
    """
    return write(study_page(study), path)


def study_page(study: Study) -> str:
    """Return the page as text.

    Examples
    --------
    See `outcross.evidence.study.study`.
    """
    return environment().get_template("study.html").render(_contents(study))


def _contents(study: Study) -> dict[str, Any]:
    return {
        "study": study,
        "sentences": list(sentences(study)),
        "bars": _bars(study),
        "methods": [Bar.of(name, one) for name, one in study.by_text.by_method.items()],
        "extracts": [Bar.of(said, one, f"{one.n} answers") for said, one in study.extracts().items()],
        "groups": [Bar.of(name, one, f"{one.n} texts") for name, one in study.errors.items()],
        "published": study.published,
        "said": study.said,
        "level": f"{study.level:.0%}".replace("%", " %"),
        "palette": palette,
        "version": VERSION,
    }


def _bars(study: Study) -> list[Bar]:
    return [
        Bar.of("by the text alone", study.by_text, study.by_text.method),
        Bar.of("by text and behaviour", study.by_both, "the text is asked where behaviour leaves it open"),
        Bar.of(
            "at most, by behaviour as labels", study.by_labels, "pasted from elsewhere; the text where no log tells"
        ),
        Bar.of("at most, by behaviour alone", study.ceiling, "pasted from elsewhere, or undetermined"),
    ]


def sentences(study: Study) -> Iterator[str]:
    """Yield what was found, in a few sentences; a shortcut that explains the classifier comes first.

    Examples
    --------
    See `outcross.evidence.study.study`.
    """
    if study.detector.audit.explaining:
        yield f"{study.detector.audit.headline}."
    number = len(study.answers)
    best = study.by_both if study.by_both.value is not None else study.by_text
    how = "their text and how they were typed" if best is study.by_both else "their text alone"
    if best.value is None:
        yield f"What share of the {number} answers is synthetic cannot be told from {how}: {best.reason}."
    else:
        yield f"Of {number} answers, {Bar.of('', best).said} are synthetic, judged by {how}."
    yield (
        f"Behaviour allows for {Bar.of('', study.ceiling).said} at most: so many were pasted from elsewhere or left "
        "no log that tells."
    )
    typed = study.flagged
    if typed.n:
        yield f"Of {typed.n} typed answers, {round((typed.value or 0) * typed.n)} are called synthetic by their text."
