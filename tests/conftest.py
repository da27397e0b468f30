"""What every test may ask for: the folder of shared real data, which most machines do not have. A test that asks for
``shared`` is skipped there, unless ``OUTCROSS_REQUIRE_SHARED=1`` says that it must run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Two workers share the cores; BLAS threads on top of them only get in each other's way. Before NumPy is imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data: ``OUTCROSS_SHARED``, or ``shared`` beside the repository."""
    folder = Path(os.environ.get("OUTCROSS_SHARED") or ROOT.parent / "shared")
    if folder.is_dir():
        return folder
    reason = f"no shared data at {folder} (set OUTCROSS_SHARED to the folder that has it)"
    if os.environ.get("OUTCROSS_REQUIRE_SHARED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
