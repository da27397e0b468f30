"""The XML is well formed whatever the names are, and says of every gate what the gate says."""

from __future__ import annotations

from xml.etree import ElementTree

from outcross.core.measure import Measure
from outcross.guard.watch.change import Change
from outcross.guard.watch.gate import gates
from outcross.guard.watch.junit import junit
from outcross.guard.watch.thresholds import Thresholds

KNOWN = Measure(10.0, 9.0, 11.0)
STRANGE = 'group_share@<a> & "b" ]]> \x00\x1b\ud800 é 語'


def test_one_test_case_a_gate() -> None:
    changes = [
        Change("types", KNOWN, KNOWN, Measure(0.5, 0.4, 0.6)),
        Change("length", KNOWN, KNOWN, Measure(1.0, 0.99, 1.01)),
        Change("copies", KNOWN, KNOWN, Measure.missing("no copies <seen>")),
        Change(STRANGE, KNOWN, KNOWN, Measure(0.85, 0.8, 0.89)),
    ]
    asked = Thresholds.parse(
        "[types]\nfail=0.1\n[length]\nfail=0.1\n[copies]\nwarn=0.1\nfail=0.1\n[group_share]\nwarn=0.1\nfail=0.2"
    )
    held = gates(changes, asked)
    root = ElementTree.fromstring(junit("may → june\x07", held, 1.5).encode())
    cases = list(root.iter("testcase"))
    assert len(cases) == len(held) == 6
    elements = [[child.tag for child in case] for case in cases]
    assert elements == [["failure"], ["system-out"], ["skipped"], ["error"], ["system-out"], ["system-out"]]
    for node in (root, root[0]):
        assert {key: node.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
            "tests": "6",
            "failures": "1",
            "errors": "1",
            "skipped": "1",
            "time": "1.500",
        }
    assert cases[2][0].get("message") == "no copies <seen>"
    assert '<a> & "b" ]]>' in (cases[4].get("name") or "")
    assert len({case.get("name") for case in cases}) == 6
    assert "WARN" in (cases[4][0].text or "")
