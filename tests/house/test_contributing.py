"""How to add a policy is shown with one that is shipped, whole."""

from __future__ import annotations

import re

from tests.house.source import PACKAGE, ROOT


def test_the_policy_that_is_printed_is_the_one_that_is_shipped() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    marked = re.search(r"<!-- src/outcross/policies/replace\.py -->\n```python\n(.*?)```\n", text, re.DOTALL)
    assert marked, "CONTRIBUTING.md has no block marked as src/outcross/policies/replace.py"
    assert marked[1] == (PACKAGE / "policies" / "replace.py").read_text(encoding="utf-8")
