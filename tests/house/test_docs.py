"""The documentation is complete by enumeration, and true where it can be tried.

Every part with every setting, every command with every option, and every name of the Python face has a place on a page,
and every page has a place in the menu. The Python that pages show is run, the commands that they show are parsed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs import hooks
from tests.house.source import ROOT, SHELVES, parts

BY_HAND = sorted((ROOT / "docs").rglob("*.md"))
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


@pytest.mark.parametrize("shelf", SHELVES)
def test_what_is_said_of_a_part_is_a_value(shelf: str) -> None:
    assert " object at 0x" not in page(f"parts/{shelf}.md")


def command_line() -> list[tuple[str, Any]]:
    """The commands, by the words that call them."""
    from typer.main import get_command

    from outcross import cli

    return list(hooks.commands(get_command(cli.app)))


def test_every_command_has_a_file_and_a_section() -> None:
    named = {words.split()[0] for words, _ in command_line()}
    assert {"run", "attribute", "report", "compare", "reproduce", "list", "show"} <= named
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


def test_every_name_of_a_namespace_is_in_the_reference() -> None:
    import outcross

    for space in (outcross.behaviour, outcross.detect, outcross.marks, outcross.recorder):
        for name in space.__all__:
            assert re.search(rf"^::: outcross\.[\w.]+\.{name}$", page("reference/python.md"), re.MULTILINE), name


def test_every_closed_form_has_its_source_on_the_page() -> None:
    import outcross

    found = hooks.functions(outcross.theory)
    assert found
    for function in found:
        assert f"::: {hooks.place(function)}" in page("reference/theory.md")


def test_private_functions_are_not_on_the_page() -> None:
    assert not re.search(r"^::: .*\._", page("reference/theory.md"), re.MULTILINE)


def test_functions_in_a_wrapper_are_found() -> None:
    import outcross
    from outcross.core import part

    assert not hasattr(outcross.parts, "__code__"), "this test needs a name of the face that is wrapped"
    assert outcross.parts in hooks.functions(part)


def test_every_definition_is_explained() -> None:
    from outcross.core.part import parts as parts_of

    text = hooks.filled((ROOT / "docs" / "collapse.md").read_text(encoding="utf-8"))
    for name, part in parts_of("verdict").items():
        section = text.partition(f"### {part.title}\n")[2].partition("\n#")[0]
        assert part.definition in section
        assert part.source in section
        assert f"parts/verdicts.md#{name}" in section
        assert len(hooks.how(part)) > 100, f"the docstring of {name} does not say how it is judged"


def test_every_formula_is_shown_with_its_function() -> None:
    import outcross

    text = hooks.filled((ROOT / "docs" / "theory.md").read_text(encoding="utf-8"))
    for function in hooks.functions(outcross.theory):
        if hooks.notes(function):
            assert f"(reference/theory.md#{hooks.place(function)})" in text
            assert hooks.notes(function).replace("|", "\\|") in text


def test_every_metric_says_what_it_looks_at() -> None:
    from outcross.core.part import parts as parts_of

    text = hooks.filled((ROOT / "docs" / "concepts.md").read_text(encoding="utf-8"))
    for name, part in parts_of("metric").items():
        section = text.partition(f"### {part.view.capitalize()}\n")[2].partition("\n#")[0]
        assert f"[`{name}`](parts/metrics.md#{name})" in section


def test_every_policy_says_which_path_it_takes() -> None:
    from outcross.core.part import parts as parts_of

    rows = hooks.paths_table().splitlines()[2:]
    assert [re.split(r"[`(]", row)[1] for row in rows] == list(parts_of("policy"))
    cells = [cell.strip() for row in rows for cell in row.split("|")[2:-1]]
    assert {cell.partition(", because ")[0] for cell in cells} <= {"exact", "sampled", "—"}
    assert {"exact", "sampled"} <= {cell.partition(",")[0] for cell in cells}


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: path.stem)
def test_files_that_are_shown_are_there(path: Path) -> None:
    """Their marks too: a formatter of Markdown takes them for Python."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^--8 ", text, re.MULTILINE)
    for name in re.findall(r'^--8<-- "(.*)"$', text, re.MULTILINE):
        assert (ROOT / name).is_file()


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: path.stem)
def test_marks_ask_for_tables_that_are_written(path: Path) -> None:
    marks = re.findall(r"<!-- written: (.*?) -->", path.read_text(encoding="utf-8"))
    assert set(marks) <= hooks.tables().keys()


def test_every_table_is_asked_for() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in BY_HAND)
    assert set(re.findall(r"^<!-- written: (\w+) -->$", text, re.MULTILINE)) == hooks.tables().keys()


@pytest.mark.parametrize(
    "path", [path for path in BY_HAND if "```python\n" in path.read_text()], ids=lambda path: path.stem
)
def test_python_blocks_run_and_print_what_is_shown(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    program = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    if "transformer(" in program:
        pytest.importorskip("torch")
    home = {**os.environ, "OUTCROSS_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for shown in re.findall(r"^```python\n[^`]*^```\n\n```text\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        assert shown in done.stdout


def shown_commands() -> list[str]:
    """The command lines that the documentation and the README show, those that are not run (``sh``) too."""
    texts = [path.read_text(encoding="utf-8") for path in (*BY_HAND, ROOT / "README.md")]
    blocks = "\n".join(
        block
        for text in texts
        for block in re.findall(r"^```(?:console|sh)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    )
    inline = [line for text in texts for line in re.findall(r"`(outcross [^`]+)`", " ".join(text.split()))]
    lines = [line.removeprefix("$ ") for line in blocks.replace("\\\n", " ").splitlines()]
    return sorted({*(line for line in lines if line.startswith("outcross ")), *inline})


@pytest.mark.parametrize("line", shown_commands())
def test_commands_that_are_shown_are_understood(line: str) -> None:
    """Their words are parsed, and their parts are built; strangers' parts need their package."""
    import outcross
    from outcross.core.part import SHELVES as KINDS

    words = shlex.split(line.partition(" > ")[0])[1:]
    if words[0].isupper() or words[0].startswith("-"):
        return
    known = dict(command_line())
    size = 2 if " ".join(words[:2]) in known else 1
    name = " ".join(words[:size])
    given = known[name].make_context(name, words[size:]).params
    for kind in KINDS:
        values = given.get("track" if kind == "tracker" else kind) or []
        if isinstance(values, Path):  # the file of a trained detector bears the name of a kind
            continue
        for value in [values] if isinstance(values, str) else values:
            if value.partition("(")[0] not in {"window", "extreme", "laplace"}:
                outcross.build(kind, value)


def shown_parts() -> list[tuple[str, str]]:
    """Words of parts with settings that the documentation and the README show in a line of text, with their kinds."""
    from outcross.core.part import SHELVES as KINDS
    from outcross.core.part import parts as parts_of

    text = "".join(path.read_text(encoding="utf-8") for path in (*BY_HAND, ROOT / "README.md"))
    shown = set(re.findall(r"`(?:--[a-z]+ |[a-z]+=)?\"?([a-z_]+\([a-z_]+=[^`\n]*\))\"?`", text))
    return sorted((kind, words) for words in shown for kind in KINDS if words.partition("(")[0] in parts_of(kind))


@pytest.mark.parametrize(("kind", "words"), shown_parts())
def test_parts_that_are_shown_can_be_built(kind: str, words: str) -> None:
    import outcross

    assert outcross.build(kind, words)


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = set(re.findall(r": ([\w/]+\.md)$", menu, re.MULTILINE))
    lying = {str(path.relative_to(ROOT / "docs")) for path in BY_HAND}
    assert listed == lying | hooks.pages().keys() | hooks.ROOT_PAGES.keys()


@pytest.mark.parametrize("place", hooks.ROOT_PAGES.values())
def test_pages_that_lie_elsewhere_are_there(place: str) -> None:
    assert (ROOT / place).is_file()


@pytest.mark.parametrize(
    ("link", "moved"),
    [
        ("[a](docs/exact.md#b)", "[a](exact.md#b)"),
        ("![a](docs/assets/a.png)", "![a](assets/a.png)"),
        ("[a](CHANGELOG.md)", "[a](changelog.md)"),
        ("[a](LICENSE)", "a"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("[a](#b)", "[a](#b)"),
        ('<img src="docs/assets/a.png">', '<img src="assets/a.png">'),
    ],
)
def test_links_follow_a_page_to_the_site(link: str, moved: str) -> None:
    assert hooks.moved(link, "README.md") == moved


def test_links_of_a_page_in_a_folder_follow_it_too() -> None:
    assert hooks.moved("[a](../docs/exact.md), [b](speed.py)", "benchmarks/README.md") == "[a](exact.md), b"


def test_no_part_is_kept_by_hand() -> None:
    assert not [path for path in BY_HAND if path.parent.name in {"parts", "reference"}]


def test_what_the_readme_says_of_the_built_in_text_is_so() -> None:
    """Other versions of CPython differ a little."""
    import outcross

    corpus = outcross.read("builtin:python-reference", as_=outcross.Texts)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search(r"\(([\d,]+) paragraphs, about ([\d,]+) words\)", text)
    assert said, "the README does not say how large the built-in text is"
    paragraphs, words = (int(number.replace(",", "")) for number in said.groups())
    assert corpus.size == pytest.approx(paragraphs, rel=0.1)
    assert sum(len(re.findall(r"\w[\w.'’-]*", text)) for text in corpus.strings) == pytest.approx(words, rel=0.1)
