"""What the README shows runs as it is shown, in a folder of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

README = ROOT / "README.md"
TIME_LIMIT = 240
"""Seconds for one command."""


def blocks(language: str) -> list[str]:
    """The code blocks of the README in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """The command lines of the console blocks, those that go on after a backslash joined."""
    joined = "\n".join(blocks("console")).replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in joined.splitlines() if line.startswith("$ outcross")]


def script() -> Path:
    """The installed command."""
    return Path(sys.executable).with_name("outcross.exe" if os.name == "nt" else "outcross")


def run(command: list[str], folder: Path) -> None:
    """Run a command in a folder, and fail with what it said if it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"


def test_the_readme_shows_something() -> None:
    assert blocks("python")
    assert commands()


def test_python_blocks_run_in_order(tmp_path: Path) -> None:
    program = tmp_path / "readme.py"
    program.write_text("\n".join(blocks("python")), encoding="utf-8")
    run([sys.executable, program.name], tmp_path)


def test_console_blocks_run_in_order(tmp_path: Path) -> None:
    for line in commands():
        run([str(script()), *shlex.split(line, comments=True)[1:]], tmp_path)


def test_the_two_commands_are_the_makefile_s() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = set(re.findall(r"\bmake ([a-z]+)\b", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= shown
    for target in shown:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"the README speaks of `make {target}`"


@pytest.mark.parametrize("page", [README, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


def test_every_definition_is_in_its_table_with_its_stage() -> None:
    from outcross.core.part import parts

    rows = dict(
        re.findall(r"^\| ([A-Z][\w ]+) \| .* \| (early|late|either) \|$", README.read_text("utf-8"), re.MULTILINE)
    )
    assert rows == {part.title: part.stage for part in parts("verdict").values()}


def test_every_picture_is_there_and_small() -> None:
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', README.read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size < 300_000
