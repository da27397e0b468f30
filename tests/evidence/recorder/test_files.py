"""The recorder as files: what the package carries and the command writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outcross.cli import app
from outcross.core.errors import OutputRefused
from outcross.evidence import recorder


def test_the_files_go_together(tmp_path: Path) -> None:
    page, script = recorder.save(tmp_path / "new" / "folder")[::-1]
    assert page.read_text(encoding="utf-8") == recorder.example()
    assert script.read_text(encoding="utf-8") == recorder.script()
    assert f'src="{script.name}"' in recorder.example()


def test_the_script_depends_on_nothing_and_sends_nothing() -> None:
    code = re.sub(r"/\*.*?\*/", "", recorder.script(), flags=re.DOTALL)
    for word in ("import", "require(", "eval(", "fetch(", "XMLHttpRequest", "sendBeacon", "WebSocket", "http"):
        assert word not in code
    assert re.findall(r"window\.(\w+) =", code) == ["outcross"]
    assert len(code.splitlines()) < 200


def test_the_settings_are_in_the_documentation() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "recorder.md").read_text(encoding="utf-8")
    declared = re.search(r"const DEFAULTS = \{(.*?)\}", recorder.script(), flags=re.DOTALL)
    assert declared
    names = re.findall(r"(\w+): ", declared[1])
    assert sorted(names) == sorted(re.findall(r"^\| `data-(\w+)` \|", page, flags=re.MULTILINE))


def test_the_format_is_described() -> None:
    described = (Path(recorder.__file__).parent / "FORMAT.md").read_text(encoding="utf-8")
    columns = re.search(r"const COLUMNS = \[(.*?)\]", recorder.script())
    assert columns
    assert f'"columns": [{columns[1]}]' in described
    kinds = re.search(r"const KINDS = \{(.*?)\}", recorder.script(), flags=re.DOTALL)
    assert kinds
    for kind in {*re.findall(r': "(\w+)"', kinds[1]), "type", "insert", "autofill", "initial", "move", "reload", "key"}:
        assert f"`{kind}`" in described


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command(tmp_path: Path, as_json: bool) -> None:
    result = CliRunner().invoke(app, ["recorder", "--out", str(tmp_path / "here"), *["--json"] * as_json])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "here" / "recorder.js").read_text(encoding="utf-8") == recorder.script()
    if as_json:
        assert json.loads(result.stdout) == {
            "recorder.js": str(tmp_path / "here" / "recorder.js"),
            "example.html": str(tmp_path / "here" / "example.html"),
        }


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputRefused, match="cannot write to the folder"):
        recorder.save(tmp_path / "taken")
