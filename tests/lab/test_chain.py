"""The chain as a user meets it: resumable, independent of the engine, refusing what cannot be run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import outcross as oc

TEXT = "builtin:python-reference"


def small(**settings: object) -> oc.Chain:
    return oc.Chain("gaussian(ddof=1)", "normal", ["replace", "accumulate"], ["variance"], 50, **settings)  # type: ignore[arg-type]


def test_the_face() -> None:
    history = oc.Chain(
        model="gaussian(dim=1, ddof=1)", data="normal", policy="replace", metrics=["variance", "mean_drift"],
        sample_size=100,
    ).run(generations=50, replicates=1000, seed=0, exact=None, engine="serial")  # fmt: skip
    assert history.table.shape == (2 * 51 * 1000, 6)
    drift = history.measure("replace", "mean_drift", 50)
    assert drift.value is not None and drift.low is not None and drift.high is not None
    error = (drift.high - drift.low) / (2 * 1.96)
    assert abs(drift.value - 0.5) < 4 * error  # Var mu_t = t / n
    assert history.theory()["replace", "mean_drift"].values[50] == pytest.approx(0.5)


@pytest.mark.parametrize("exact", [True, False])
def test_results_do_not_depend_on_the_engine(exact: bool) -> None:
    one = small().run(5, 250, 3, exact, engine="serial")
    two = small().run(5, 250, 3, exact, engine="processes")
    assert one.table.equals(two.table)


def test_results_do_not_depend_on_what_else_is_asked() -> None:
    """More policies, more metrics, more generations: the same numbers for what was there before."""
    one = small().run(5, 20, 3, engine="serial")
    more = oc.Chain(
        "gaussian(ddof=1)", "normal", ["subsample", "accumulate", "replace"], ["wasserstein", "variance"], 50
    )
    two = more.run(8, 20, 3, False, engine="serial")
    one = small().run(5, 20, 3, False, engine="serial")
    for policy in ("replace", "accumulate"):
        assert np.array_equal(one.values(policy, "variance"), two.values(policy, "variance")[:, :6])


def test_steps_are_those_of_the_run() -> None:
    """The lazy face walks the same chain."""
    run = oc.Chain("gaussian", "normal", "replace", ["variance"], 50).run(4, 3, 9, False, engine="serial")
    chain = oc.Chain("gaussian", "normal", "replace", ["variance"], 50)
    for step, expected in zip(chain.steps(3, 9, False), run.values("replace", "variance").T[1:], strict=False):
        assert step.fitted is not None
        law = step.fitted.law()
        assert isinstance(law, oc.Normal)
        assert np.array_equal(law.covariance[:, 0, 0], expected)


def test_early_stop() -> None:
    history = small(until="variance < 0.5").run(400, 3, 0, engine="serial")
    assert 5 < history.last("replace") < 400
    assert history.last("accumulate") == 400
    final = history.values("replace", "variance")[:, history.last("replace")]
    assert (final < 0.5).all()


def test_a_corpus_that_runs_out_is_refused_at_once() -> None:
    chain = oc.Chain("ngram(order=2)", TEXT, "fresh(real=0.5)", sample_size=500)
    with pytest.raises(
        oc.BadSetting, match=r"fresh\(real=0\.5\) needs \d+ new human records by generation 4 and \d+ are left"
    ):
        chain.run(10, 1, engine="serial")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "gaussian", "data": "normal", "metrics": ["distinct"]}, "distinct reads Texts"),
        ({"model": "kde(bandwidth=1.0)", "data": "normal", "policy": "filtered(policy=replace, keep=0.5)",
          "metrics": ["variance"], "until": "types < 3"}, "needs the metric types"),
        ({"model": "gaussian", "data": "builtin:digits", "sample_size": 10**6}, "more than the 1,617 human records"),
        ({"model": "gaussian", "data": "normal", "policy": ["replace", "replace"]}, "given twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_run(settings: dict[str, object], message: str) -> None:
    with pytest.raises(oc.OutcrossError, match=message):
        oc.Chain(**settings).run(3, 2, engine="serial")  # type: ignore[arg-type]


def text_chain() -> oc.Chain:
    return oc.Chain(
        "ngram(order=2)",
        TEXT,
        ["replace", "accumulate", "filtered(policy=replace, keep=0.5)"],
        ["perplexity", "types"],
        sample_size=300,
    )


def test_resume_is_bit_identical(tmp_path: Path) -> None:
    """A run is killed with SIGKILL, in the middle, again and again; what comes out is what an untouched run gives."""
    whole = text_chain().run(6, 4, 1, engine="serial")
    script = (
        "from pathlib import Path\n"
        "from tests.lab.test_chain import text_chain\n"
        f"text_chain().run(6, 4, 1, engine='serial', out={str(tmp_path / 'run')!r}, resume=True)\n"
    )
    root = Path(__file__).resolve().parents[2]
    kills = 0
    for patience in (1.0, 1.3, 1.6, 2.0, 120.0):
        process = subprocess.Popen([sys.executable, "-c", script], cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
        try:
            process.wait(patience)
            break
        except subprocess.TimeoutExpired:
            parts = len(list((tmp_path / "run").glob("parts/**/*.npz")))
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += parts > 0
    assert process.returncode == 0
    history = oc.History.load(tmp_path / "run")
    assert history.table.equals(whole.table)
    assert history.excerpts == whole.excerpts
    assert not (tmp_path / "run" / "parts").exists()


def test_generations_of_a_killed_trial_are_taken_up(tmp_path: Path) -> None:
    """Not only whole trials: the last finished generation of an unfinished one counts too."""
    from outcross.lab import journal as journals

    whole = text_chain().run(6, 2, 1, engine="serial")
    write, written = journals.Journal.write_generation, []

    class Killed(BaseException):
        pass

    def stop(self: journals.Journal, *args: object) -> None:
        write(self, *args)  # type: ignore[arg-type]
        written.append(args)
        if len(written) == 10:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals.Journal, "write_generation", stop)
        with pytest.raises(Killed):
            text_chain().run(6, 2, 1, engine="serial", out=tmp_path / "run")
    assert len(list((tmp_path / "run").glob("parts/policy*/*.npz"))) == 4
    started = time.perf_counter()
    history = text_chain().run(6, 2, 1, engine="serial", out=tmp_path / "run", resume=True)
    assert time.perf_counter() - started < 120
    assert history.table.equals(whole.table)
    assert history.excerpts == whole.excerpts


def test_wikitext(shared: Path) -> None:
    """A trigram refitted on its own output loses types and grows perplexed, as measured before (362 to 1,360 and
    13,776 to 5,551 in 11 generations): in shape and size.
    """
    chain = oc.Chain(
        "ngram(order=3)", shared / "data/wikitext-2/valid.txt", "replace", ["perplexity", "types"], unit="space"
    )
    history = chain.run(5, 1, engine="serial")
    perplexity, types = (history.values("replace", metric)[0] for metric in ("perplexity", "types"))
    assert (np.diff(perplexity[1:]) > 0).all()
    assert (np.diff(types) < 0).all()
    assert 200 < perplexity[1] < 600
    assert 6000 < types[5] < 10_500
