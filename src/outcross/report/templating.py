"""Templates of pages: what they are given beside their contents, and how data go into a script safely."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcross.lab.files import write_atomically
from outcross.report.numerals import estimate, number, plural
from outcross.report.sources import linked

if TYPE_CHECKING:
    from jinja2 import Environment


def script_data(data: Any) -> Any:
    r"""Return JSON that can stand inside a script element: nothing in it can end the element.

    Examples
    --------
    >>> print(script_data({"a": "</script>"}))
    {"a":"\u003c/script\u003e"}
    """
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def render(template: str, contents: Mapping[str, Any]) -> str:
    """Return a page that may run its own script and no other: the page states the script's digest.

    Examples
    --------
    See `outcross.report.page.page`.
    """
    from markupsafe import Markup

    templates = environment()
    script = templates.get_template("page.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return templates.get_template(template).render(contents, script=Markup(script), script_hash=f"sha256-{digest}")


def write(text: str, path: Path) -> Path:
    """Write a page to a file that ends in ``.html``, or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.report.page.write_page`.
    """
    file = path if path.suffix.lower() in (".html", ".htm") else path / "index.html"
    return write_atomically(file, text.encode("utf-8", "replace"))


def environment() -> Environment:
    """Return the templates of pages, which refuse a name that they are not given.

    Examples
    --------
    >>> environment().from_string("{{ 1234.5|number }}").render()
    '1234'
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("outcross.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "plural": plural,
        "estimate": estimate,
        "linked": linked,
        "lowered": _lowered,
    }
    return environment


def _lowered(text: str) -> str:
    """A title inside a sentence: its first letter small, unless it is a name or an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
