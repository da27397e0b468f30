"""Every example runs as it lies there: the scripts, the plan, and the package that brings parts of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
PACKAGE = EXAMPLES / "own_parts"
OUTCROSS = [sys.executable, "-c", "from outcross.cli import main; main()"]


def run(command: list[str], folder: Path, *path: Path) -> str:
    """What a command prints, run in a folder with these added to the path of packages."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_scripts_say_something(script: Path, tmp_path: Path) -> None:
    if "transformer(" in script.read_text(encoding="utf-8"):
        pytest.importorskip("torch")
    assert run([sys.executable, str(script)], tmp_path)


def test_the_plan_runs(tmp_path: Path) -> None:
    found = json.loads(run([*OUTCROSS, "run", str(EXAMPLES / "plan.toml"), "--out", "normal", "--json"], tmp_path))
    assert found["plan"]["policy"] == ["replace", "accumulate", "fresh(real=0.1)"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The package as an installer leaves it: its modules on the path, its entry points in its metadata."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    site = tmp_path_factory.mktemp("site")
    metadata = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{name} = {to}\n" for name, to in points.items()) for group, points in groups]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return [site, PACKAGE / "src"]


@pytest.mark.parametrize(("kind", "name"), [("policies", "window"), ("metrics", "extreme"), ("models", "laplace")])
def test_parts_of_a_package_are_on_their_shelves(kind: str, name: str, installed: list[Path], tmp_path: Path) -> None:
    listed = json.loads(run([*OUTCROSS, "list", kind, "--json"], tmp_path, *installed))
    assert name in {part["name"] for part in listed}
    assert json.loads(run([*OUTCROSS, "show", name, "--json"], tmp_path, *installed))[0]["about"]


def test_parts_of_a_package_run_together(installed: list[Path], tmp_path: Path) -> None:
    words = ["--data", "normal", "--model", "laplace", "--metric", "extreme", "--metric", "variance"]
    policies = ["--policy", "window(last=2)", "--policy", "replace"]
    size = ["--sample-size", "50", "--generations", "20", "--replicates", "200", "--out", "run", "--json"]
    found = json.loads(run([*OUTCROSS, "run", *words, *policies, *size], tmp_path, *installed))
    means = {(row["policy"], row["metric"], row["generation"]): row["mean"] for row in found["summary"]}
    # two generations together remember more than the latest one
    for metric in ("extreme", "variance"):
        assert means["replace", metric, 20] < means["window(last=2)", metric, 20]
    assert Path(tmp_path, found["page"]).is_file()
