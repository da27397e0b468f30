"""A corpus scored in parts: the same answers, the same bytes, whoever does the work, and nothing lost by a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, final

import numpy as np
import polars as pl
import pytest

from outcross.core.detector import Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.core.seed import Seed
from outcross.corpus.documents import Columns
from outcross.corpus.share import Share
from outcross.detectors.ngram_linear import NgramLinear
from outcross.evidence.judging import ANSWER, PROBABILITY
from outcross.evidence.score_corpus import SUMMARY, score_corpus
from outcross.evidence.score_summary import GROUPS
from outcross.evidence.scoring import score_table
from outcross.evidence.trained import TrainedDetector
from outcross.evidence.training import train

T = TypeVar("T")
U = TypeVar("U")

WORDS = (
    "well i was so late again and my dog sat by the gate",
    "it is important to note that various aspects foster it",
)


def text(k: int) -> str:
    return f"{k} {WORDS[k % 2]} {WORDS[k % 2]} {'so ' * (k % 7)}{WORDS[k % 2]}"


@pytest.fixture(scope="module")
def trained() -> TrainedDetector:
    return train([text(k) for k in range(200)], [k % 2 for k in range(200)])


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    data = Labelled.of([text(k) for k in range(40)], [k % 2 for k in range(40)])
    return NgramLinear(bits=12).fit(data, Seed(0))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three files, one of them of JSON lines of which two are broken."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in range(2):
        rows = [
            {"id": f"{part}-{k}", "text": text(k + 70 * part), "origin": ("human", "synthetic")[k % 2]}
            for k in range(70)
        ]
        pl.DataFrame(rows).write_parquet(folder / f"{part}.parquet")
    lines = [json.dumps({"text": text(k), "origin": None, "lang": ("en", "de")[k % 2]}) for k in range(30)]
    (folder / "c.jsonl").write_text("\n".join([*lines, '{"text": "cut', '{"text": " "}']) + "\n")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_engines_write_the_same_bytes(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    """Of Ray see `tests.engines.test_ray`."""
    for name in ("serial", "processes"):
        score_corpus(scorer, corpus, tmp_path / "out", by=["origin"], engine=name)
        (tmp_path / "out").rename(tmp_path / name)
    assert content(tmp_path / "serial") == content(tmp_path / "processes")


def test_scores_and_summary_are_those_of_the_whole_at_once(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    summary = score_corpus(scorer, corpus, tmp_path / "out", by=["origin", "lang"], engine="serial")
    assert summary is not None
    texts = [text(k) for k in range(140)] + [text(k) for k in range(30)]
    exact = scorer.score(Documents.of(texts))
    table = pl.read_parquet(tmp_path / "out" / "*.parquet")
    assert np.array_equal(table["score"].to_numpy(), exact)
    assert table["line"].to_list() == [*range(1, 71), *range(1, 71), *range(1, 31)]
    assert table.columns == ["file", "line", "id", "origin", "lang", "score"]
    assert summary.whole.texts == 170
    assert summary.rejected == {"broken-line": 1, "no-text": 1}
    assert summary.distinct.value == 140
    assert summary.whole.scores.mean.value == pytest.approx(float(exact.mean()), rel=1e-12)
    for share in (0.05, 0.5, 0.95):
        wanted = float(np.quantile(exact, share, method="inverted_cdf"))
        assert summary.whole.scores.quantile(share) == pytest.approx(wanted, rel=2**-8)
    assert {name: one.texts for name, one in summary.by["origin"].items()} == {"": 30, "human": 70, "synthetic": 70}
    assert {name: one.texts for name, one in summary.by["lang"].items()} == {"": 140, "de": 15, "en": 15}
    told = json.loads((tmp_path / "out" / SUMMARY).read_text())
    assert told["by"]["lang"]["de"]["texts"] == 15
    quarantined = (tmp_path / "out" / "00002.quarantine.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in quarantined] == [31, 32]


def test_answers_are_those_of_a_table(trained: TrainedDetector, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"text": [text(k) for k in range(60)], "kind": ["a", "b"] * 30}).write_parquet(path)
    summary = score_corpus(trained, path, tmp_path / "out", Columns(domain="kind"), engine="serial")
    tally = score_table(trained, path, Columns(domain="kind"), tmp_path / "table.parquet")
    assert summary is not None
    assert summary.whole.answers == tally.answers
    parts, table = pl.read_parquet(tmp_path / "out" / "*.parquet"), pl.read_parquet(tmp_path / "table.parquet")
    assert parts.select(PROBABILITY, ANSWER, "kind").equals(table.select(PROBABILITY, ANSWER, "kind"))


@final
@dataclass(frozen=True)
class Killed(Engine):
    """An engine that is gone after so many tasks."""

    after: int

    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        for index, task in enumerate(tasks):
            if index == self.after:
                raise KeyboardInterrupt
            yield index, work(task)


def test_after_a_kill_the_same_call_goes_on(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    score_corpus(scorer, corpus, tmp_path / "whole", engine="serial")
    with pytest.raises(KeyboardInterrupt):
        score_corpus(scorer, corpus, tmp_path / "out", engine=Killed(1))
    assert not (tmp_path / "out" / SUMMARY).exists()
    before = (tmp_path / "out" / "00000.parquet").stat().st_mtime_ns
    score_corpus(scorer, corpus, tmp_path / "out", engine="serial")
    assert (tmp_path / "out" / "00000.parquet").stat().st_mtime_ns == before
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_shares_make_one_summary(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    assert score_corpus(scorer, corpus, tmp_path / "out", engine="serial", share=Share.of("1/2")) is None
    summary = score_corpus(scorer, corpus, tmp_path / "out", engine="serial", share=Share.of("0/2"))
    assert summary is not None and summary.whole.texts == 170


def test_other_work_does_not_go_on_in_the_same_folder(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    score_corpus(scorer, corpus, tmp_path / "out", engine="serial")
    with pytest.raises(BadInput, match="begun with other by"):
        score_corpus(scorer, corpus, tmp_path / "out", by=["origin"], engine="serial")
    other = NgramLinear(bits=13).fit(Labelled.of(["a b", "c d"] * 2, [0, 1] * 2), Seed(0))
    with pytest.raises(BadInput, match="begun with other judge"):
        score_corpus(other, corpus, tmp_path / "out", engine="serial")


def test_columns_that_are_not_there_are_refused_before_the_work(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"'orign'.*origin"):
        score_corpus(scorer, corpus, tmp_path / "out", by=["orign"], engine="serial")
    assert not (tmp_path / "out").exists()


def test_a_column_of_too_many_values_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    pl.DataFrame({"id": [str(k) for k in range(GROUPS + 1)], "text": ["a cat"] * (GROUPS + 1)}).write_parquet(
        tmp_path / "rows.parquet"
    )
    with pytest.raises(BadInput, match="'id' has more than 1,000 values"):
        score_corpus(scorer, tmp_path / "rows.parquet", tmp_path / "out", by=["id"], engine="serial")


def test_a_corpus_without_text_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": ""}\n')
    with pytest.raises(BadInput, match="no text"):
        score_corpus(scorer, tmp_path / "rows.jsonl", tmp_path / "out", engine="serial")


def test_sources_in_another_table_are_refused(scorer: Scorer, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="another table"):
        score_corpus(scorer, corpus, tmp_path / "out", Columns(source="a.csv:b", group="id"), engine="serial")


def test_a_judge_is_known_by_what_it_learned(trained: TrainedDetector, tmp_path: Path) -> None:
    again = TrainedDetector.load(trained.save(tmp_path / "a.npz"))
    assert again.digest() == trained.digest()
    other = train([text(k) for k in range(100)], [k % 2 for k in range(100)])
    assert other.digest() != trained.digest()
