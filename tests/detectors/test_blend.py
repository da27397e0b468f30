"""Several detectors together: what their mean is, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting, UnknownPart
from outcross.core.part import build, words
from outcross.core.seed import Seed
from outcross.detectors.blend import Blend

DATA = Labelled.of(
    ["so late, sorry!", "sorry, so tired!", "late again, oh dear!", "it is vital.", "it is a key point.", "it is so."],
    [0, 0, 0, 1, 1, 1],
)
NEW = Documents.of(["so sorry!", "it is key.", ""])
MEMBERS = ("ngram_linear", "token_odds")


def test_it_is_the_mean_of_standardised_scores() -> None:
    found = Blend(MEMBERS).fit(DATA, Seed(0)).score(NEW)
    each = []
    for name in MEMBERS:
        scorer = build("detector", name).fit(DATA, Seed(0))
        learned = scorer.score(DATA.documents)
        centre = (learned[:3].mean() + learned[3:].mean()) / 2
        spread = np.sqrt((((learned[:3] - centre) ** 2).mean() + ((learned[3:] - centre) ** 2).mean()) / 2)
        each.append((scorer.score(NEW) - centre) / spread)
    np.testing.assert_allclose(found, np.mean(each, axis=0))
    assert np.isnan(found[2]) and not np.isnan(found[:2]).any()


def test_its_words_build_it_again() -> None:
    blend = Blend(("ngram_linear(words=1)", "stylometric"))
    assert build("detector", words(blend)) == blend


def test_what_is_refused() -> None:
    with pytest.raises(BadSetting, match="two detectors or more"):
        Blend(("ngram_linear",))
    with pytest.raises(UnknownPart, match="did you mean 'stylometric'"):
        Blend(("ngram_linear", "stilometric"))
    with pytest.raises(BadInput, match="blend of 2 detectors"):
        Blend(MEMBERS).restore({})
