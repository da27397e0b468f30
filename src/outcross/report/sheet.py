"""The sheet: the look that all pages of the guard share, to be read on a phone, on paper, in the dark, without scripts.

A page extends ``sheet.html`` and takes what it shows from ``sheet_macros.html``, where every macro is described.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.core.version import VERSION
from outcross.report import palette
from outcross.report.fans import fans
from outcross.report.gauges import exactly, gauge, parts_of, percent, said
from outcross.report.numerals import number, spaced
from outcross.report.templating import environment, write
from outcross.report.writing import legible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

MOST = 600
"""Characters of an example that are shown."""

_TURNS = re.compile("[\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
"""Characters that turn the direction of what follows, or that nobody sees."""

_LINES = re.compile("↵{4,}")
_FIGURE = re.compile(r"[<>−+]?[\d.,\u202f]+ ?%?")

_TYPED = re.compile(r"`[^`]+`|(?<![\w-])--[a-z][\w-]*(?:[ =][A-Z][A-Z_.]+\b)?")
"""What somebody would type: an option with the name of its value, or what stands between backticks."""


@final
@dataclass(frozen=True)
class Table:
    """Rows of names and numbers; a cell is a text, a number, or a `Measure`, which is shown with its interval.

    Parameters
    ----------
    head
        Names of the columns; the first column names the row.
    rows
        The cells.
    caption
        What the table shows.

    Raises
    ------
    BadSetting
        If a row is shorter or longer than the head.

    Examples
    --------
    >>> Table(("file", "records"), (("cats.jsonl", 10),)).figures
    (False, True)
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""

    def __post_init__(self) -> None:
        wrong = next((row for row in self.rows if len(row) != len(self.head)), None)
        if wrong is not None:
            raise BadSetting(f"a row of {len(wrong)} cells does not go under a head of {len(self.head)}: {wrong}")

    @property
    def figures(self) -> tuple[bool, ...]:
        """Which columns hold numbers and nothing else; they are set flush right."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.head)
        return tuple(bool(one) and all(map(_is_figure, one)) for one in columns)


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float | Measure) or bool(isinstance(value, str) and _FIGURE.fullmatch(value))


def render_sheet(template: str, contents: Mapping[str, Any]) -> str:
    """Return a page of the guard: a template that extends ``sheet.html``, with its contents.

    Examples
    --------
    See `outcross.report.check.check_page`.
    """
    return sheets().get_template(template).render(contents)


def write_sheet(template: str, contents: Mapping[str, Any], path: Path) -> Path:
    """Write a page of the guard to a file that ends in ``.html``, or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.report.check.write_check`.
    """
    return write(render_sheet(template, contents), path)


@cache
def sheets() -> Environment:
    """Return the templates of pages, with what the macros of the sheet are made of.

    Examples
    --------
    >>> sheets().from_string("{{ 0.342|percent }}").render()
    '34 %'
    """
    templates = environment()
    templates.filters |= {
        "percent": percent,
        "shown": shown,
        "beyond": beyond,
        "cell": cell,
        "options": options,
        "typed": typed,
        "named": named,
        "sentence": sentence,
        "exactly": exactly,
        "spaced": spaced,
    }
    templates.globals |= {
        "gauge": gauge,
        "fans": fans,
        "parts_of": parts_of,
        "said": said,
        "Table": Table,
        "palette": palette,
        "version": VERSION,
    }
    return templates


def shown(text: str, most: int = MOST) -> str:
    r"""Return the beginning of a text as a page can show it: what nobody sees, or what would turn the line, is named.

    Examples
    --------
    >>> shown("left\u202ethgir"), shown("a" * 9, most=3), shown("a" + "\n" * 60 + "b")
    ('left⟨U+202E⟩thgir', 'aaa…', 'a\n\n↵ ×58 b')
    """
    whole = _TURNS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", legible(text[:most]))
    return _LINES.sub(lambda found: f"↵ ×{len(found[0])} ", whole) + ("…" if len(text) > most else "")


def typed(text: str, most: int = MOST) -> Markup:
    """Return a text for a page, as `shown`, in which options and what is between backticks are set as code.

    Examples
    --------
    >>> print(typed("give <texts>: --human FILE"))
    give &lt;texts&gt;: <code class="option">--human FILE</code>
    """
    from markupsafe import Markup, escape

    found, end, whole = Markup(), 0, spaced(shown(text, most))
    for match in _TYPED.finditer(whole):
        code = match[0].strip("`")
        found += escape(whole[end : match.start()]) + Markup('<code class="option">{}</code>').format(code)
        end = match.end()
    return found + escape(whole[end:])


def named(metric: str) -> str:
    """Return the name of a reading as words.

    Examples
    --------
    >>> named("tail_mass"), named("group_share@blue")
    ('tail mass', 'group share: blue')
    """
    name, _, which = metric.partition("@")
    return name.replace("_", " ") + (f": {which}" if which else "")


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end.

    Examples
    --------
    >>> sentence("length alone tells"), sentence("It does.")
    ('Length alone tells.', 'It does.')
    """
    whole = text.strip()
    return whole[:1].upper() + whole[1:] + ("" if whole.endswith((".", "?", "!", "…")) else ".")


def beyond(text: str, most: int = MOST) -> str:
    """Return how much of a text is not shown, in words.

    Examples
    --------
    >>> beyond("a" * 610), beyond("a")
    ('and 10 more characters', '')
    """
    rest = len(text) - most
    return f"and {number(rest)} more {'character' if rest == 1 else 'characters'}" if rest > 0 else ""


def cell(value: Any) -> tuple[str, str]:
    """Return what a cell of a table says, and the interval that stands with it; what is markup already stays so.

    Examples
    --------
    >>> cell(12), cell(Measure(0.81234, 0.80013, 0.82455)), cell(None)
    (('12', ''), ('0.812', '0.800 to 0.825'), ('—', ''))
    """
    from markupsafe import Markup

    if isinstance(value, Measure):
        return said(value, "number")
    if value is None or isinstance(value, float):
        return number(value), ""
    if isinstance(value, int) and not isinstance(value, bool):
        return exactly(value), ""
    return value if isinstance(value, Markup) else shown(str(value)), ""


def options(command: str) -> Sequence[str]:
    """Return a command cut before its options, so that a line breaks between them and not inside.

    Examples
    --------
    >>> options("outcross mix a.jsonl --budget 1M")
    ('outcross mix a.jsonl', '--budget 1M')
    """
    return tuple(re.split(r"[ \n\\]+(?=--)", command.strip()))
