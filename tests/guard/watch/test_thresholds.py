"""A file of thresholds is read strictly: what is not understood is refused, with the line and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.guard.watch.thresholds import Threshold, Thresholds

WHOLE = """
[types]
warn = 0.05
fail = 0.10

[length]
warn = 0.1
optional = true

["length@p99"]
fail = { loss = 0.3, above = 900 }

[synthetic_share.fail]
above = 0.5

[unseen_mass]
fail = 0.2
sure = true

[baseline]
snapshot = "may.snapshot"
sha256 = "%s"
""" % ("ab" * 32)


def test_every_way_to_write_a_threshold() -> None:
    read = Thresholds.parse(WHOLE, "watch.toml", Path("kept"))
    assert read.asked == (
        Threshold("types", "warn", "loss", 0.05),
        Threshold("types", "fail", "loss", 0.1),
        Threshold("length", "warn", "loss", 0.1, optional=True),
        Threshold("length@p99", "fail", "loss", 0.3),
        Threshold("length@p99", "fail", "above", 900),
        Threshold("synthetic_share", "fail", "above", 0.5),
        Threshold("unseen_mass", "fail", "loss", 0.2, sure=True),
    )
    assert read.baseline.snapshot == Path("kept/may.snapshot")
    assert read.baseline.sha256 == "ab" * 32


def test_one_reading_goes_by_its_own_threshold_else_by_that_of_its_metric() -> None:
    read = Thresholds.parse(WHOLE)
    assert [one.kind for one in read.of("length@p99")] == ["loss", "above"]
    assert [one.bound for one in read.of("length@p10")] == [0.1]
    assert read.of("copies") == ()


def test_what_is_written_is_read_again() -> None:
    for read in (Thresholds.parse(WHOLE), Thresholds.usual()):
        assert set(Thresholds.parse(read.toml()).asked) == set(read.asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no threshold"),
        ("[baseline]\nsnapshot = 'a'", "no threshold"),
        ("[types\nfail = 1", "not TOML.*line 1"),
        ("[types]\nfail = 0.1\n[types]\nfail = 0.2", "not TOML"),
        ("types = 0.1", r"line 1: 'types' is no table"),
        ("\n[types]", r"line 2: \[types\] has neither warn nor fail"),
        ("[types]\noptional = true", "has neither"),
        ("[types]\n\nfial = 0.1", r"line 3: \[types\] has no 'fial'; did you mean 'fail'"),
        ("[types]\nfail = 'much'", r"line 2: .*must be a number, not 'much'"),
        ("[types]\nfail = true", "must be a number, not True"),
        ("[types]\nfail = nan", "must be a number, not nan"),
        ("[types]\nfail = inf", "must be a number, not inf"),
        ("[types]\nfail = [0.1]", "must be a number"),
        ("[types]\nfail = -0.1", "at least 0, not -0.1"),
        ("[types]\nwarn = 0.2\nfail = 0.1", "line 2: .*fail before it warns"),
        ("[share]\nwarn = {below = 0.1}\nfail = {below = 0.2}", "fail before it warns"),
        ("[types]\nfail = {}", "line 2: .*is empty"),
        ("[types]\nfail = {over = 1}", r"line 2: .*no 'over'"),
        ("[types]\nfail = 0.1\noptional = 1", "line 3: .*true or false, not 1"),
        ("[types]\nfail = 0.1\nsure = 'no'", "line 3: .*true or false"),
        ("baseline = 'may'\n[types]\nfail = 1", "line 1: 'baseline' is no table"),
        ("[baseline]\ndigest = 'a'\n[types]\nfail = 0.1", "line 2: .*no 'digest'"),
        ("[baseline]\nsha256 = 'abc'\n[types]\nfail = 0.1", "line 2: .*64 hexadecimal"),
        ("[baseline]\nsnapshot = 5\n[types]\nfail = 0.1", "line 2: .*must be a text"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said) as caught:
        Thresholds.parse(text, "watch.toml")
    assert "watch.toml" in str(caught.value)


def test_a_metric_that_is_not_known_is_refused_by_its_nearest_name() -> None:
    with pytest.raises(BadSetting, match="'typse', unknown; did you mean 'types'"):
        Thresholds.parse("[typse]\nfail = 0.1").check(["types", "length"])
    Thresholds.parse("['types@word']\nfail = 0.1").check(["types"])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="no file of thresholds"):
        Thresholds.read(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="is a folder"):
        Thresholds.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n[types]\nfail = 0.1")
    with pytest.raises(BadInput, match="UTF-8"):
        Thresholds.read(tmp_path / "latin.toml")


def test_a_file_with_the_mark_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf[types]\r\nfail = 0.1\r\n")
    assert Thresholds.read(tmp_path / "a.toml").asked[0].bound == 0.1
