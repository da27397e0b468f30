"""The topic masked: by the source, by what is common, and what is left to be learned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.detectors.masked import Masked
from outcross.evidence.crossfit import cross_fit


def test_what_the_source_says_is_masked_but_function_words_are_not() -> None:
    source = "The trial of Tamoxifen was in 31 women who hadn't it before."
    assert Masked().mask("The TRIAL was big: 12.5 women hadn’t", source) == "the X was big : 00 . 0 X hadn't"


def test_without_a_source_what_is_not_common_is_masked() -> None:
    assert Masked().mask("The trial shows it.", common=frozenset({"shows"})) == "the X shows it ."
    assert Masked().mask("The trial", "  ", frozenset()) == "the X"


def test_scripts_without_spaces_are_masked_sign_by_sign() -> None:
    assert Masked().mask("猫は眠る。", common=frozenset("は")) == "X は X X 。"


def test_a_word_is_common_if_many_groups_use_it_in_half_of_the_domains() -> None:
    texts = ["shows apples"] * 20 + ["shows trains"] * 20 + ["rare apples"]
    groups = [f"g{place}" for place in range(40)] + ["g0"]
    data = Labelled.of(texts, [0, 1] * 20 + [0], groups, ["food"] * 20 + ["travel"] * 20 + ["food"])
    assert Masked(common=0.5)._common(data) == {"shows", "apples", "trains"}
    three = Labelled.of(
        [*texts, "shows of cars"],
        [0, 1] * 20 + [0, 1],
        [*groups, "c"],
        ["food"] * 20 + ["travel"] * 20 + ["food", "cars"],
    )
    assert Masked(common=0.5)._common(three) == {"shows"}


def test_the_subject_is_not_learned() -> None:
    """Humans write of cats, machines of dogs, in the same style: new texts score alike."""
    rng = np.random.default_rng(0)
    style = ["i think {} is fine", "well , {} can be so odd", "but why is {} not here ?"]

    def texts(animal: str, number: int) -> list[str]:
        return [" ".join(str(rng.choice(style)).format(animal) for _ in range(6)) for _ in range(number)]

    train = Documents.of(texts("cats", 60) + texts("dogs", 60), ["cats"] * 60 + ["dogs"] * 60)
    scorer = Masked().fit(Labelled.of(train, [0] * 60 + [1] * 60), Seed(0))
    cats = scorer.score(Documents.of(texts("cats", 200), ["cats"] * 200))
    dogs = scorer.score(Documents.of(texts("dogs", 200), ["dogs"] * 200))
    assert abs(np.mean(cats) - np.mean(dogs)) < 4 * np.hypot(cats.std(), dogs.std()) / np.sqrt(200)


def test_white_space_decides_nothing() -> None:
    data = Labelled.of(["so late , sorry", "so odd", "it is vital .", "it is key ."], [0, 0, 1, 1])
    scorer = Masked().fit(data, Seed(0))
    one, other = scorer.score(Documents.of(["so late, it is", "  so\n\nlate ,\tit   is "]))
    assert one == other


@pytest.mark.parametrize("common", [None, np.zeros(3), np.array([255], dtype=np.uint8)])
def test_strange_arrays_are_refused(common: np.ndarray | None) -> None:
    with pytest.raises(BadInput, match="masked"):
        Masked().restore({} if common is None else {"common": common})


def test_the_crowd_study_by_abstract(shared: Path) -> None:
    """Summaries of abstracts that were not trained on; the study's own masked features gave .98, unmasked length .9."""
    rows = json.loads((shared / "data" / "crowd" / "base.json").read_text(encoding="utf-8"))
    source = {row["HITId"]: row["text"] for row in rows if row["class"] == "abstract"}
    rows = [row for row in rows if row["class"] != "abstract"]
    documents = Documents.of([row["text"] for row in rows], [source[row["HITId"]] for row in rows])
    data = Labelled.of(documents, [row["labels"] for row in rows], [row["HITId"] for row in rows])
    scores = cross_fit(Masked(), data, Seed(0), folds=4).scores
    gap = scores[data.synthetic][:, None] - scores[~data.synthetic][None]
    assert np.mean(gap > 0) > 0.95
