"""The source tree of the package as the rules of the house see it: files, their syntax trees, and who imports whom.

Nothing is imported here, so a rule can be checked on a file that does not even load.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "outcross"
"""The package."""

SHELVES = (
    "populations",
    "models",
    "policies",
    "metrics",
    "engines",
    "verdicts",
    "trainings",
    "decodings",
    "trackers",
    "detectors",
    "quantifiers",
)
"""One part a file; the file bears its name."""

ROOMS = ("corpus", "evidence", "guard", "lab", "report", "vault")
"""Where parts are put to use."""

NETWORKS = "_torch"
"""The folder of a shelf where networks and tensors are at home."""

FOLDERS = ("core", *SHELVES, *ROOMS, "cli")
"""Every folder the package has."""


@dataclass(frozen=True)
class Import:
    """One module of ours named by an import statement, and the line it stands on."""

    target: str
    line: int


@dataclass(frozen=True)
class Source:
    """One file of the package."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(PACKAGE))

    @property
    def place(self) -> str:
        """The folder directly under the package that holds the file; empty for the face itself."""
        parts = self.path.relative_to(PACKAGE).parts
        return parts[0] if len(parts) > 1 else ""

    @property
    def module(self) -> str:
        """The dotted name the file is imported by."""
        parts = self.path.relative_to(PACKAGE.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def public(self) -> bool:
        """Whether a user is meant to import it."""
        return not any(part.startswith("_") for part in self.module.split("."))

    @property
    def is_part(self) -> bool:
        """Whether the file is on a shelf and holds a part."""
        return self.place in SHELVES and self.path.parent.name == self.place and not self.path.name.startswith("_")

    @property
    def of_networks(self) -> bool:
        """Whether the file is in a folder of files that import PyTorch, which parts import inside functions only."""
        return NETWORKS in self.path.parts

    @cached_property
    def text(self) -> str:
        """What the file says."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What Python makes of it."""
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """The modules of ours it imports anywhere, inside functions and for type checking too."""
        return tuple(self._imports(self.tree))

    @cached_property
    def run_time_imports(self) -> tuple[Import, ...]:
        """The same without those that only a type checker sees."""
        return tuple(self._imports(self.run_time_tree))

    @cached_property
    def run_time_tree(self) -> ast.Module:
        """What is left of the file when it runs: nothing that only a type checker sees."""
        tree = _WithoutTypeChecking().visit(ast.parse(self.text))
        return tree if isinstance(tree, ast.Module) else self.tree

    def outside_imports(self) -> Iterator[tuple[str, int]]:
        """The top-level names of other packages it imports anywhere, with their lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                yield node.module.partition(".")[0], node.lineno

    def _imports(self, tree: ast.AST) -> Iterator[Import]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.partition(".")[0] == "outcross":
                        yield Import(alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                if base.partition(".")[0] == "outcross":
                    for alias in node.names:
                        inner = f"{base}.{alias.name}"
                        yield Import(inner if inner in module_names() else base, node.lineno)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module if self.path.name == "__init__.py" else self.module.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{node.module}" if node.module else package


class _WithoutTypeChecking(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return [self.visit(other) for other in node.orelse] or ast.Pass()
        self.generic_visit(node)
        return node


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the package, in order of name."""
    return tuple(Source(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def module_names() -> frozenset[str]:
    """The dotted name of every module of the package."""
    return frozenset(source.module for source in sources())


def parts(shelf: str) -> tuple[Source, ...]:
    """The files of a shelf that hold a part."""
    return tuple(source for source in sources() if source.place == shelf and source.is_part)


def is_abstract(node: ast.stmt) -> bool:
    """Whether a class only asks its children for methods: it has an abstract one, or is a protocol."""
    return any(ast.unparse(base).startswith("Protocol") for base in getattr(node, "bases", [])) or any(
        "abstractmethod" in ast.unparse(decorator)
        for method in getattr(node, "body", [])
        if isinstance(method, ast.FunctionDef)
        for decorator in method.decorator_list
    )
