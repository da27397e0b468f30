"""What every file of the package obeys: short, described, with an example for whatever a user may call, and with errors
that are ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Source, is_abstract, sources

LONGEST = 500
EVERY = pytest.mark.parametrize("source", sources(), ids=str)
PUBLIC = pytest.mark.parametrize("source", [source for source in sources() if source.public], ids=str)

STANDARD_ERRORS = {
    "ArithmeticError",
    "Exception",
    "FileExistsError",
    "FileNotFoundError",
    "IndexError",
    "KeyError",
    "LookupError",
    "OSError",
    "RuntimeError",
    "TypeError",
    "ValueError",
}
"""What a user should never meet bare: each has a child among our errors."""


def public(nodes: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The functions and classes among statements whose names are public."""
    for node in nodes:
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named and not node.name.startswith("_"):
            yield node


def is_overload(node: ast.stmt) -> bool:
    """Whether a function is only a signature for the type checker."""
    return any("overload" in ast.unparse(decorator) for decorator in getattr(node, "decorator_list", []))


def test_there_is_a_package() -> None:
    assert sources()


@EVERY
def test_a_file_is_described(source: Source) -> None:
    assert ast.get_docstring(source.tree)


@EVERY
def test_a_file_is_short(source: Source) -> None:
    assert len(source.text.splitlines()) <= LONGEST


@EVERY
def test_no_file_is_a_drawer(source: Source) -> None:
    assert source.path.stem not in {"utils", "util", "helpers", "misc", "common"}


@PUBLIC
def test_whatever_is_public_is_described(source: Source) -> None:
    bare = [node.name for node in public(source.tree.body) if not is_overload(node) and not ast.get_docstring(node)]
    assert not bare


@PUBLIC
def test_whatever_is_public_has_an_example(source: Source) -> None:
    if source.place == "cli":
        pytest.skip("the examples of a command are in its page")
    bare = [
        node.name
        for node in public(source.tree.body)
        if not is_overload(node)
        and not is_abstract(node)
        and "Examples\n--------\n" not in (ast.get_docstring(node) or "")
    ]
    assert not bare


@EVERY
def test_no_assert_is_left_to_users(source: Source) -> None:
    assert not [node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Assert)]


@EVERY
def test_errors_are_ours(source: Source) -> None:
    raised = [node.exc for node in ast.walk(source.tree) if isinstance(node, ast.Raise) and node.exc is not None]
    names = {ast.unparse(exc.func if isinstance(exc, ast.Call) else exc) for exc in raised}
    assert not names & STANDARD_ERRORS


@EVERY
def test_capabilities_are_subclasses(source: Source) -> None:
    asked = [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr"
    ]
    assert not asked
