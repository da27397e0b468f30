"""Numbers as people read them: four figures, thin spaces between thousands, as many decimals as the interval bears."""

from __future__ import annotations

import math
import re

from outcross.core.measure import Measure

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_THIN = "\u202f"
_BELOW = re.compile(r"(?<![^ (\[])-(?=\d)")
_COMMAS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,]*\d)")


def number(value: float | None, figures: int = 4) -> str:
    """Return a number for reading.

    Parameters
    ----------
    value
        The number; None and NaN are shown as a dash.
    figures
        Significant figures of what is not a whole number.

    Examples
    --------
    >>> [number(value) for value in (0.123456, -2.0, 0.0000123, float("inf"), None)]
    ['0.1235', '−2', '1.23×10⁻⁵', '∞', '—']
    """
    if value is None or math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and not 1e-4 <= size < 1e7:
        return _power(value, min(figures, 3))
    decimals = 0 if value == round(value) else max(0, figures - 1 - math.floor(math.log10(size)))
    return fixed(value, decimals, trim=True)


def fixed(value: float, decimals: int, trim: bool = False) -> str:
    """Return a number with so many decimals, thousands apart; ``trim`` drops zeros at the end.

    Examples
    --------
    >>> fixed(0.5, 3), fixed(0.5, 3, trim=True), fixed(-0.0001, 2)
    ('0.500', '0.5', '0.00')
    """
    text = f"{abs(value):,.{decimals}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    minus = "−" if value < 0 and text.strip("0.,") else ""
    return minus + (text.replace(",", _THIN) if abs(value) >= 10_000 else text.replace(",", ""))


def spaced(text: str) -> str:
    r"""Return a sentence whose numbers are written as those of a page are: thousands apart, with a minus, unbroken.

    Examples
    --------
    >>> spaced("4,100 of 12,000 records, in 3,5 files")
    '4100 of 12\u202f000 records, in 3,5 files'
    >>> spaced("-3 % [-4, 8]")
    '−3\xa0% [−4, 8]'
    """
    whole = _COMMAS.sub(lambda found: number(int(found[0].replace(",", ""))), text)
    return _BELOW.sub("−", whole.replace(" %", "\u00a0%"))


def estimate(measure: Measure) -> tuple[str, str]:
    """Return a mean and its interval, rounded to two figures of the interval's half-width.

    Returns
    -------
    (mean, interval)
        The interval is empty where there is none, and "all equal" where every replicate has the same value.

    Examples
    --------
    >>> estimate(Measure(0.81234, 0.80013, 0.82455, 10))
    ('0.812', '0.800 to 0.825')
    >>> estimate(Measure(3.0, n=1, reason="one replicate gives no interval"))
    ('3', '')
    """
    if measure.value is None or measure.low is None or measure.high is None:
        return number(measure.value), ""
    if not all(map(math.isfinite, (measure.value, measure.low, measure.high))):
        return number(measure.value), f"{number(measure.low)} to {number(measure.high)}"
    half = (measure.high - measure.low) / 2
    largest = max(abs(measure.low), abs(measure.high))
    if half <= 1e-9 * largest:  # what is left of rounding
        return number(measure.value), "all equal"
    if not 1e-4 <= largest < 1e7:
        return _power(measure.value, 3), f"{_power(measure.low, 3)} to {_power(measure.high, 3)}"
    decimals = min(6, max(0, 1 - math.floor(math.log10(half))))
    mean, low, high = (fixed(value, decimals) for value in (measure.value, measure.low, measure.high))
    return mean, f"{low} to {high}"


def _power(value: float, figures: int) -> str:
    if not value:
        return "0"
    mantissa, exponent = f"{value:.{figures - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    raised = str(int(exponent)).translate(_RAISED)
    times = f"{mantissa}×10{raised}" if mantissa not in ("1", "-1") else f"{mantissa[:-1]}10{raised}"
    return times.replace("-", "−")


def plural(count: int, one: str, many: str = "") -> str:
    r"""Return a count with its noun.

    Examples
    --------
    >>> plural(1, "replicate"), plural(12000, "replicate"), plural(2, "policy", "policies")
    ('1 replicate', '12\u202f000 replicates', '2 policies')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
