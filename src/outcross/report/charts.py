"""The same charts for papers and slides: Vega-Altair specifications, and SVG or PNG files of them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from outcross.core.errors import BadSetting, MissingLibrary, nearest
from outcross.lab.files import write_atomically
from outcross.report.about import about
from outcross.report.histograms import histograms
from outcross.report.palette import colour, shape
from outcross.report.panels import Panel, panels, thinned
from outcross.report.scale import Scale

if TYPE_CHECKING:
    import altair as alt

    from outcross.lab.history import History

    Chart = alt.LayerChart | alt.FacetChart

FORMATS = ("svg", "png", "pdf", "json")
_INK, _SOFT, _GRID, _HUMAN = "#1b1e23", "#5b616b", "#eceae4", "#8c8f96"


def chart(history: History, metric: str) -> Chart:
    """Return the chart of one metric, with intervals and, dashed, theory where there is any.

    Parameters
    ----------
    history
        What is shown.
    metric
        Words of a metric (all its readings in one chart), or the name of one reading (``perplexity_tails@low``).

    Raises
    ------
    BadSetting
        If it was not measured; the nearest name is offered.
    MissingLibrary
        If Altair is not installed.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(2, 5, engine="serial")
    >>> type(chart(history, "variance")).__name__
    'LayerChart'
    """
    _require_altair()
    found = {panel.metric: panel for panel in panels(history)}
    if metric in found:
        return _chart(found[metric], history.policies)
    for panel in found.values():
        series = tuple(one for one in panel.series if one.metric == metric)
        if series:
            return _chart(Panel(metric, series), history.policies)
    raise BadSetting(f"this history has no metric '{metric}'{nearest(metric, (*found, *history.metrics))}")


def save_charts(history: History, folder: str | Path, formats: Sequence[str] = ("svg", "png")) -> list[Path]:
    """Write every chart of a history into a folder, one file a metric and format.

    Parameters
    ----------
    history
        What is shown.
    folder
        Made where it is not there.
    formats
        ``svg``, ``png`` (two pixels a point), ``pdf`` or ``json`` (the Vega-Lite specification).

    Raises
    ------
    BadSetting
        If there is no such format.
    OutputRefused
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(2, 5, engine="serial")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in save_charts(history, folder, formats=["json"])]
    ['variance.json']
    """
    _require_altair()
    for wanted in formats:
        if wanted not in FORMATS:
            raise BadSetting(f"a chart cannot be saved as '{wanted}'{nearest(wanted, FORMATS)}")
    files, taken = [], set[str]()
    for panel in panels(history):
        drawn = _chart(panel, history.policies)
        name = _file_name(panel.metric, taken)
        files += [write_atomically(Path(folder) / f"{name}.{wanted}", _bytes(drawn, wanted)) for wanted in formats]
    return files


def _require_altair() -> None:
    try:
        import altair  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError:
        raise MissingLibrary("charts as files need Altair and vl-convert; pip install 'outcross[charts]'") from None


def _chart(panel: Panel, policies: Sequence[str]) -> Chart:
    drawn = _histograms(panel, policies) if panel.is_histogram else _curves(panel, policies)
    return _styled(drawn, panel)


def _curves(panel: Panel, policies: Sequence[str]) -> Chart:
    import altair as alt

    scale = panel.scale
    unit = about("metric", panel.metric.rpartition("@")[0] or panel.metric).unit
    x = alt.X(
        "generation:Q",
        title="generation",
        axis=alt.Axis(tickMinStep=1, grid=False, labelFlush=False),
        scale=alt.Scale(domain=[0, max(1, panel.generations)], nice=False),
    )
    up: dict[str, Any] = {
        "title": unit or None,
        "axis": alt.Axis(values=[value for value, _ in scale.ticks()]),
        "scale": alt.Scale(type="log" if scale.log else "linear", domain=[scale.low, scale.high], nice=False),
    }
    colours = alt.Color(
        "policy:N",
        title=None,
        scale=alt.Scale(domain=list(policies), range=[colour(place) for place in range(len(policies))]),
    )
    shapes = alt.Shape(
        "policy:N",
        title=None,
        scale=alt.Scale(domain=list(policies), range=[shape(place) for place in range(len(policies))]),
    )
    shown = ["policy:N", "generation:Q", "mean:Q", "low:Q", "high:Q", "theory:Q"]
    base = alt.Chart().encode(x=x, color=colours)
    layers = alt.layer(
        base.mark_area(opacity=0.16, clip=True).encode(y=alt.Y("low:Q", **up), y2="high:Q"),
        base.mark_line(strokeDash=[5, 4], strokeWidth=1.5, clip=True).encode(y=alt.Y("theory:Q", **up)),
        base.mark_line(strokeWidth=2, clip=True).encode(y=alt.Y("mean:Q", **up)),
        base.transform_filter("datum.marked")
        .mark_point(filled=True, size=46, opacity=1)
        .encode(y=alt.Y("mean:Q", **up), shape=shapes, tooltip=shown),
        data=alt.InlineData(values=_rows(panel, policies, scale)),
    ).properties(width=460, height=270)
    if len(panel.labels) == 1:
        return layers
    return layers.properties(width=320).facet(alt.Facet("label:N", title=None, sort=list(panel.labels)), columns=3)


def _rows(panel: Panel, policies: Sequence[str], scale: Scale) -> list[dict[str, Any]]:
    """The points of the curves; what has no place on the axis is left open."""
    shown = thinned(panel.generations)
    every = max(1, round(len(shown) / 10))
    rows = []
    for one in panel.series:
        turn = list(policies).index(one.policy)
        for place, generation in enumerate(shown[shown <= one.generations].tolist()):
            low, high = (np.clip(edge[generation], scale.low, scale.high) for edge in (one.low, one.high))
            expected = one.theory.values if one.theory is not None else np.empty(0)
            rows.append(
                {
                    "policy": one.policy,
                    "label": one.label,
                    "generation": generation,
                    "mean": _open(one.mean[generation]),
                    "low": _open(low),
                    "high": _open(high),
                    "theory": _open(expected[generation]) if generation < len(expected) else None,
                    "marked": (place - turn * every // 3) % every == 0,
                }
            )
    return rows


def _open(value: float) -> float | None:
    """A number for JSON, which has neither NaN nor infinity."""
    return float(value) if np.isfinite(value) else None


def _histograms(panel: Panel, policies: Sequence[str]) -> Chart:
    import altair as alt

    found = histograms(panel)
    rows = [
        {
            "policy": policy,
            "generation": generation,
            "bin": middle,
            "human": _open(table[0, bin]),
            "share": _open(table[row, bin]) if generation else None,
        }
        for policy, table in found.shares.items()
        for row, generation in enumerate(found.generations)
        for bin, middle in enumerate(found.middles.tolist())
    ]
    x = alt.X(
        "bin:Q",
        title="bin",
        axis=alt.Axis(grid=False, tickCount=5),
        scale=alt.Scale(domain=[found.axis.low, found.axis.high], nice=False),
    )
    colours = alt.Color(
        "policy:N",
        legend=None,
        scale=alt.Scale(domain=list(policies), range=[colour(place) for place in range(len(policies))]),
    )
    drawn = alt.layer(
        alt.Chart().mark_area(interpolate="step", color=_HUMAN, opacity=0.35).encode(x=x, y=alt.Y("human:Q")),
        alt.Chart()
        .mark_area(interpolate="step", opacity=0.4, line={"strokeWidth": 1.2})
        .encode(
            x=x, y=alt.Y("share:Q", title=None, axis=alt.Axis(labels=False, grid=False, ticks=False)), color=colours
        ),
        data=alt.InlineData(values=rows),
    ).properties(width=240, height=56)
    return drawn.facet(
        row=alt.Row("generation:O", title="generation", header=alt.Header(labelAngle=0, labelAlign="left")),
        column=alt.Column("policy:N", title=None, sort=list(policies)),
        spacing={"row": 8, "column": 18},
    )


def _styled(drawn: Chart, panel: Panel) -> Chart:
    """Title, fonts and colours."""
    import altair as alt

    said = about("metric", panel.metric.rpartition("@")[0] or panel.metric)
    bands = any(not np.isnan(one.low).all() for one in panel.series)
    if panel.is_histogram:
        what = [f"{said.unit}; grey: human" if said.unit else "grey: human"]
    else:
        what = [
            *(["bands: 95 % intervals"] if bands else []),
            *(["dashed: expected by theory"] if panel.has_theory else []),
        ]
    title = alt.TitleParams(
        wrap(said.line or panel.metric, 56 if len(panel.labels) == 1 else 90),
        anchor="start",
        offset=14,
        fontSize=15,
        fontWeight=600,
        color=_INK,
        subtitle="; ".join([panel.metric, *what]),
        subtitleFontSize=12,
        subtitleColor=_SOFT,
    )
    styled: Chart = (
        drawn.properties(title=title, background="white", padding=16)
        .configure(font="system-ui, Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=_GRID,
            domain=False,
            ticks=False,
            labelColor=_SOFT,
            titleColor=_SOFT,
            labelPadding=7,
            titleFontWeight=400,
            titlePadding=9,
            labelFontSize=11,
            titleFontSize=12,
        )
        .configure_legend(orient="top", labelFontSize=12, labelColor=_INK, symbolSize=70, symbolOpacity=1, offset=8)
        .configure_header(labelFontSize=12, labelColor=_INK, titleColor=_SOFT, titleFontWeight=400)
    )
    return styled


def _file_name(metric: str, taken: set[str]) -> str:
    """A name that any file system takes: ``distinct(n=3)`` becomes ``distinct-n-3``."""
    plain = re.sub(r"[^A-Za-z0-9_.]+", "-", metric).strip("-.") or "metric"
    name = next(name for name in (plain, *(f"{plain}-{i}" for i in range(2, 1000))) if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _bytes(drawn: Chart, wanted: str) -> bytes:
    if wanted == "json":
        return str(drawn.to_json()).encode()
    if wanted == "svg":
        text = io.StringIO()
        drawn.save(text, format="svg")
        return text.getvalue().encode()
    buffer = io.BytesIO()
    drawn.save(buffer, format=wanted, **({"scale_factor": 2} if wanted == "png" else {}))  # type: ignore[arg-type]
    return buffer.getvalue()
