"""What `import outcross` offers of the guard, in one place: it is loaded when the first of it is asked for."""

from __future__ import annotations

from outcross.guard.check.check import check
from outcross.guard.check.checkup import Checkup
from outcross.guard.forecast.forecast import forecast
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.mix import mix
from outcross.guard.mix.mixed import Mixed
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.planning import plan_mix
from outcross.guard.mix.proof import MixVerification, verify_mix
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.snapshot.taking import snapshot
from outcross.guard.watch.change import Change
from outcross.guard.watch.watch import watch
from outcross.guard.watch.watched import Watch

__all__ = [
    "Change",
    "Checkup",
    "Forecast",
    "MixPlan",
    "MixVerification",
    "Mixed",
    "Snapshot",
    "Watch",
    "check",
    "forecast",
    "mix",
    "plan_mix",
    "snapshot",
    "verify_mix",
    "watch",
]
