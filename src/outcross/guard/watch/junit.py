"""What was watched as JUnit XML, which every CI system shows: one test case a gate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from outcross.guard.watch.gate import Gate

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (its production 2): most control characters, and half of a surrogate pair."""


def junit(name: str, gates: Sequence[Gate], seconds: float = 0.0) -> str:
    """Return the XML: a gate that failed is a failure, what could not be told and decides an error, else skipped.

    Parameters
    ----------
    name
        What was compared with what; the class of every test case.
    gates
        The gates.
    seconds
        How long it took.

    Notes
    -----
    Elements and attributes are those that Jenkins' JUnit plugin reads
    (https://github.com/testmoapp/junitxml describes them); a warning is a passed test case that says something.

    Examples
    --------
    >>> from outcross.guard.watch.thresholds import Threshold
    >>> gate = Gate.untold(Threshold("types", "fail", "loss", 0.1), "no words")
    >>> print(junit("may, june", [gate]))  # doctest: +ELLIPSIS
    <?xml version='1.0' encoding='utf-8'?>
    <testsuites tests="1" failures="0" errors="1" skipped="0" time="0.000">...
    """
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    kinds = [_kind(gate) for gate in gates]
    counts = {
        "tests": str(len(kinds)),
        **{
            f"{kind}s" if kind != "skipped" else kind: str(kinds.count(kind))
            for kind in ("failure", "error", "skipped")
        },
        "time": f"{seconds:.3f}",
    }
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {"name": "outcross watch", **counts})
    for gate, kind in zip(gates, kinds, strict=True):
        _case(suite, _clean(name), gate, kind)
    indent(suites)
    written: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return written.decode("utf-8") + "\n"


def _case(suite: Element, name: str, gate: Gate, kind: str) -> None:
    from xml.etree.ElementTree import SubElement

    case = SubElement(suite, "testcase", {"classname": name, "name": _clean(gate.name), "time": "0"})
    if kind:
        SubElement(case, kind, {"message": _clean(gate.sentence)})
    else:
        SubElement(case, "system-out").text = _clean(str(gate))


def _kind(gate: Gate) -> str:
    """The element that says it; none for a test case that passed."""
    if gate.answer == "could not tell":
        return "error" if gate.decides else "skipped"
    return "failure" if gate.answer == "fail" else ""


def _clean(text: str) -> str:
    return _NO_XML.sub("�", text)
