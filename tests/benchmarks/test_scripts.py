"""Every benchmark still runs, with and without ``--json``. What it measures is not looked at: times are no tests."""

import importlib
import json
import sys

import pytest

from benchmarks.__main__ import main, names


def run(name: str, *flags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--quick", *flags])
    importlib.import_module(f"benchmarks.{name}").main()


@pytest.mark.parametrize("name", names())
def test_a_script_runs(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(name, monkeypatch=monkeypatch)
    told = capsys.readouterr().out
    assert told.count("\n") > 2 or told.startswith("not measured: ")
    run(name, "--json", monkeypatch=monkeypatch)
    assert json.loads(capsys.readouterr().out)


def test_all_are_described() -> None:
    for name in names():
        told = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
        assert "What limits us:" in told, name
        assert f"python benchmarks/{name}.py [--json] [--quick]" in told, name


def test_one_object_holds_the_machine_and_what_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--json", "--only", "chain_overhead"])
    assert main() == 0
    assert json.loads(capfd.readouterr().out).keys() == {"machine", "chain_overhead"}


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", "gausian_exact"])
    with pytest.raises(SystemExit):
        main()
    assert "gaussian_exact" in capsys.readouterr().err
