"""One colour and one shape a policy, the same in every chart, so that no reading depends on colour alone."""

from __future__ import annotations

LIGHT = ("#c1450f", "#0b58c5", "#0b855b", "#884098", "#704c1f", "#4c5367", "#093996", "#bd237e")
"""On white: a contrast of 4.5 or more, and told apart with any of the three kinds of colour blindness."""

DARK = ("#ff8f57", "#72a1f5", "#39cf96", "#f8bffb", "#e2b538", "#b4bcc8", "#49b9ee", "#ff89b3")
"""The same on near-black."""

SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "triangle-down",
    "cross",
    "M0-1 .95-.31 .59.81H-.59L-.95-.31Z",
    "M-1-.6-.6-1 0-.4 .6-1 1-.6 .4 0 1 .6 .6 1 0 .4-.6 1-1 .6-.4 0Z",
)
"""Marks, in the words of Vega; the page draws the same ones."""


def colour(place: int, dark: bool = False) -> str:
    """Return the colour of the policy at a place; after the last one they begin again.

    Examples
    --------
    >>> colour(0), colour(8) == colour(0)
    ('#c1450f', True)
    """
    palette = DARK if dark else LIGHT
    return palette[place % len(palette)]


def shape(place: int) -> str:
    """Return the shape of the policy at a place.

    Examples
    --------
    >>> shape(1)
    'square'
    """
    return SHAPES[place % len(SHAPES)]
