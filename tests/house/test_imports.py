"""Who may import whom, and what must not be imported at once."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.source import FOLDERS, NETWORKS, PACKAGE, ROOMS, SHELVES, Import, Source, sources

MAY_IMPORT = {
    "core": {"core"},
    **{shelf: {"core"} for shelf in SHELVES},
    **{room: {room, *ROOMS, *SHELVES, "core"} for room in ROOMS},
    "corpus": {"corpus", "core"},
}
"""Which folders a file of a folder may import from. The command line has a rule of its own."""

HEAVY = ("torch", "transformers", "ray", "datasets", "sklearn", "scipy", "pandas", "pyarrow", "nltk")
"""Packages that a core install does not have, or that take longer to import than all of outcross may."""

SLOW = ("polars", "altair", "vl_convert", "jinja2", "typer", "rich")
"""Packages of the core install that only some uses need."""


def folder(module: str) -> str:
    """The folder of the package a module lies in; empty for the face itself."""
    return module.split(".")[1] if "." in module else ""


def private_sibling(source: Source, target: str) -> bool:
    """Whether a shelf file imports what its own shelf keeps in a file that is no part."""
    return target.startswith(f"outcross.{source.place}._")


def strays(source: Source) -> list[Import]:
    """The imports a file must not have. What works for a part may name its settings, for the type checker alone."""
    allowed = MAY_IMPORT[source.place]
    return [
        found
        for found in (source.run_time_imports if source.of_networks else source.imports)
        if folder(found.target) not in allowed and not private_sibling(source, found.target)
    ]


def test_every_folder_is_one_of_the_layout() -> None:
    found = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert found == set(FOLDERS)


@pytest.mark.parametrize("source", [source for source in sources() if source.place in MAY_IMPORT], ids=str)
def test_a_file_imports_only_what_its_folder_may(source: Source) -> None:
    assert not strays(source)


@pytest.mark.parametrize("source", [source for source in sources() if source.place == "cli"], ids=str)
def test_the_command_line_speaks_to_the_face_only(source: Source) -> None:
    others = {
        found
        for found in source.imports
        if found.target != "outcross"
        and not found.target.startswith("outcross.cli")
        and folder(found.target) in FOLDERS
    }
    assert not others


def test_no_import_circles() -> None:
    modules = {source.module: {found.target for found in source.run_time_imports} for source in sources()}
    graph = {name: targets & modules.keys() - {name} for name, targets in modules.items()}
    while leaves := {name for name, targets in graph.items() if not targets}:
        graph = {name: targets - leaves for name, targets in graph.items() if name not in leaves}
    assert not circle(graph)


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A path through modules which comes back to its start, given that every module in the graph imports another."""
    path: list[str] = []
    name = min(graph, default="")
    while name and name not in path:
        path.append(name)
        name = min(graph[name])
    return [*path[path.index(name) :], name] if name else []


def test_the_circle_finder_finds_one() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({}) == []


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


@pytest.mark.parametrize("packages", [HEAVY, SLOW], ids=["heavy", "slow"])
def test_importing_the_face_leaves_packages_alone(packages: tuple[str, ...]) -> None:
    loaded = run(f"import sys, outcross; print(*sorted(set({packages!r}) & set(sys.modules)))")
    assert loaded == ""


def test_importing_the_face_takes_less_than_half_a_second() -> None:
    """Processor time, and the first of several tries that keeps the promise: other tests run on the same cores."""
    code = "import time; start = time.process_time(); import outcross; print(time.process_time() - start)"
    assert any(float(run(code)) < 0.5 for _ in range(10))


@pytest.mark.parametrize("package", ("ray", "datasets"))
def test_a_heavy_package_is_imported_in_one_file(package: str) -> None:
    files = {str(source) for source in sources() if package in {name for name, _ in source.outside_imports()}}
    assert len(files) <= 1


OF_NETWORKS = {"torch", "transformers", "tokenizers", "safetensors", "peft", "gguf", "huggingface_hub"}
"""What only networks need: at home in the folders of networks, elsewhere imported inside functions."""


@pytest.mark.parametrize("source", [source for source in sources() if not source.of_networks], ids=str)
def test_networks_are_imported_when_they_are_used(source: Source) -> None:
    assert not at_once(source.run_time_tree)


def at_once(tree: ast.Module) -> list[str]:
    """The packages of networks, and our folders of networks, that a file imports as soon as it is imported itself."""
    found = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return [name for name in found if name.partition(".")[0] in OF_NETWORKS or NETWORKS in name.split(".")]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement that runs when a file is imported: not those of functions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from statements(child)


def test_the_rule_of_networks_catches() -> None:
    assert at_once(ast.parse("import torch")) == ["torch"]
    assert at_once(ast.parse("class A:\n    from torch.nn import Module")) == ["torch.nn"]
    assert at_once(ast.parse("from outcross.models._torch import gpt")) == ["outcross.models._torch"]
    assert not at_once(ast.parse("def f():\n    import torch"))
