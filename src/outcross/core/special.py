"""Special functions over arrays: the gamma family, the normal law, Student's t and the beta law, without SciPy.

Each takes a number and returns a float, or takes an array (or a list) and returns an array of float64. The normal law
and ``lgamma`` are the standard library's, so they are right to the last digits; the rest are expansions tested against
SciPy.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Protocol, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.errors import BadSetting

Array = NDArray[np.float64]

_NORMAL = NormalDist()
_LGAMMA = np.frompyfunc(math.lgamma, 1, 1)
_ERFC = np.frompyfunc(math.erfc, 1, 1)
_QUANTILE = np.frompyfunc(_NORMAL.inv_cdf, 1, 1)

_SHIFT = 10
"""From this argument on the asymptotic series below are exact to double precision."""
_DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
_STIRLING_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


class Elementwise(Protocol):
    """A function of one number, applied to each element of an array.

    Examples
    --------
    >>> function: Elementwise = digamma
    >>> function([1.0, 2.0]).shape
    (2,)
    """

    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: ArrayLike, /) -> Array: ...


def _elementwise(function: Callable[[Array], Array]) -> Elementwise:
    """Let a function of float64 arrays take numbers and lists, and return a float for a number."""

    @functools.wraps(function)
    def wrapped(x: ArrayLike) -> float | Array:
        values = np.asarray(x, dtype=np.float64)
        result = function(np.atleast_1d(values))
        return float(result[0]) if values.ndim == 0 else result

    return wrapped  # type: ignore[return-value]  # the two cases are the two overloads


@_elementwise
def lgamma(x: Array) -> Array:
    """Return the logarithm of the gamma function.

    Parameters
    ----------
    x
        Positive numbers, any shape.

    Raises
    ------
    BadSetting
        If a number is not positive.

    Examples
    --------
    >>> round(lgamma(5), 6) == round(math.log(24), 6)
    True
    """
    _refuse_unless(x > 0, "lgamma takes positive numbers", x)
    return np.asarray(_LGAMMA(x), dtype=np.float64)


def log_gamma_ratio(x: ArrayLike, a: ArrayLike) -> Array:
    """Return ``log(Gamma(x + a) / (Gamma(x) x**a))``, which tends to 0 for large `x`.

    The difference of two `lgamma` loses every digit of this small number once `x` is large; here none is lost:
    Stirling's series of both terms is subtracted term by term (after the recurrence has moved `x` above 10).

    Parameters
    ----------
    x
        Positive numbers, any shape.
    a
        Numbers with ``x + a > 0``, broadcast against `x`.

    Raises
    ------
    BadSetting
        If `x` or ``x + a`` is not positive.

    Examples
    --------
    >>> round(float(log_gamma_ratio(4.0, 1.0)), 12)  # Gamma(5) = 4 Gamma(4)
    0.0
    >>> f"{float(log_gamma_ratio(1e9, 0.5)):.3e}"  # close to a (a - 1) / (2 x)
    '-1.250e-10'
    """
    x, a = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(a, dtype=np.float64))
    _refuse_unless((x > 0) & (x + a > 0), "log_gamma_ratio takes positive x and x + a", x)
    steps = np.arange(_SHIFT).reshape((_SHIFT, *(1,) * x.ndim))
    recurrence = np.sum(np.log1p(-a / (x + steps + a)), axis=0)
    big = x + _SHIFT
    stirling = (big + a - 0.5) * np.log1p(a / big) - a + _stirling(big + a) - _stirling(big)
    return np.asarray(recurrence + stirling + a * np.log1p(_SHIFT / x))


def _stirling(x: Array) -> Array:
    """What Stirling's formula for log Gamma leaves out, for x >= 10."""
    return _series(_STIRLING_SERIES, 1 / (x * x)) / x


@_elementwise
def digamma(x: Array) -> Array:
    """Return the derivative of the logarithm of the gamma function.

    The recurrence moves the argument above 10, where the asymptotic series takes over (Abramowitz and Stegun, 6.3.5 and
    6.3.18).

    Parameters
    ----------
    x
        Positive numbers, any shape.

    Raises
    ------
    BadSetting
        If a number is not positive.

    Examples
    --------
    >>> round(digamma(1), 6)  # minus Euler's constant
    -0.577216
    """
    _refuse_unless(x > 0, "digamma takes positive numbers", x)
    steps = np.arange(_SHIFT).reshape((_SHIFT, *(1,) * x.ndim))
    big = x + _SHIFT
    square = 1 / (big * big)
    asymptotic = np.log(big) - 0.5 / big - square * _series(_DIGAMMA_SERIES, square)
    return asymptotic - np.sum(1 / (x + steps), axis=0)  # type: ignore[no-any-return]


def _series(coefficients: tuple[float, ...], x: Array) -> Array:
    """A polynomial, lowest power first."""
    total = np.zeros_like(x)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


@_elementwise
def normal_cdf(x: Array) -> Array:
    """Return the probability that a standard normal variable is at most `x`; accurate in both tails.

    Examples
    --------
    >>> normal_cdf(0)
    0.5
    >>> f"{normal_cdf(-10):.4e}"
    '7.6199e-24'
    """
    return 0.5 * np.asarray(_ERFC(x / -math.sqrt(2)), dtype=np.float64)


@_elementwise
def normal_quantile(p: Array) -> Array:
    """Return the number which a standard normal variable does not exceed with probability `p`.

    The standard library's algorithm (Wichura 1988, AS 241).

    Parameters
    ----------
    p
        Probabilities in [0, 1], any shape; 0 and 1 give minus and plus infinity.

    Raises
    ------
    BadSetting
        If a number is no probability.

    Examples
    --------
    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    _refuse_unless((p >= 0) & (p <= 1), "normal_quantile takes probabilities between 0 and 1", p)
    inside = (p > 0) & (p < 1)
    result = np.where(p > 0.5, np.inf, -np.inf)
    result[inside] = np.asarray(_QUANTILE(p[inside]), dtype=np.float64)
    return result


def _refuse_unless(good: NDArray[np.bool_], demand: str, given: Array) -> None:
    if not np.all(good):
        worst = np.extract(~np.asarray(good), given)[0]
        raise BadSetting(f"{demand}, not {worst:g}")


@overload
def student_quantile(p: float, df: float) -> float: ...
@overload
def student_quantile(p: ArrayLike, df: ArrayLike) -> Array: ...
def student_quantile(p: ArrayLike, df: ArrayLike) -> float | Array:
    """Return the number which Student's t with `df` degrees of freedom does not exceed with probability `p`.

    Exact formulas for one and two degrees of freedom; else Hill's expansion (1970, CACM algorithm 396), polished by
    Halley's method on the tail probability. Relative error below 1e-9 (tails above 1e-15).

    Parameters
    ----------
    p
        Probabilities in [0, 1]; 0 and 1 give minus and plus infinity.
    df
        Degrees of freedom, at least 1, whole or not; infinity gives the normal law. Broadcast against `p`.

    Raises
    ------
    BadSetting
        If `p` is no probability or `df` is below 1.

    Examples
    --------
    >>> round(student_quantile(0.975, 9), 6)
    2.262157
    >>> student_quantile(0.975, [1, 4, np.inf]).round(4).tolist()
    [12.7062, 2.7764, 1.96]
    """
    if np.ndim(p) == np.ndim(df) == 0:
        return _student_number(float(p), float(df))  # type: ignore[arg-type]  # both are numbers
    return _student_quantile(*np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(df, dtype=np.float64)))


@functools.lru_cache(maxsize=1024)
def _student_number(p: float, df: float) -> float:
    """One quantile; remembered, since intervals of one level over as many replicates ask for the same one again."""
    return float(_student_quantile(np.array([p]), np.array([df]))[0])


def _student_quantile(p: Array, df: Array) -> Array:
    _refuse_unless((p >= 0) & (p <= 1), "student_quantile takes probabilities between 0 and 1", p)
    _refuse_unless(df >= 1, "student_quantile takes at least 1 degree of freedom", df)
    tail = np.minimum(p, 1 - p)
    upper = np.where(tail > 0, 0.0, np.inf)
    cases: tuple[tuple[NDArray[np.bool_], Callable[[Array, Array], Array]], ...] = (
        (df == 1, lambda q, _: 1 / np.tan(np.pi * q)),
        (df == 2, lambda q, _: (1 - 2 * q) / np.sqrt(2 * q * (1 - q))),
        ((df != 1) & (df != 2) & (df < _NEARLY_NORMAL), _student_upper),
        (df >= _NEARLY_NORMAL, _hill),
    )
    for case, quantile in cases:
        chosen = case & (tail > 0) & (tail < 0.5)
        upper[chosen] = quantile(tail[chosen], df[chosen])
    return np.where(p < 0.5, -upper, upper)


_NEARLY_NORMAL = 300.0
"""From this many degrees of freedom on Hill's expansion needs no polish: its relative error is below 1e-11."""


def _student_upper(tail: Array, df: Array) -> Array:
    """The point that Student's t exceeds with probability `tail`, below one half."""
    point = _hill(tail, df)
    log_constant = log_gamma_ratio(df / 2, 0.5) - 0.5 * math.log(2 * math.pi)
    for _ in range(8):
        density = np.exp(log_constant - (df + 1) / 2 * np.log1p(point * point / df))
        error = (_student_tail(point, df) - tail) / density
        # Halley's step: the slope of the log density is -(df + 1) t / (df + t^2)
        step = error / (1 - error * (df + 1) * point / (2 * (df + point * point)))
        point = point + step
        if np.all(np.abs(step) < 1e-6 * point):  # the error is cubed with every step
            break
    return point


def _student_tail(t: Array, df: Array) -> Array:
    """The probability that Student's t exceeds t > 0: half a regularised incomplete beta function."""
    far, near = df / (df + t * t), t * t / (df + t * t)
    direct = far < (df / 2 + 1) / (df / 2 + 2.5)
    a, b = np.where(direct, df / 2, 0.5), np.where(direct, 0.5, df / 2)
    x, y = np.where(direct, far, near), np.where(direct, near, far)
    # B(df/2, 1/2) = sqrt(pi) Gamma(df/2) / Gamma(df/2 + 1/2)
    log_beta = 0.5 * np.log(2 * math.pi / df) - log_gamma_ratio(df / 2, 0.5)
    beta = np.exp(a * np.log(x) + b * np.log(y) - log_beta) / a / _beta_fraction(a, b, x)
    tail: Array = np.where(direct, 0.5 * beta, 0.5 - 0.5 * beta)
    return tail


def _beta_fraction(a: Array, b: Array, x: Array, terms: int = 50) -> Array:
    """The continued fraction of the incomplete beta function, from the back (Abramowitz and Stegun, 26.5.8)."""
    fraction = np.ones_like(x)
    for m in range(terms, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        fraction = 1 + odd / (1 + even / fraction)
    return fraction


def _hill(tail: Array, df: Array) -> Array:
    """Hill's expansion of the point that Student's t exceeds with probability `tail`, below one half."""
    finite = np.minimum(df, 1e15)
    two_sided = 2 * tail
    a = 1 / (finite - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * np.sqrt(a * np.pi / 2) * finite
    y = (d * two_sided) ** (2 / finite)
    x = normal_quantile(tail)
    centre = c + np.where(finite < 5, 0.3 * (finite - 4.5) * (x + 0.6), 0)
    centre = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + centre
    square = x * x
    normal = (((((0.4 * square + 6.3) * square + 36) * square + 94.5) / centre - square - 3) / b + 1) * x
    near = np.expm1(np.minimum(a * normal * normal, 700))
    series = 1 / (((finite + 6) / (finite * y) - 0.089 * d - 0.822) * (finite + 2) * 3) + 0.5 / (finite + 4)
    far = (series * y - 1) * (finite + 1) / (finite + 2) + 1 / y
    point: Array = np.sqrt(finite * np.where(y > 0.05 + a, near, far))
    return point


def _beta_arguments(name: str, what: str, x: ArrayLike, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array, Array]:
    """The arguments of a function of the beta law, broadcast together, or an error that says which is out of range."""
    parts = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (x, a, b))
    given, first, second = np.broadcast_arrays(*parts)
    _refuse_unless((given >= 0) & (given <= 1), f"{name} takes {what} between 0 and 1", given)
    for shape in (first, second):
        _refuse_unless((shape > 0) & np.isfinite(shape), f"{name} takes shapes above 0", shape)
    return given, first, second


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """Return the probability that a beta variable does not exceed `x`: the regularised incomplete beta function.

    The continued fraction of Abramowitz and Stegun (26.5.8), on the side of the mean where it converges fast. Relative
    error below 1e-9 for shapes up to a million.

    Parameters
    ----------
    x
        Numbers in [0, 1].
    a, b
        Shapes above 0. All are broadcast together.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Examples
    --------
    >>> beta_cdf([0.0, 0.5, 1.0], 2, 2).round(12).tolist()
    [0.0, 0.5, 1.0]
    """
    point, first, second = _beta_arguments("beta_cdf", "numbers", x, a, b)
    lower = point < (first + 1) / (first + second + 2)
    a_, b_ = np.where(lower, first, second), np.where(lower, second, first)
    near = np.clip(np.where(lower, point, 1 - point), np.finfo(np.float64).tiny, 1 - 2.0**-53)
    small, large = np.minimum(a_, b_), np.maximum(a_, b_)
    log_beta = np.asarray(lgamma(small)) - small * np.log(large) - log_gamma_ratio(large, small)
    log_front = a_ * np.log(near) + b_ * np.log1p(-near) - np.log(a_) - log_beta
    tail = np.exp(log_front) * _beta_fraction_forward(a_, b_, near)
    inside = np.where(lower, tail, 1 - tail)
    result: Array = np.where(point <= 0, 0.0, np.where(point >= 1, 1.0, np.clip(inside, 0, 1)))
    return result


def beta_quantile(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """Return the number which a beta variable does not exceed with probability `p`.

    Newton's method between bounds that close in. Exact intervals of proportions are made of it.

    Parameters
    ----------
    p
        Probabilities in [0, 1].
    a, b
        Shapes above 0. All are broadcast together.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Examples
    --------
    >>> beta_quantile(0.95, 1, 59).round(4).tolist()  # none of 59: below 5 % with 95 % confidence
    [0.0495]
    """
    wanted, first, second = _beta_arguments("beta_quantile", "probabilities", p, a, b)
    inner = np.where((wanted > 0) & (wanted < 1), wanted, 0.5)
    low, high = np.zeros(wanted.shape), np.ones(wanted.shape)
    at = first / (first + second)
    small, large = np.minimum(first, second), np.maximum(first, second)
    log_beta = np.asarray(lgamma(small)) - small * np.log(large) - log_gamma_ratio(large, small)
    for _ in range(100):
        error = beta_cdf(at, first, second) - inner
        low, high = np.where(error < 0, at, low), np.where(error < 0, high, at)
        with np.errstate(all="ignore"):
            density = np.exp((first - 1) * np.log(at) + (second - 1) * np.log1p(-at) - log_beta)
            step = at - error / density
        inside = (step > low) & (step < high)
        after = np.where(inside, step, (low + high) / 2)
        moved = np.abs(after - at)
        at = after
        if np.all(moved <= 1e-11 * at):
            break
    result: Array = np.where(wanted <= 0, 0.0, np.where(wanted >= 1, 1.0, at))
    return result


def _beta_fraction_forward(a: Array, b: Array, x: Array) -> Array:
    """The inverse of `_beta_fraction`, from the front by Lentz's method, until another term changes nothing."""
    c, d = np.ones_like(x), 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / (1 + even * d), 1 + even / c
        value = value * (c * d)
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / (1 + odd * d), 1 + odd / c
        value = value * (c * d)
        if np.all(np.abs(c * d - 1) < 1e-15):
            break
    return value
