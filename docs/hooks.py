"""What the site writes from the code at build time: a page for each shelf, for the command line, the Python face
and the closed forms; and the tables of hand-written pages, which ask for them by ``<!-- written: name -->``. Nothing of
it is kept by hand, so a part, a command or a name that is added is in its place with the next build.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]

INTRODUCTIONS = {
    "policy": "What does the next generation train on? A policy looks at the counts in a pool and writes a recipe.",
    "metric": "What is measured on every generation? A metric summarises a batch, and compares it with the reference.",
    "model": "What is fitted to the data, and what writes the next generation?",
    "population": "What is the real distribution? A population is a source of human data whose truth is known.",
    "verdict": "Has it collapsed? Each verdict is one published definition of the word, with its evidence.",
    "engine": "Who does the work? The result does not depend on it.",
    "training": "How is a network trained? A training is a setting of a neural model.",
    "decoding": "How does a language model choose the next token? A decoding is a setting of `transformer`.",
    "tracker": "Where is a finished history sent? `outcross run --track NAME` sends it, and so does `History.track`.",
    "detector": "How is a synthetic document told from a human one? A detector gives one score a document.",
    "quantifier": "What share of many documents is synthetic? A quantifier reads scores, not documents.",
}


ROOT_PAGES = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "benchmarks.md": "benchmarks/README.md",
}
"""Pages of the site that lie elsewhere in the repository, so that they are not written twice."""


def pages() -> dict[str, Callable[[], str]]:
    """What writes each page that is written from the code, by its path in the site."""
    from outcross.core.part import SHELVES

    return {
        **{f"parts/{shelf}.md": partial(shelf_page, kind) for kind, shelf in SHELVES.items()},
        "reference/cli.md": command_line_page,
        "reference/python.md": python_page,
        "reference/theory.md": theory_page,
    }


def tables() -> dict[str, Callable[[], str]]:
    """What writes each table that a hand-written page asks for."""
    return {
        "definitions": definitions_sections,
        "views": views_tables,
        "paths": paths_table,
        "curves": curves_tables,
        "formulas": formulas_tables,
    }


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the written pages, and those that lie at the root of the repository, to those of the folder."""
    from mkdocs.structure.files import File

    for path, write in pages().items():
        files.append(File.generated(config, path, content=write()))
    for path, place in ROOT_PAGES.items():
        files.append(File.generated(config, path, content=moved((ROOT / place).read_text(encoding="utf-8"), place)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the written tables into a page."""
    return filled(markdown)


def filled(markdown: str) -> str:
    """A page with its tables, in place of the marks that ask for them."""
    return re.sub(r"^<!-- written: (\w+) -->$", lambda mark: tables()[mark[1]](), markdown, flags=re.MULTILINE)


def moved(text: str, place: str) -> str:
    """A page of the repository as one of the site: links to what is on the site lead there, others lose their link.

    Examples
    --------
    >>> moved("[start](docs/start.md), [rules](CONTRIBUTING.md#style), [licence](LICENSE)", "README.md")
    '[start](start.md), [rules](contributing.md#style), licence'
    """
    by_file = {file: path for path, file in ROOT_PAGES.items()}

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found.groups()
        file = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        path = by_file.get(file) or (file.removeprefix("docs/") if file.startswith("docs/") else None)
        return f"[{words}]({path}{anchor})" if path else words

    text = re.sub(r"\[([^\]]*)\]\(((?![a-z]+:|#)[^)#]+)(#[^)]*|)\)", link, text)
    return re.sub(r'(src|srcset)="docs/', r'\1="', text)


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


def settings_in(part: type) -> tuple[Any, ...]:
    """The settings of a part."""
    from outcross.core.setting import settings_of

    return settings_of(part)


def settings_table(part: type) -> str:
    """The settings of a part: what may be given, and what is taken if nothing is."""
    rows = [
        [
            f"`{setting.name}`",
            setting.describe(),
            "must be given" if setting.required else f"`{shown(setting.default)}`",
        ]
        for setting in settings_in(part)
    ]
    return table(["Setting", "May be", "If not given"], rows) + "\n" if rows else "It has no settings.\n"


def facts_of(part: type) -> str:
    """What a class says of itself in plain values (definition, source, unit): a line each."""
    settings = {setting.name for setting in settings_in(part)}
    names = [name for name in class_values(part) if name not in settings]
    lines = [f"- {name.replace('_', ' ')}: {shown(getattr(part, name))}" for name in names]
    return "\n".join(lines) + "\n" if lines else ""


def class_values(part: type) -> Iterator[str]:
    """The names of the public values that every part of its kind has, in the order in which they were declared."""
    for base in part.__mro__[1:-1]:
        for name in getattr(base, "__annotations__", {}):
            plain_value = not name.startswith("_") and not isinstance(getattr(part, name, None), property)
            if name != "kind" and plain_value and hasattr(part, name):
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
    names = [argument_name(given) if given.required else f"[{argument_name(given)}]" for given in arguments]
    usage = " ".join([words, "[OPTIONS]", *names])
    help_text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return f"## `{words}`\n\n```text\n{usage}\n```\n\n{help_text}\n\n{parameters(command)}"


def parameters(command: Any) -> str:
    """The arguments and options of a command, each with what it means."""
    from outcross.lab.plan import Plan

    takes_a_plan = any(given.name == "plan" for given in command.params)
    planned = dataclasses.asdict(Plan()) if takes_a_plan else {}
    rows = [
        [spelling(given), given.help or "", default_of(given, planned.get(given.name))]
        for given in command.params
        if not getattr(given, "hidden", False)
    ]
    return table(["Argument or option", "Meaning", "If not given"], rows) + "\n" if rows else ""


def argument_name(given: Any) -> str:
    """How help names an argument."""
    return (given.metavar or given.name.upper()).strip("[]")


def spelling(given: Any) -> str:
    """How an argument or option is written."""
    if given.param_type_name == "argument":
        return f"`{argument_name(given)}`"
    spelled = ", ".join(f"`{name}`" for name in [*given.opts, *given.secondary_opts])
    return f"{spelled} (repeatable)" if given.multiple else spelled


def default_of(given: Any, planned: object = None) -> str:
    """What is taken where an option is left out; that of a plan where the option itself says nothing."""
    if given.required:
        return "must be given"
    default = planned if given.default in (None, [], ()) else given.default
    if default in (None, [], (), "") or default is False or callable(default):
        return ""
    return f"`{shown(default)}`"


# Python


def python_page() -> str:
    """The page of the Python face: whatever `import outcross` offers, by the room it comes from."""
    import outcross

    offered = [getattr(outcross, name) for name in outcross.__all__]
    spaces = [thing for thing in offered if inspect.ismodule(thing) and thing is not outcross.theory]
    offered += [getattr(space, name) for space in spaces for name in space.__all__]
    things = list(dict.fromkeys(thing for thing in offered if callable(thing)))
    rooms = {
        "Chains and what comes of them": "outcross.lab",
        "The guard": "outcross.guard",
        "Evidence": "outcross.evidence",
        "The vault": "outcross.vault",
        "Reading data": "outcross.corpus",
        "The nouns": "outcross.core",
    }
    text = "# Python\n\n```python\nimport outcross as oc\n```\n"
    for title, room in rooms.items():
        found = [thing for thing in things if thing.__module__.startswith(room)]
        overview = table(["Name", "What it is"], ([f"[`{t.__name__}`](#{place(t)})", first_line(t)] for t in found))
        text += f"\n## {title}\n\n{overview}\n\n"
        text += "\n".join(directive(place(thing), heading_level=3) for thing in found)
    return text


# Theory


def theory_page() -> str:
    """The page of the closed forms: every function, with its formula and source, by module."""
    import outcross

    text = "# Closed forms\n\n" + (inspect.getdoc(outcross.theory) or "") + "\n"
    for module, found in by_module(functions(outcross.theory)):
        text += f"\n## `{short(module)}` {{ #{short(module)} }}\n\n{inspect.getdoc(module)}\n\n"
        text += "\n".join(directive(place(function), heading_level=3) for function in found)
    return text


def functions(module: Any) -> list[Callable[..., Any]]:
    """The public functions of a module and of the public modules below it, in order of file and line."""
    modules = [module]
    for inner in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
        if "._" not in inner.name:
            modules.append(importlib.import_module(inner.name))
    found = {
        place(member): member
        for owner in modules
        for name, member in vars(owner).items()
        if inspect.isfunction(inspect.unwrap(member) if callable(member) else member)
        and not name.startswith("_")
        and member.__module__.startswith(module.__name__)
        and "._" not in member.__module__
    }
    return sorted(found.values(), key=lambda f: (f.__module__, inspect.unwrap(f).__code__.co_firstlineno))


def by_module(found: list[Callable[..., Any]]) -> Iterator[tuple[Any, list[Callable[..., Any]]]]:
    """Functions by the module that defines them."""
    for name in dict.fromkeys(function.__module__ for function in found):
        yield importlib.import_module(name), [function for function in found if function.__module__ == name]


def short(module: Any) -> str:
    """The last part of a module's name."""
    return module.__name__.rpartition(".")[2]


def notes(function: object) -> str:
    """The notes of a docstring: the formula, and where it comes from."""
    found = re.search(
        r"^Notes\n-----\n(.*?)(?=\n\n\w+\n---|\Z)", inspect.getdoc(function) or "", re.DOTALL | re.MULTILINE
    )
    return " ".join(found[1].split()).replace("``", "`") if found else ""


def answer(function: object) -> str:
    """What a function returns, without the word."""
    return re.sub(r"^Return (\w)", lambda found: found[1].upper(), first_line(function)).replace("``", "`")


def formulas_tables() -> str:
    """Every function of the theory with its formula, a table a module."""
    import outcross

    text = ""
    for module, found in by_module(functions(outcross.theory)):
        rows = [
            [f"[`{function.__name__}`](reference/theory.md#{place(function)})", answer(function), notes(function)]
            for function in found
            if notes(function)
        ]
        if rows:
            text += f"### {short(module)}\n\n{first_line(module)}\n\n"
            text += table(["Function", "Answers", "Formula and source"], rows) + "\n\n"
    return text


def curves_tables() -> str:
    """Which closed form is drawn beside which simulated curve, a table a model."""
    from outcross.lab.theory import curves

    text = ""
    for name in dict.fromkeys(model for model, _, _ in sorted(curves._forms)):
        rows = [
            [f"`{policy}`", f"`{metric}`", first_line(form.adapter), f"{form.kind}: {form.source}"]
            for (model, policy, metric), forms in sorted(curves._forms.items())
            for form in forms
            if model == name
        ]
        text += f"### With the model `{name}`\n\n"
        text += table(["Policy", "Metric", "What is drawn", "Kind and source"], rows) + "\n\n"
    return text


# Tables of hand-written pages


def definitions_sections() -> str:
    """The published definitions of collapse, by the stage they tell of: what each says and how it is judged."""
    from outcross.core.part import parts, words

    text = ""
    for stage in ("early", "late", "either"):
        text += f"## {'Either' if stage == 'either' else stage.capitalize() + ' collapse'}\n\n"
        for name, part in parts("verdict").items():
            if part.stage == stage:
                text += f"### {part.title}\n\n**{part.definition}**\n\n{how(part)}\n\n"
                text += f"- part: [`{words(part())}`](parts/verdicts.md#{name})"
                text += "".join(f", `{one.name}={shown(one.default)}`" for one in settings_in(part))
                text += f"\n- source: {part.source}\n\n"
    return text


def how(definition: type) -> str:
    """How a definition is judged: its docstring from the second paragraph (the first is the claim) to Parameters."""
    text = re.split(r"^\w+\n-{3,}$", inspect.getdoc(definition) or "", maxsplit=1, flags=re.MULTILINE)[0]
    return text.partition("\n\n")[2].strip().replace("``", "`")


def views_tables() -> str:
    """What each metric looks at, what it compares that with, and what collapse does to it."""
    from outcross.core.metric import View
    from outcross.core.part import parts

    against = {"same": "a reference of the same kind", "any": "a reference of any kind", "alone": "nothing"}
    text = ""
    for view in View:
        rows = [
            [f"[`{name}`](parts/metrics.md#{name})", against[part.compares], part.unit, part.collapse]
            for name, part in parts("metric").items()
            if part.view is view
        ]
        text += f"### {view.capitalize()}\n\n"
        text += table(["Metric", "Compared with", "Unit", "In a collapse it"], rows) + "\n\n"
    return text


def paths_table() -> str:
    """Which path is taken by every model with a sufficient statistic under every policy: each is tried."""
    from outcross.core.model import ExactModel
    from outcross.core.part import parts

    models = [name for name, part in parts("model").items() if issubclass(part, ExactModel)]
    rows = [
        [f"`{policy}`", *(path_of(model, policy) for model in models)]
        for policy in map(plain, parts("policy").values())
    ]
    return table(["Policy", *(f"`{model}`" for model in models)], rows)


def plain(policy: type) -> str:
    """Words of a policy; one that wraps another wraps the simplest."""
    from outcross.core.part import example

    return re.sub(r"policy=\w+", "policy=replace", example(policy))


def path_of(model: str, policy: str) -> str:
    """Which path a small chain takes, and why it is sampled if it is; a dash where the two do not go together."""
    import numpy as np

    import outcross as oc

    if issubclass(oc.find("model", model).reads[0], oc.Symbols):
        data, metric = "builtin:cats", "types"
    else:
        grouped = oc.build("policy", policy).grouped
        data, metric = "builtin:digits" if grouped else np.arange(50.0)[:, None] % 7, "mean_drift"
    chain = oc.Chain(model, data, policy, [metric], sample_size=20)
    try:
        history = chain.run(generations=2, replicates=1, engine="serial")
    except (oc.BadInput, oc.BadSetting):
        return "—"
    return history.facts.path if history.facts.path == "exact" else history.facts.why.replace(policy, "the policy")
