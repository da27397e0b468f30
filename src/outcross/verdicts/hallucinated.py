"""Does anything appear that no person would have written?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.setting import Between
from outcross.core.verdict import Definition, Trace, Verdict
from outcross.verdicts._judge import MORE, Look, judge


@final
@dataclass(frozen=True)
class Hallucinated(Definition):
    """Data appear that the human distribution would not give: records outside its support, texts too unlikely for it.

    Of texts, the tail of those more perplexing to the first model than human text hardly ever is must grow: what the
    first model would hardly ever have written itself.

    Parameters
    ----------
    share
        The least share of records outside the support that counts, beyond that of generation 0.
    tail
        The least growth of the tail of unlikely texts that counts, in times the human share.

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("out_of_support", np.arange(2), np.array([[0.0, 0.2], [0.0, 0.3], [0.0, 0.2]]))
    >>> print(Hallucinated().judge("replace", {"out_of_support": trace}).answer)
    yes
    """

    share: Annotated[float, Between(0, 1, below=True)] = 0.01
    tail: Annotated[float, Between(0)] = 0.5

    title = "Hallucinated data"
    definition = "What lies outside the support of the human data appears."
    source = (
        "Shumailov et al., Nature 631 (2024), Fig. 1; definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "either"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Compare the last generation with generation 0."""
        looks = (
            Look("out_of_support", MORE, self.share, rises=True),
            Look("perplexity_tails@high", MORE, self.tail, rises=True),
        )
        return judge(self, policy, traces, looks)
