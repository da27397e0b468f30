"""The documentation is complete by enumeration.

Every part with every setting, every command with every option, and every name of the Python face has a place on a page,
and every page has a place in the menu.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from docs import hooks
from tests.house.source import ROOT, SHELVES, parts

PARTS = [(shelf, source.path.stem) for shelf in SHELVES for source in parts(shelf)]


@cache
def page(path: str) -> str:
    """A page that is written from the code."""
    return hooks.pages()[path]()


@pytest.mark.parametrize(("shelf", "name"), PARTS)
def test_every_part_has_its_section(shelf: str, name: str) -> None:
    text = page(f"parts/{shelf}.md")
    assert f"## `{name}`" in text
    assert re.search(rf"^::: outcross\.{shelf}\.{name}\.\w+$", text, re.MULTILINE)


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_setting_is_in_the_table_of_its_part(shelf: str) -> None:
    from outcross.core.part import SHELVES as KINDS
    from outcross.core.part import parts as parts_of
    from outcross.core.setting import settings_of

    kind = next(kind for kind, folder in KINDS.items() if folder == shelf)
    pieces = re.split(r"^## `(\w+)`.*$", page(f"parts/{shelf}.md"), flags=re.MULTILINE)[1:]
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    for name, part in parts_of(kind).items():
        rows = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
        assert rows == [setting.name for setting in settings_of(part)]


def command_line() -> list[tuple[str, Any]]:
    """The commands, by the words that call them."""
    from typer.main import get_command

    from outcross import cli

    return list(hooks.commands(get_command(cli.app)))


def test_every_command_has_a_file_and_a_section() -> None:
    named = {words.split()[0] for words, _ in command_line()}
    assert {"run", "attribute", "report", "list", "show"} <= named
    for words, _ in command_line():
        assert f"## `outcross {words}`" in page("reference/cli.md")


def test_every_option_is_explained() -> None:
    sections = re.split(r"^## ", page("reference/cli.md"), flags=re.MULTILINE)
    by_words = {section.split("`")[1]: section for section in sections[1:]}
    for words, command in command_line():
        for given in command.params:
            if getattr(given, "hidden", False):
                continue
            assert given.help, f"{words}: {given.name} is not explained"
            assert hooks.spelling(given) in by_words[f"outcross {words}"]


def test_every_command_answers_in_json() -> None:
    for words, command in command_line():
        assert "--json" in {option for given in command.params for option in given.opts}, words


def test_every_name_of_the_face_is_in_the_reference() -> None:
    import outcross

    for name in outcross.__all__:
        thing = getattr(outcross, name)
        if isinstance(thing, type) or callable(thing):
            assert re.search(rf"^::: outcross\.[\w.]+\.{thing.__name__}$", page("reference/python.md"), re.MULTILINE), (
                name
            )


def test_every_closed_form_has_its_source_on_the_page() -> None:
    import outcross

    found = hooks.functions(outcross.theory)
    assert found
    for function in found:
        assert f"::: {hooks.place(function)}" in page("reference/theory.md")


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = set(re.findall(r": ([\w/]+\.md)$", menu, re.MULTILINE))
    lying = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert listed == lying | hooks.pages().keys() | {"contributing.md", "changelog.md"}


def test_no_part_is_kept_by_hand() -> None:
    assert not [path for path in (ROOT / "docs").rglob("*.md") if path.parent.name in {"parts", "reference"}]
