"""Is a later model any worse on human data than the first?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.setting import Between
from outcross.core.verdict import Definition, Trace, Verdict
from outcross.verdicts._judge import judge
from outcross.verdicts._risk import risks


@final
@dataclass(frozen=True)
class RiskIncrease(Definition):
    """The population risk rises above that of the first model, by however little.

    Risk is perplexity or negative log-likelihood on held-out human data, or a distance to the true distribution. It
    always rises by some tiny amount, so what counts is a rise that is surely more than ``effect``.

    Parameters
    ----------
    effect
        The least rise that counts, as a share of the first model's risk (of its perplexity, where risk is in nats).

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("perplexity", np.arange(3), np.array([[np.nan, 9, 12], [np.nan, 9, 13], [np.nan, 9, 12]]))
    >>> print(RiskIncrease().judge("replace", {"perplexity": trace}).answer)
    yes
    """

    effect: Annotated[float, Between(0)] = 0.01

    title = "Any increase of population risk"
    definition = "A later model has a higher risk on the human distribution than the first one."
    source = (
        "Shumailov et al., Nature 631 (2024), equation 4; Gerstgrasser et al., arXiv 2404.01413 (2024); "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "either"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Compare the last generation with generation 1."""
        return judge(self, policy, traces, risks(1 + self.effect))
