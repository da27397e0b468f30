"""Reference pages written from the code at build time: one for each shelf, one for the command line, one for the Python
face. Nothing on them is kept by hand, so a part, a command or a name that is added is on its page with the next build.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[1]

INTRODUCTIONS = {
    "policy": "What does the next generation train on? A policy looks at the counts in a pool and writes a recipe.",
    "metric": "What is measured on every generation? A metric summarises a batch, and compares it with the reference.",
    "model": "What is fitted to the data, and what writes the next generation?",
    "population": "What is the real distribution? A population is a source of human data whose truth is known.",
    "verdict": "Has it collapsed? Each verdict is one published definition of the word, with its evidence.",
    "engine": "Who does the work? The result does not depend on it.",
}


def pages() -> dict[str, Callable[[], str]]:
    """What writes each page that is written from the code, by its path in the site."""
    from outcross.core.part import SHELVES

    return {
        **{f"parts/{shelf}.md": partial(shelf_page, kind) for kind, shelf in SHELVES.items()},
        "reference/cli.md": command_line_page,
        "reference/python.md": python_page,
        "reference/theory.md": theory_page,
    }


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the written pages, and the house's own pages at the root, to those that lie in the folder."""
    from mkdocs.structure.files import File

    for path, write in pages().items():
        files.append(File.generated(config, path, content=write()))
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, name.lower(), content=text))
    return files


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; a bar inside a cell is escaped.

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "x"]]))
    | a | b |
    |---|---|
    | 1 | x |
    """
    names = list(head)
    body = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [names, *body]
    drawn = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([drawn[0], "|" + "---|" * len(names), *drawn[1:]])


def directive(target: str, **options: object) -> str:
    """The lines that have mkdocstrings print the docstring of an object."""
    chosen = "".join(f"      {name}: {str(value).lower()}\n" for name, value in options.items())
    return f"::: {target}\n    options:\n{chosen}" if chosen else f"::: {target}\n"


def first_line(thing: object) -> str:
    """The first sentence of a docstring."""
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def place(thing: Any) -> str:
    """The dotted name of a class or function where it is defined."""
    return f"{thing.__module__}.{thing.__qualname__}"


# Shelves


def shelf_page(kind: str) -> str:
    """The page of a shelf: what is on it in a table, then each part with its settings and its docstring."""
    from outcross.core.part import SHELVES, parts

    shelf = SHELVES[kind]
    found = parts(kind)
    overview = table(
        [kind.capitalize(), "What it is"], ([f"[`{name}`](#{name})", first_line(part)] for name, part in found.items())
    )
    described = "\n".join(part_section(name, part) for name, part in found.items())
    return f"# {shelf.capitalize()}\n\n{INTRODUCTIONS[kind]}\n\n{overview}\n\n{described}"


def part_section(name: str, part: type) -> str:
    """A part: words that build it, its settings, what it is."""
    from outcross.core.part import example

    settings = settings_table(part)
    facts = facts_of(part)
    text = directive(place(part), show_root_heading=False, show_root_toc_entry=False, members=False, heading_level=3)
    return f"## `{name}` {{ #{name} }}\n\nFor example `{example(part)}`.\n\n{settings}\n{facts}\n{text}"


def settings_table(part: type) -> str:
    """The settings of a part: what may be given, and what is taken if nothing is."""
    from outcross.core.setting import settings_of

    rows = [
        [
            f"`{setting.name}`",
            setting.describe(),
            "must be given" if setting.required else f"`{shown(setting.default)}`",
        ]
        for setting in settings_of(part)
    ]
    return table(["Setting", "May be", "If not given"], rows) + "\n" if rows else "It has no settings.\n"


def facts_of(part: type) -> str:
    """What a class says of itself in plain values (definition, source, unit): a line each."""
    from outcross.core.setting import settings_of

    settings = {setting.name for setting in settings_of(part)}
    names = [name for name in class_values(part) if name not in settings]
    lines = [f"- {name.replace('_', ' ')}: {shown(getattr(part, name))}" for name in names]
    return "\n".join(lines) + "\n" if lines else ""


def class_values(part: type) -> Iterator[str]:
    """The names of the public values that every part of its kind has, in the order in which they were declared."""
    for base in part.__mro__[1:-1]:
        for name in getattr(base, "__annotations__", {}):
            if name != "kind" and not name.startswith("_") and hasattr(part, name):
                yield name


def shown(value: object) -> str:
    """A value as a user would write it in the words of a part.

    Examples
    --------
    >>> shown(True), shown(None), shown(0.5)
    ('true', 'none', '0.5')
    """
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(shown, value)) or "none"
    return value.__name__ if isinstance(value, type) else str(value)


# The command line


def command_line_page() -> str:
    """The page of the command line: every command with its arguments and options."""
    from outcross import cli

    typer_main = importlib.import_module("typer.main")
    group = typer_main.get_command(cli.app)
    body = "\n".join(command_section(f"outcross {name}", command) for name, command in sorted(commands(group)))
    top = parameters(group)
    return f"# Command line\n\n{inspect.cleandoc(group.help or '')}\n\n{top}\n{body}"


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The commands of a group, those of groups within it included, by the words that call them."""
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def command_section(words: str, command: Any) -> str:
    """A command: how it is called, what it does, what it takes."""
    arguments = [given for given in command.params if given.param_type_name == "argument"]
    names = [given.name.upper() if given.required else f"[{given.name.upper()}]" for given in arguments]
    usage = " ".join([words, "[OPTIONS]", *names])
    help_text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return f"## `{words}`\n\n```text\n{usage}\n```\n\n{help_text}\n\n{parameters(command)}"


def parameters(command: Any) -> str:
    """The arguments and options of a command, each with what it means."""
    rows = [
        [spelling(given), given.help or "", default_of(given)]
        for given in command.params
        if not getattr(given, "hidden", False)
    ]
    return table(["Argument or option", "Meaning", "If not given"], rows) + "\n" if rows else ""


def spelling(given: Any) -> str:
    """How an argument or option is written."""
    if given.param_type_name == "argument":
        return f"`{given.name.upper()}`"
    spelled = ", ".join(f"`{name}`" for name in [*given.opts, *given.secondary_opts])
    return f"{spelled} (repeatable)" if given.multiple else spelled


def default_of(given: Any) -> str:
    """What is taken where an option is left out."""
    if given.required:
        return "must be given"
    if given.default in (None, [], (), "", False) or callable(given.default):
        return ""
    return f"`{shown(given.default)}`"


# Python


def python_page() -> str:
    """The page of the Python face: whatever `import outcross` offers."""
    import outcross

    names = [name for name in outcross.__all__ if not name.startswith("_")]
    things = {name: getattr(outcross, name) for name in names}
    described = {name: thing for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)}
    parts = "\n".join(directive(place(thing), heading_level=2) for thing in described.values())
    return f"# Python\n\n```python\nimport outcross as oc\n```\n\n{parts}"


def theory_page() -> str:
    """The page of the closed forms: every function, with its source."""
    import outcross

    head = "# Theory\n\n" + (inspect.getdoc(outcross.theory) or "")
    return head + "\n\n" + "\n".join(directive(place(found), heading_level=2) for found in functions(outcross.theory))


def functions(module: Any) -> list[Callable[..., Any]]:
    """The public functions of a module and of those below it, in order of file and line."""
    modules = [module]
    for inner in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
        if not inner.name.rpartition(".")[2].startswith("_"):
            modules.append(importlib.import_module(inner.name))
    found = {
        place(member): member
        for owner in modules
        for name, member in vars(owner).items()
        if inspect.isfunction(member) and not name.startswith("_") and member.__module__.startswith(module.__name__)
    }
    return sorted(found.values(), key=lambda f: (f.__module__, f.__code__.co_firstlineno))
