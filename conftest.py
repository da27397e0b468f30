"""Tests without the extra ``lm``: what needs PyTorch is skipped there with a reason; everything else must pass."""

from __future__ import annotations

import doctest
from collections.abc import Generator
from importlib.util import find_spec

import pytest
from _pytest.doctest import MultipleDoctestFailures

NETWORKS = find_spec("torch") is not None

collect_ignore_glob = [] if NETWORKS else ["src/outcross/*/_torch/*", "tests/decodings/*", "tests/trainings/*"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Skip a test that a missing library ended, where networks are not installed."""
    try:
        return (yield)
    except Exception as error:
        cause = missing(error)
        if NETWORKS or cause is None:
            raise
        pytest.skip(f"needs the extra lm: {cause}")


def missing(error: Exception) -> ImportError | None:
    """What could not be imported, in a test or in an example of a docstring."""
    first = error.failures[0] if isinstance(error, MultipleDoctestFailures) else error
    cause = first.exc_info[1] if isinstance(first, doctest.UnexpectedException) else first
    return cause if isinstance(cause, ImportError) else None
