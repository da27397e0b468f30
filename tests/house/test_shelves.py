"""What every file on a shelf obeys: it does not know where it is used, and what it defines cannot be varied but by
wrapping it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import SHELVES, Source, is_abstract, parts, sources

ON_SHELVES = [source for source in sources() if source.place in SHELVES]
PARTS = [source for shelf in SHELVES for source in parts(shelf)]

FORBIDDEN_MODULES = {
    "time": "the clock",
    "datetime": "the clock",
    "random": "global random state",
    "pathlib": "the disk",
    "shutil": "the disk",
    "tempfile": "the disk",
    "sqlite3": "the disk",
    "logging": "global settings",
    "rich": "printing",
    "typer": "the command line",
    "socket": "the network",
    "urllib": "the network",
}
FORBIDDEN_CALLS = {"print": "printing", "input": "the keyboard", "open": "the disk", "breakpoint": "the debugger"}
FORBIDDEN_METHODS = {
    **dict.fromkeys(("read_text", "write_text", "read_bytes", "write_bytes", "savez", "write_parquet"), "the disk"),
    **dict.fromkeys(("environ", "getenv"), "global settings"),
    **dict.fromkeys(("stdout", "stderr"), "printing"),
}
GENERATORS = {"Generator", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox", "SFC64"}
"""What of ``numpy.random`` has no global state. ``default_rng`` has none either, once it is given a seed."""


def knowledge(tree: ast.Module) -> Iterator[str]:
    """What a file knows of the world it should not know, with the line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                modules = [alias.name.partition(".")[0] for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module.partition(".")[0]]
            case _:
                modules = []
        yield from (f"line {node.lineno}: {FORBIDDEN_MODULES[name]}" for name in modules if name in FORBIDDEN_MODULES)
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: {FORBIDDEN_CALLS[name]}"
            case ast.Call(func=ast.Name("default_rng") | ast.Attribute(attr="default_rng"), args=[], keywords=[]):
                yield f"line {node.lineno}: a random generator without a seed"
            case ast.Attribute(attr=name) if name in FORBIDDEN_METHODS:
                yield f"line {node.lineno}: {FORBIDDEN_METHODS[name]}"
            case ast.Attribute(value=ast.Attribute(value=ast.Name("np" | "numpy"), attr="random"), attr=name):
                if name not in {*GENERATORS, "default_rng"}:
                    yield f"line {node.lineno}: global random state"
            case ast.Global():
                yield f"line {node.lineno}: global settings"


@pytest.mark.parametrize("source", ON_SHELVES, ids=str)
def test_a_part_does_not_know_where_it_is_used(source: Source) -> None:
    """Pretrained networks are read, and large ones written: their files know a disk and a network, and that is all."""
    known = list(knowledge(source.run_time_tree))
    assert not [what for what in known if not (source.of_networks and what.endswith(("the disk", "the network")))]


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from datetime import datetime",
        "def f():\n    print(1)",
        "open('x')",
        "import numpy as np\nnp.random.seed(0)",
        "import numpy as np\nnp.random.normal()",
        "import numpy as np\nnp.random.default_rng()",
        "import os\nos.environ['HOME']",
        "def f():\n    global x\n    x = 1",
    ],
)
def test_the_rule_catches(code: str) -> None:
    assert list(knowledge(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nrng = np.random.default_rng(1)",
        "import numpy as np\ndef f(rng: np.random.Generator): return rng.normal()",
    ],
)
def test_the_rule_lets_pass(code: str) -> None:
    assert not list(knowledge(ast.parse(code)))


def classes(source: Source) -> list[ast.ClassDef]:
    """The classes a file defines."""
    return [node for node in source.tree.body if isinstance(node, ast.ClassDef)]


def decorators(node: ast.ClassDef) -> list[str]:
    """The decorators of a class, as they are written."""
    return [ast.unparse(decorator) for decorator in node.decorator_list]


def bases(node: ast.ClassDef) -> set[str]:
    """The last names of the bases of a class, without their type arguments."""
    plain = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return {ast.unparse(base).rpartition(".")[2] for base in plain}


def is_final(node: ast.ClassDef) -> bool:
    """Whether a class is marked as final."""
    return any(name.rpartition(".")[2] == "final" for name in decorators(node))


@pytest.mark.parametrize("source", [source for source in ON_SHELVES if not source.of_networks], ids=str)
def test_every_class_on_a_shelf_is_final_and_frozen(source: Source) -> None:
    for node in classes(source):
        if bases(node) & {"NamedTuple", "TypedDict", "Protocol", "Enum", "StrEnum", "IntEnum"}:
            continue
        assert is_final(node), f"{node.name} is not marked @final"
        assert any("dataclass(" in text and "frozen=True" in text for text in decorators(node)), (
            f"{node.name} is not a frozen dataclass"
        )


@pytest.mark.parametrize("source", PARTS, ids=str)
def test_a_part_file_bears_the_name_of_its_part(source: Source) -> None:
    wanted = source.path.stem.replace("_", "")
    assert wanted in {node.name.lower() for node in classes(source)}


@pytest.mark.parametrize("shelf", SHELVES)
def test_no_shelf_is_empty(shelf: str) -> None:
    assert parts(shelf)


def test_a_class_is_either_a_base_or_final() -> None:
    everywhere = [(source, node) for source in sources() for node in ast.walk(source.tree)]
    defined = [(source, node) for source, node in everywhere if isinstance(node, ast.ClassDef)]
    inherited = {name for _, node in defined for name in bases(node)}
    exempt = {"Exception", "Protocol", "TypedDict", "NamedTuple", "Enum", "StrEnum", "IntEnum"}
    loose = {
        f"{source}: {node.name}"
        for source, node in defined
        if not is_final(node)
        and node.name not in inherited
        and not is_abstract(node)
        and not any(name in exempt or name.endswith("Error") for name in bases(node))
    }
    assert not loose
