"""The page says everything that a history knows, loads nothing, and nothing in the data can become code."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import OutputRefused
from outcross.core.measure import Measure
from outcross.core.part import parts
from outcross.core.verdict import Answer
from outcross.lab.chain import Chain
from outcross.lab.history import History
from outcross.lab.trial import Excerpt, Outcome
from outcross.report.gallery import gallery
from outcross.report.page import page, write_page
from tests.report import samples
from tests.report.html import Page

SPICE = "</script><img src=x onerror=\"alert('1')\"><b>&amp;&{{ 7 * 7 }}\u2028"


def test_a_chain_from_beginning_to_end() -> None:
    history = Chain("gaussian(ddof=1)", "normal", ["replace", "accumulate"], sample_size=20).run(8, 20, engine="serial")
    shown = Page(page(history))
    verdicts = history.verdicts()
    assert len(verdicts) == 2 * len(parts("verdict"))
    for verdict in verdicts:
        assert " ".join(verdict.sentence.split()) in shown.text
    assert history.theory()
    for form in history.theory().values():
        assert form.name.rstrip(".") in shown.text


@pytest.fixture(autouse=True)
def _settled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.function is not test_a_chain_from_beginning_to_end:
        samples.settle(monkeypatch)


@pytest.fixture(name="history")
def _history() -> History:
    return samples.history()


@pytest.fixture(name="shown")
def _shown(history: History) -> Page:
    return Page(page(history))


def test_a_file_is_written_where_it_is_asked_for(history: History, tmp_path: Path) -> None:
    assert write_page(history, tmp_path / "page.html") == tmp_path / "page.html"
    assert write_page(history, tmp_path / "new" / "run.2") == tmp_path / "new" / "run.2" / "index.html"
    assert write_page(history, tmp_path) == tmp_path / "index.html"
    assert Page.of(tmp_path / "index.html").text == Page.of(tmp_path / "page.html").text


def test_what_cannot_be_written_is_refused(history: History, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputRefused):
        write_page(history, tmp_path / "file" / "page.html")


def test_the_same_history_gives_the_same_bytes(history: History) -> None:
    assert page(history) == page(history)


def test_it_is_a_whole_html5_page(shown: Page) -> None:
    assert shown.declarations == ["doctype html"]
    assert shown.all("html")[0]["lang"] == "en"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in shown.all("meta")
    for tag in ("title", "h1", "main", "header", "nav"):
        assert len(shown.all(tag)) == 1


def test_identifiers_are_unique_and_links_inside_lead_somewhere(shown: Page) -> None:
    ids = shown.values("id")
    assert len(ids) == len(set(ids))
    inside = [value[1:] for value in shown.values("href") if value.startswith("#")]
    assert set(inside) <= set(ids)
    for attribute in ("aria-labelledby", "data-copy"):
        assert set(shown.values(attribute)) <= set(ids)


def test_headings_leave_out_no_level(shown: Page) -> None:
    levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_nothing_is_loaded(shown: Page) -> None:
    for attribute in ("src", "srcset", "action", "poster", "data", "xlink:href"):
        assert not shown.values(attribute)
    assert [link["href"] for link in shown.all("link")] == ["data:,"]
    outside = {value for value in shown.values("href") if not value.startswith(("#", "data:,"))}
    cited = {str(link["href"]) for link in shown.all("a")}
    assert outside <= cited
    assert all(address.startswith("https://") for address in outside)


def test_no_style_and_no_script_asks_for_anything(history: History) -> None:
    text = page(history)
    assert not re.findall(r"@import|url\(|@font-face", text)
    assert not re.findall(r"\bfetch\(|XMLHttpRequest|WebSocket|import\(|sendBeacon", text)


def test_only_its_own_script_may_run(shown: Page) -> None:
    (policy,) = [meta["content"] for meta in shown.all("meta") if "http-equiv" in meta]
    digest = base64.b64encode(hashlib.sha256(shown.scripts[""].encode()).digest()).decode()
    assert policy is not None
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_it_says_what_was_run(history: History, shown: Page) -> None:
    plan, facts = history.plan, history.facts
    said = (
        plan.model,
        facts.data,
        "10 generations",
        "10 independent replicates",
        "900",
        facts.why[1:],
        plan.command(),
        " ".join(plan.to_toml().split()),
        facts.digest,
        plan.digest,
        facts.version,
        facts.source,
        *facts.notes,
    )
    for words in said:
        assert words in shown.text
    assert "Seed7" in shown.text.replace(" ", "")


def test_every_policy_metric_and_verdict_is_there(history: History, shown: Page) -> None:
    for words in (*history.policies, *(name for name in history.metrics if "histogram" not in name)):
        assert words in shown.text
    for verdict in history.verdicts():
        assert verdict.sentence in shown.text
        assert verdict.definition in shown.text
        for evidence in verdict.evidence:
            assert evidence.what in shown.text
            assert evidence.measure.reason in shown.text
    answers = [
        tuple(str(attributes["class"]).split()[1:])
        for attributes in shown.all("span")
        if str(attributes.get("class", "")).startswith("pill")
    ]
    for answer in Answer:
        assert answers.count((str(answer).replace(" ", "-"),)) == len(history.policies)
    assert shown.text.count("from generation 3") == 2 * len(history.policies)  # in the overview and in the matrix


def test_numbers_are_those_of_the_history(history: History, shown: Page) -> None:
    measure = history.measure("accumulate", "length", 10)
    assert measure.value is not None
    assert measure.low is not None
    assert f"{measure.value:.1f}" in shown.text
    data = json.loads(shown.scripts["application/json"])
    panel = data["panels"][[*dict.fromkeys(n.partition("@")[0] for n in history.metrics)].index("length")]
    curve = panel["facets"][0][data["policies"].index("accumulate")]
    assert curve["mean"][10] == pytest.approx(measure.value, rel=1e-4)
    assert curve["low"][10] == pytest.approx(measure.low, rel=1e-4)


def test_missing_values_have_their_reason(shown: Page) -> None:
    assert "No value at generation 0: generation 0 is human data: there is no model yet." in shown.text
    assert "missing1" in shown.text.replace(" ", "")


def test_texts_have_their_prompt_told_apart(shown: Page) -> None:
    assert "What the text looked like" in shown.text
    assert len(shown.all("mark")) == 1 + 1 + 3 * len(samples.POLICIES)  # the word prompt; human; generations 1, 5, 9
    assert shown.text.count("as generation human") == 1
    assert shown.text.count("as generation 9") == len(samples.POLICIES)


def test_pictures_stand_in_the_page_a_row_a_generation() -> None:
    history = samples.drawn()
    shown = Page(page(history))
    assert "What the pictures looked like" in shown.text
    assert "#pictures" in shown.values("href")
    assert "#texts" not in shown.values("href")
    images = shown.all("img")
    assert len(images) == 1 + 4 * len(history.policies)
    whose = [(policy, generation) for generation in (1, 5, 9, 10) for policy in history.policies]
    named = ["Human pictures"]
    named += [f"Pictures drawn by the model of generation {generation} under {policy}" for policy, generation in whose]
    assert [image["alt"] for image in images] == named
    held = {(picture.policy, picture.generation): picture for picture in history.pictures}
    for image, which in zip(images, [(history.policies[0], 0), *whose], strict=True):
        head, _, data = str(image["src"]).partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(data) == held[which].png
        assert (str(image["width"]), str(image["height"])) == tuple(map(str, held[which].size))


def test_a_page_without_pictures_does_not_speak_of_them(shown: Page) -> None:
    assert "picture" not in shown.text.lower()
    assert not shown.all("img")


@pytest.mark.parametrize(("side", "channels", "count"), [(28, 1, 3), (32, 3, 3), (64, 3, 3), (64, 3, 10)])
def test_pictures_keep_the_page_small_and_say_what_is_left_out(side: int, channels: int, count: int) -> None:
    policies = tuple(f"anchor(real={0.1 + 0.05 * place:.2f})" for place in range(count))
    history = samples.drawn(policies, side, channels)
    text = page(history)
    assert len(text.encode()) < 1_000_000
    told = "To keep this page small" in Page(text).text
    assert told == (len(Page(text).all("img")) < 1 + 4 * count)
    if told:
        assert "pictures.jsonl" in text


def test_the_first_and_the_last_generation_are_the_last_to_be_left_out() -> None:
    history = samples.drawn()
    whole = gallery(history.pictures, history.policies)
    sizes = {shelf.generation: shelf.length for shelf in whole.shelves}
    assert whole.omitted == ()
    for room, kept in ((0, ()), (sizes[0], (0,)), (sizes[0] + sizes[10], (0, 10))):
        found = gallery(history.pictures, history.policies, room)
        assert tuple(shelf.generation for shelf in found.shelves) == kept
        assert found.omitted == tuple(g for g in sizes if g not in kept)
    shelves = gallery(history.pictures[2:], history.policies).shelves  # the first policy lacks generations 0 and 1
    assert shelves[0].common
    assert shelves[1].shots[0] is None
    assert None not in (*shelves[1].shots[1:], *shelves[2].shots)


def test_how_log_probabilities_are_counted_stands_beside_their_charts(shown: Page) -> None:
    said = "Log-probabilities are sums over tokens."
    assert shown.text.count(said) == 1 + len(("perplexity", "perplexity_tails", "perplexity_histogram"))


ODD = {
    "markup": (
        "The <unk>",
        'The <unk> of </p><script>alert(1)</script> &amp; "so" it\'s',
        ["<unk>", '&amp; "so" it\'s'],
    ),
    "newlines": ("The cat", "The cat\n\n\n\n\n\nsat", ["↵↵↵↵"]),
    "right to left": ("שלום", "שלום עולם \u202e abc", ["עולם"]),
    "half a pair": ("The cat", "The cat \ud83d sat \udc80", ["The cat \N{REPLACEMENT CHARACTER} sat"]),
    "controls": ("The cat", "The cat\x00\x1b[31m\r sat", ["␀␛[31m␍"]),
    "spaced otherwise": ("The cat 's", "The cat's hat", ["The cat's hat"]),
    "nothing": ("The cat", "The cat \n ", ["(nothing more was written)"]),
    "endless": ("The cat", "The cat" + " sat" * 1000, ["3000 characters more"]),
    "one long word": ("The cat", "The cat" + "x" * 900, ["x" * 900]),
}


@pytest.mark.parametrize(("prompt", "text", "pieces"), ODD.values(), ids=ODD)
def test_texts_of_every_kind_are_shown(prompt: str, text: str, pieces: list[str], tmp_path: Path) -> None:
    history = samples.history(policies=("replace",), generations=1)
    history.outcomes["replace"].excerpts[:] = [Excerpt("replace", 0, prompt, text)]
    plain = page(samples.history(policies=("replace",), generations=0))
    shown = Page.of(write_page(history, tmp_path))
    for piece in pieces:
        assert piece in shown.text
    assert len(shown.all("script")) == len(Page(plain).all("script"))
    assert len([tag for tag, found in shown.elements if found.get("class") == "text"]) == 1
    history.save(tmp_path / "run")
    assert History.load(tmp_path / "run").excerpts == history.excerpts


def test_a_file_name_that_is_no_unicode_does_not_stop_the_page(tmp_path: Path) -> None:
    base = samples.history(generations=1)
    history = replace(base, facts=replace(base.facts, data="corpus-\udcff.txt"))
    assert "corpus-?.txt" in write_page(history, tmp_path).read_text()
    history.save(tmp_path / "run")
    assert History.load(tmp_path / "run").facts == history.facts


def test_theory_is_drawn_and_cited(shown: Page) -> None:
    drawn = [attributes for attributes in shown.all("path") if "theory" in str(attributes.get("class"))]
    assert len(drawn) == 1
    assert "E V_t = 0.6^t" in shown.text
    assert "https://arxiv.org/abs/1234.56789" in shown.values("href")


def test_sources_are_listed_once(shown: Page) -> None:
    listed = shown.text.partition("Sources to cite")[2]
    assert listed.count("Shumailov et al., Nature 631 (2024)") == 1
    assert listed.count("Gerstgrasser et al.") == 1


def test_the_word_never_stands_alone(history: History) -> None:
    text = Page(page(history)).text
    text = re.sub(r"published definitions? of collapse|uses one word, collapse,|(early|late) collapse", "", text)
    assert "collapse" not in text.lower()


def test_data_cannot_become_code(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.settle(monkeypatch, SPICE)
    plain, spiced = Page(page(samples.history())), Page(page(samples.history(spice=SPICE)))
    assert [tag for tag, _ in spiced.elements] == [tag for tag, _ in plain.elements]
    assert spiced.scripts[""] == plain.scripts[""]
    assert not spiced.all("img")
    assert not [name for _, attributes in spiced.elements for name in attributes if name.startswith("on")]
    assert " ".join(SPICE.split()) in spiced.text


def test_names_of_policies_and_metrics_cannot_become_code() -> None:
    values = {f"metric{SPICE}": np.ones((3, 2)), f"metric{SPICE}@{SPICE}": np.ones((3, 2))}
    base = samples.history(generations=1, replicates=3)
    history = replace(base, outcomes={f"policy{SPICE}": Outcome(values)}, plan=replace(base.plan, policy=("x",)))
    shown = Page(page(history))
    assert not shown.all("img")
    assert json.loads(shown.scripts["application/json"])["policies"] == [f"policy{SPICE}"]


@pytest.mark.parametrize(("replicates", "said"), [(1, "One replicate is an anecdote"), (3, "Only 3 replicates")])
def test_few_replicates_get_a_word_of_caution(replicates: int, said: str) -> None:
    assert said in Page(page(samples.history(replicates=replicates))).text
    assert said not in Page(page(samples.history(replicates=10))).text


def test_a_chain_that_stopped_early_says_so() -> None:
    history = samples.history(generations=4)
    stopped = replace(history, plan=replace(history.plan, generations=9, until="variance < 0.01"))
    assert "replace stopped at generation 4 of 9, because variance < 0.01" in Page(page(stopped)).text


def test_data_from_memory_are_owned_up_to() -> None:
    history = samples.history(generations=1)
    assert "handed over in memory" in Page(page(replace(history, plan=replace(history.plan, data="<ndarray>")))).text


@pytest.mark.parametrize(
    "values",
    [
        np.full((2, 3), np.nan),
        np.full((2, 3), np.inf),
        np.zeros((2, 3)),
        np.full((2, 3), -5.0),
        np.array([[1e-300, 1, 1e300]]),
        np.array([[1.0, np.inf, np.nan]]),
        np.array([[0.5]]),
        np.array([[1e150, -1e150, 0.0], [1.0, 2.0, 3.0]]),
    ],
    ids=["missing", "infinite", "zero", "negative", "wide", "mixed", "single", "huge"],
)
def test_any_numbers_can_be_shown(values: np.ndarray) -> None:
    base = samples.history(generations=values.shape[1] - 1, replicates=len(values))
    outcome = Outcome({"m": values, **{f"h@{bin}": values for bin in range(6)}}, {"m": "why not", "h@0": "why not"})
    shown = Page(page(replace(base, outcomes={"replace": outcome})))
    assert not [d for d in shown.values("d") if "nan" in d or "inf" in d]
    if np.isnan(values).any():
        assert "why not" in shown.text


def test_a_history_without_metrics_has_a_page() -> None:
    base = samples.history(generations=1)
    assert "Repeat this" in Page(page(replace(base, outcomes={"replace": Outcome()}))).text


def test_a_policy_that_lacks_a_metric_is_left_out_of_its_chart() -> None:
    base = samples.history(generations=2, replicates=3)
    both, one = Outcome({"a": np.ones((3, 3)), "b": np.ones((3, 3))}), Outcome({"b": np.ones((3, 2))})
    outcomes = {"replace": both, "accumulate": one}
    text = Page(page(replace(base, outcomes=outcomes))).text
    assert "generation 2 was not reached" in text


def test_a_long_chain_is_thinned() -> None:
    history = samples.history(policies=("replace",), generations=5000, replicates=2)
    text = page(history)
    assert len(text) < 500_000
    assert "200 of 5001 generations are drawn" in Page(text).text


def test_a_large_history_is_quick_and_small() -> None:
    rng = np.random.default_rng(0)
    metrics = [*(f"m{i}" for i in range(23)), "m@low", "m@high"]
    outcomes = {
        policy: Outcome({name: rng.gamma(2, size=(1000, 51)) for name in metrics}) for policy in samples.POLICIES
    }
    history = replace(samples.history(generations=50, replicates=1000), outcomes=outcomes)
    start = time.process_time()
    text = page(history)
    assert time.process_time() - start < 3
    assert len(text.encode()) < 1_000_000
    for policy in samples.POLICIES:
        mean = Measure.mean_of(outcomes[policy].values["m3"][:, 50]).value
        assert f"{float(f'{mean:.5g}')}" in text


def test_the_page_grows_with_what_is_shown_and_not_with_the_replicates() -> None:
    small, large = page(samples.history(replicates=20)), page(samples.history(replicates=2000))
    assert len(large) < 1.02 * len(small)
