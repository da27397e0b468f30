"""Shares of the work: every task belongs to one of them, and what is no share is said clearly."""

from __future__ import annotations

import pytest

from outcross.core.errors import BadSetting
from outcross.corpus.share import Share


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_every_task_belongs_to_one(count: int) -> None:
    shares = [Share.of(f"{index}/{count}") for index in range(count)]
    assert all(sum(share.has(task) for share in shares) == 1 for task in range(50))


def test_they_are_of_one_size() -> None:
    sizes = [sum(Share(index, 3).has(task) for task in range(11)) for index in range(3)]
    assert sizes == [4, 4, 3]


@pytest.mark.parametrize("text", ["0/1", "3/16", " 3 / 16 ", "007/010"])
def test_what_is_written_is_read(text: str) -> None:
    share = Share.of(text)
    assert Share.of(str(share)) == share


@pytest.mark.parametrize(
    "text", ["", "3", "/", "3/", "/16", "-1/3", "1/-3", "1.0/3", "1/2/3", "a/b", "٣/٤", "1" * 99 + "/3"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="a shard is written i/N, such as 0/16 to 15/16, not") as caught:
        Share.of(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["16/16", "1/1", "17/16"])
def test_they_count_from_zero(text: str) -> None:
    last = int(text.partition("/")[2]) - 1
    with pytest.raises(BadSetting, match=f"there is no shard {text}: they count from 0, .* to {last}/"):
        Share.of(text)


def test_there_is_at_least_one() -> None:
    with pytest.raises(BadSetting, match="at least one shard"):
        Share.of("0/0")
