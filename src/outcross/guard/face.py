"""What `import outcross` offers of the guard, in one place: it is loaded when the first of it is asked for."""

from __future__ import annotations

from outcross.guard.check.checkup import Checkup
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.plan import MixPlan
from outcross.guard.watch.change import Change

__all__ = ["Change", "Checkup", "Forecast", "MixPlan"]
