"""The plan: three spellings of one thing."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcross.core.errors import BadSetting, MissingInput, UnknownPart
from outcross.lab.plan import Plan
from outcross.lab.until import Until

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1)


@given(
    st.builds(
        Plan,
        data=texts,
        policy=st.lists(texts, min_size=1).map(tuple),
        metric=st.lists(texts).map(tuple),
        generations=st.integers(0, 10**6),
        sample_size=st.none() | st.integers(1, 10**9),
        seed=st.integers(0, 2**63 - 1),
        exact=st.none() | st.booleans(),
        until=st.none() | texts,
        heldout=st.floats(0.01, 0.99),
    )
)
def test_toml_round_trip(plan: Plan) -> None:
    assert Plan.from_toml(plan.to_toml()) == plan


def test_command_spells_the_plan() -> None:
    plan = Plan(data="my corpus.jsonl", policy=("replace", "anchor(real=0.1)"), seed=3, exact=False)
    assert shlex.split(plan.command()) == [
        "outcross", "run", "--data", "my corpus.jsonl", "--policy", "replace", "--policy", "anchor(real=0.1)",
        "--seed", "3", "--no-exact",
    ]  # fmt: skip
    assert Plan().command() == "outcross run"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("generations = -1", "generations must be a whole number >= 0"),
        ("generations = true", "generations must be a whole number"),
        ("replicates = 0", "replicates must be a whole number >= 1"),
        ("heldout = 1.0", r"heldout must be a share in \(0, 1\)"),
        ("policy = []", "at least one policy"),
        ("policy = [1]", "policy must be a list of words"),
        ("unit = 'syllable'", "unit must be word, character or space"),
        ("data = 3", "data must be text"),
        ("exact = 'yes'", "exact must be true, false or left out"),
        ("not toml", "the plan is not TOML"),
    ],
)
def test_bad_plans(text: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        Plan.from_toml(text)


def test_unknown_entry_and_missing_file(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(UnknownPart, match="did you mean 'generations'"):
        Plan.from_toml("generation = 3")
    with pytest.raises(MissingInput, match=r"there is no plan 'nowhere\.toml'"):
        Plan.read(Path("nowhere.toml"))


@pytest.mark.parametrize("text", ["variance", "variance < much", "< 3", "variance = 3", ""])
def test_conditions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(BadSetting, match="cannot read the condition"):
        Until.parse(text)


def test_conditions() -> None:
    assert str(Until.parse("tail_mass(quantile=0.05)>=0.5")) == "tail_mass(quantile=0.05) >= 0.5"
