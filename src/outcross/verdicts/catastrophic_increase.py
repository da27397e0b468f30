"""Is a later model so much worse on human data that it is of no use?"""

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
class CatastrophicIncrease(Definition):
    """The population risk rises by a large factor over that of the first model.

    No paper states the factor. The default, 2, lies between the published cases: where data accumulate, the test error
    of linear regression never exceeds pi^2 / 6 = 1.64 times the first (Gerstgrasser et al.), which is their case of no
    catastrophe; where they are replaced it grows without bound, and the perplexity of their language models threefold
    (temperature 1, ten iterations) to three-thousandfold (temperature 0.3). The Nature paper's language model, from
    perplexity 34 to 54-62, is just below it.

    A multiple of a distance or of an excess risk is relative to a first model that may be very good: read it with the
    numbers in the evidence.

    Parameters
    ----------
    factor
        How many times the first model's risk (its perplexity, where risk is in nats).

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("perplexity", np.arange(3), np.array([[np.nan, 9, 12], [np.nan, 9, 13], [np.nan, 9, 12]]))
    >>> print(CatastrophicIncrease().judge("replace", {"perplexity": trace}).answer)
    no
    """

    factor: Annotated[float, Between(1, above=True)] = 2.0

    title = "Catastrophic increase of population risk"
    definition = "The risk on the human distribution grows by a large factor over that of the first model."
    source = (
        "Gerstgrasser et al., arXiv 2404.01413 (2024); Dohmatob et al., arXiv 2410.04840 (2024); "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "either"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Compare the last generation with generation 1."""
        return judge(self, policy, traces, risks(self.factor))
