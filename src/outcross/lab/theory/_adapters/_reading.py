"""What adapters read off a setting: the true variance, the sizes of samples, the split of real and synthetic."""

from __future__ import annotations

from outcross.core.errors import BadSetting
from outcross.lab.theory import replace_multiple
from outcross.lab.theory._arguments import Sizes
from outcross.lab.theory.curves import Setting


def truth_is(s: Setting, name: str) -> bool:
    """Whether the true distribution is of this family; where nothing is said, it is of the model's own."""
    return (s.population or {}).get("name", name) == name


def real_variance(s: Setting) -> float:
    """Return the variance of the true distribution, averaged over dimensions."""
    if "variance" in s.initial or not truth_is(s, "normal"):
        return s.start("variance")
    return s.ask("population", "sd") ** 2


def dimensions(s: Setting) -> int:
    """Return in how many dimensions the chain lives."""
    return int(s.ask("model", "dim", s.ask("population", "dim", 1)))


def refit_sizes(s: Setting) -> Sizes:
    """Return how many samples each refit of a replace chain sees."""
    return replace_multiple.sizes(s.generations, s.sample_size) if s.policy.get("multiple") else s.sample_size


def one_size(s: Setting) -> int:
    """Return how many samples every refit of a replace chain sees."""
    if s.policy.get("multiple"):
        raise BadSetting("the closed form holds for one sample size")
    return s.sample_size


def new_share(s: Setting) -> float:
    """Return the share of new real samples under fresh."""
    return s.ask("policy", "real")


def weighted_split(s: Setting) -> tuple[int, int, float]:
    """Return what weighted trains on: new real samples, synthetic ones, and the weight of the real ones."""
    if not s.policy.get("fresh", True):
        raise BadSetting("the closed form holds for new real samples in every generation")
    real = max(1, round(s.sample_size / (1 + s.ask("policy", "ratio", 1.0))))
    return real, s.sample_size - real, s.ask("policy", "real")
