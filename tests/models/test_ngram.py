"""The n-gram model against the formulas in dictionaries, against nltk, and against its own samples."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build, words
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.text import Texts, Vocabulary
from outcross.models._ngram_events import Events
from outcross.models._ngram_levels import distribution, locate, probability
from outcross.models._ngram_shaping import Head
from outcross.models.ngram import FittedNgram, Ngram, Smoothing

SMOOTHINGS: tuple[Smoothing, ...] = (
    "kneser_ney",
    "witten_bell",
    "absolute",
    "jelinek_mercer",
    "maximum_likelihood",
)
FLOOR = 0.05
TINY = ("a b a c", "a b", "b b c", "a", "c a b", "a b a", "b a c")
CHINESE = ("我们在公园里看见一只猫。", "猫在公园里睡觉，我们看书。", "今天天气很好，我们去公园。")
JAPANESE = ("吾輩は猫である。名前はまだ無い。", "名前は猫である。", "吾輩は学生である。名前はある。")

Gram = tuple[int, ...]
Law = Callable[[Gram, int], float]
"""P(word | context), for a context of the full length."""


def naive(texts: Texts, order: int, smoothing: Smoothing, discount: float = 0.75, backoff: float = 0.35) -> Law:
    """The interpolated model as the textbook has it, in dictionaries: the oracle."""
    end = len(texts.vocabulary)
    counts: dict[int, Counter[Gram]] = {length: Counter() for length in range(1, order + 1)}
    for index in range(texts.size):
        padded = [end] * (order - 1) + texts.document(index).tolist() + [end]
        for place in range(order - 1, len(padded)):
            for length in range(1, order + 1):
                counts[length][tuple(padded[place - length + 1 : place + 1])] += 1
    if smoothing == "kneser_ney":
        for length in range(1, order):
            continued: Counter[Gram] = Counter(gram[1:] for gram in counts[length + 1])
            for gram, n in counts[length].items():  # nothing comes before the beginning of a text
                if length > 1 and gram[0] == end:
                    continued[gram] = n
            counts[length] = continued
    after: dict[Gram, Counter[int]] = defaultdict(Counter)
    for of_length in counts.values():
        for gram, n in of_length.items():
            after[gram[:-1]][gram[-1]] = n

    def p(context: Gram, word: int) -> float:
        seen = after[context]
        total, kinds, n = sum(seen.values()), len(seen), seen[word]
        if not context:
            rest = 0.0 if smoothing == "maximum_likelihood" else FLOOR
            return (1 - rest) * n / total + rest / (end + 1)
        if not total:
            return p(context[1:], word)
        match smoothing:
            case "witten_bell":
                return (n + kinds * p(context[1:], word)) / (total + kinds)
            case "jelinek_mercer":
                return (1 - backoff) * n / total + backoff * p(context[1:], word)
            case "maximum_likelihood":
                return n / total
            case _:
                return max(n - discount, 0) / total + discount * kinds / total * p(context[1:], word)

    return p


def tiny() -> Texts:
    return Texts.of(TINY, "space")


def fit(texts: Texts, order: int, smoothing: Smoothing, **settings: float | int | None) -> FittedNgram:
    return Ngram(order=order, smoothing=smoothing, floor=FLOOR, **settings).fit(texts, Seed(0))  # type: ignore[arg-type]


def contexts(texts: Texts, order: int) -> set[Gram]:
    end = len(texts.vocabulary)
    padded = [[end] * (order - 1) + texts.document(index).tolist() for index in range(texts.size)]
    return {tuple(text[place - order + 1 : place]) for text in padded for place in range(order - 1, len(text) + 1)}


def given(fitted: FittedNgram, context: Gram) -> np.ndarray:
    """P(. | context) of the fitted model."""
    lags = [np.array([symbol]) for symbol in reversed(context)]
    return distribution(fitted.levels, [int(row[0]) for row in locate(fitted.levels, lags, 1)])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_probabilities_are_those_of_the_formula(smoothing: Smoothing, order: int) -> None:
    texts = tiny()
    fitted, p, end = fit(texts, order, smoothing), naive(texts, order, smoothing), len(texts.vocabulary)
    never = [(end - 1,) * (order - 1)] if order > 1 else []
    for context in [*contexts(texts, order), *never]:
        found = given(fitted, context)
        np.testing.assert_allclose(found, [p(context, word) for word in range(end + 1)], rtol=1e-12, atol=1e-15)
        assert math.isclose(found.sum(), 1, rel_tol=1e-12)
        assert (found > 0).all() or smoothing == "maximum_likelihood"
    other = Texts.of(["a b a c", "c c c unheard a", "", "b"], texts.vocabulary)
    expected = []
    for index in range(other.size):
        padded = [end] * (order - 1) + other.document(index).tolist() + [end]
        steps = [p(tuple(padded[i - order + 1 : i]), padded[i]) for i in range(order - 1, len(padded))]
        expected.append(sum(math.log(step) if step else -math.inf for step in steps))
    log = fitted.log_prob(other)
    np.testing.assert_allclose(log.values[0], expected, rtol=1e-12)
    assert log.tokens.tolist() == [[5, 6, 1, 2]]


@pytest.mark.parametrize("smoothing", ["witten_bell", "absolute"])
def test_probabilities_are_those_of_nltk(smoothing: Smoothing) -> None:
    """Fed with our n-grams; nltk has no uniform floor."""
    lm = pytest.importorskip("nltk.lm")
    kinds = {"witten_bell": lm.WittenBellInterpolated(3), "absolute": lm.AbsoluteDiscountingInterpolated(3, 0.75)}
    texts = tiny()
    end, padded = len(texts.vocabulary), []
    for index in range(texts.size):
        symbols = ["|", "|", *(str(code) for code in texts.document(index)), "|"]
        padded.append([tuple(symbols[i - n : i + 1]) for i in range(2, len(symbols)) for n in range(3)])
    theirs = kinds[smoothing]
    theirs.fit(padded, [*map(str, range(end)), "|"])
    ours = Ngram(smoothing=smoothing, floor=0.0).fit(texts, Seed(0))
    for context in contexts(texts, 3):
        symbols = ["|" if code == end else str(code) for code in context]
        expected = [theirs.score(str(word) if word < end else "|", symbols) for word in range(1, end + 1)]
        np.testing.assert_allclose(given(ours, context)[1:], expected, rtol=1e-12)


def test_modified_kneser_ney_estimates_its_discounts() -> None:
    """Eight words follow one context: four of them once, two twice, one three times and one four times.

    Each of them ends its text, so all counts of pairs are there twice over, and so are their counts of counts; the pair
    of beginning and context is the only other one.
    """
    seen = [f"x {word}" for word, times in zip("abcdefgh", (1, 1, 1, 1, 2, 2, 3, 4), strict=True) for _ in range(times)]
    texts = Texts.of(seen, "space")
    fitted = Ngram(order=2, discount=None, floor=0.0).fit(texts, Seed(0))
    found, codes, y = given(fitted, (texts.vocabulary.codes["x"],)), texts.vocabulary.codes, 8 / (8 + 2 * 4)
    discounts = (1 - 2 * y * 4 / 8, 2 - 3 * y * 2 / 4, 3 - 4 * y * 2 / 2)
    left = (4 * discounts[0] + 2 * discounts[1] + 2 * discounts[2]) / 15
    continuation = 1 / 17  # of 17 kinds of pairs, each word ends one
    for word, times in (("a", 1), ("e", 2), ("g", 3), ("h", 4)):
        expected = (times - discounts[min(times, 3) - 1]) / 15 + left * continuation
        assert math.isclose(found[codes[word]], expected, rel_tol=1e-12)


def enumerate_texts(
    symbols: int, longest: int, law: Callable[[Gram], np.ndarray], order: int
) -> Iterator[tuple[Gram, float]]:
    """Every text of at most so many words with its probability; those of that length are cut off."""
    open_texts: list[tuple[Gram, float]] = [((), 1.0)]
    for length in range(longest + 1):
        if length == longest:
            yield from open_texts
            return
        longer = []
        for text, p in open_texts:
            after = law(((symbols - 1,) * (order - 1) + text)[len(text) :])
            yield text, p * after[-1]
            longer += [((*text, word), p * after[word]) for word in range(symbols - 1)]
        open_texts = longer


def shaped(p: np.ndarray, temperature: float, top_k: int | None, top_p: float | None) -> np.ndarray:
    """The distribution that is written from, by definition."""
    p = p ** (1 / temperature)
    p = p / p.sum()
    more = p[None, :] > p[:, None] * (1 + 1e-9)
    kept = more.sum(axis=1) < (top_k or np.inf)
    kept &= (p * more).sum(axis=1) < (top_p or np.inf)
    return np.where(kept, p, 0) / p[kept].sum()


TEMPERATURES = [{"temperature": 1.0}, {"temperature": 0.5}, {"temperature": 3.0}]
HEADS = [{"top_k": 1}, {"top_k": 2}, {"top_p": 0.5}, {"top_p": 0.9}, {"temperature": 1.3, "top_k": 3, "top_p": 0.8}]
PATIENCE = {"written out": -1, "refused": math.inf, "both": None}
WRITING = [
    *(pytest.param(writing, None, id=str(writing)) for writing in TEMPERATURES),
    *(pytest.param(writing, PATIENCE[how], id=f"{writing}, {how}") for writing in HEADS for how in PATIENCE),
]


def agree(
    fitted: FittedNgram, law: Callable[[Gram], np.ndarray], order: int, longest: int = 3, n: int = 20_000
) -> None:
    """Chi-square of the texts of a sample against the probabilities of all texts."""
    sample = fitted.sample(n, Seed(7))
    seen = Counter(tuple(sample.document(index).tolist()) for index in range(n))
    symbols = len(fitted.vocabulary) + 1
    expected = dict(enumerate_texts(symbols, longest, law, order))
    assert math.isclose(sum(expected.values()), 1, rel_tol=1e-9)
    assert all(expected[text] > 0 for text in seen)
    common = [text for text, p in expected.items() if n * p >= 5]
    observed = np.array([seen[text] for text in common] + [n - sum(seen[text] for text in common)])
    shares = np.array([expected[text] for text in common] + [max(1 - sum(expected[text] for text in common), 0)])
    observed, shares = observed[shares * n > 1e-6], shares[shares * n > 1e-6]
    assert observed.sum() == n
    if len(observed) > 1:
        assert stats.chisquare(observed, shares / shares.sum() * n).pvalue > 1e-4


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_what_is_written_has_the_probability_that_is_scored(smoothing: Smoothing, order: int) -> None:
    texts = tiny()
    fitted, p, symbols = (
        fit(texts, order, smoothing, max_length=3),
        naive(texts, order, smoothing),
        range(len(texts.vocabulary) + 1),
    )
    agree(fitted, lambda context: np.array([p(context, word) for word in symbols]), order)
    sample = fitted.sample(20_000, Seed(8))
    short = sample.take(np.flatnonzero(sample.lengths < 3)[None])
    kinds = {tuple(short.document(index).tolist()): index for index in range(short.size)}
    times = Counter(tuple(short.document(index).tolist()) for index in range(short.size))
    scored = np.exp(fitted.log_prob(short.take(np.array([list(kinds.values())]))).values[0])
    for text, p_text in zip(kinds, scored, strict=True):
        assert abs(times[text] / 20_000 - p_text) < 4.5 * math.sqrt(p_text * (1 - p_text) / 20_000) + 4 / 20_000


@pytest.mark.parametrize("smoothing", ["kneser_ney", "witten_bell", "maximum_likelihood"])
@pytest.mark.parametrize(("writing", "patience"), WRITING)
def test_shaped_writing_is_exact(
    writing: dict[str, float], patience: float | None, smoothing: Smoothing, monkeypatch: pytest.MonkeyPatch
) -> None:
    if patience is not None:
        monkeypatch.setattr(Head, "_patience", patience)
    texts = tiny()
    settings = {"temperature": 1.0, "top_k": None, "top_p": None} | writing
    fitted, p = fit(texts, 3, smoothing, max_length=3, **settings), naive(texts, 3, smoothing)
    symbols = range(len(texts.vocabulary) + 1)
    agree(fitted, lambda context: shaped(np.array([p(context, word) for word in symbols]), **settings), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("patience", PATIENCE.values(), ids=PATIENCE)
def test_a_nucleus_that_is_full_takes_no_more(patience: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if patience is not None:
        monkeypatch.setattr(Head, "_patience", patience)
    texts = Texts.of(["x y a", "x y a", "x y b", "x y c"], "space")
    for top_p, written in (
        (0.5, {"x y a"}),
        (0.51, {"x y a", "x y b", "x y c"}),
        (1e-12, {"x y a"}),
        (1.0, {*texts.strings()}),
    ):
        fitted = fit(texts, 3, "maximum_likelihood", top_p=top_p)
        assert set(fitted.sample(200, Seed(0)).strings()) == written


def test_temperature_does_not_change_what_is_scored() -> None:
    texts = tiny()
    plain, cold = fit(texts, 3, "kneser_ney"), fit(texts, 3, "kneser_ney", temperature=0.2, top_k=2)
    assert np.array_equal(plain.log_prob(texts).values, cold.log_prob(texts).values)


@pytest.mark.parametrize("temperature", [1e-3, 1e-300])
def test_cold_writing_is_greedy(temperature: float) -> None:
    texts = tiny()
    cold, greedy = fit(texts, 3, "witten_bell", temperature=temperature), fit(texts, 3, "witten_bell", top_k=1)
    one, other = (set(f.sample(50, Seed(0)).strings()) for f in (cold, greedy))
    assert one <= other


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_text_of_weight_two_is_two_texts(smoothing: Smoothing) -> None:
    texts = tiny()
    doubled = fit(texts.join([texts]), 3, smoothing, discount=None).log_prob(texts).values
    weighted = fit(texts.weighted(2.0), 3, smoothing, discount=None).log_prob(texts).values
    np.testing.assert_allclose(weighted, doubled, rtol=1e-12)
    assert (
        smoothing == "maximum_likelihood"
        or smoothing == "jelinek_mercer"
        or not np.allclose(fit(texts, 3, smoothing, discount=None).log_prob(texts).values, doubled, rtol=1e-6)
    )


def test_weights_are_shares() -> None:
    texts = Texts.of(["a", "b", "c"], "space").weighted(0.2)
    heavy = Texts.of(["d"], texts.vocabulary)
    texts = texts.join([Texts.of(["a"], texts.vocabulary).weighted(1.4), heavy.weighted(0.0)])
    fitted = fit(texts, 2, "maximum_likelihood")
    assert given(fitted, (len(texts.vocabulary),))[1:4].round(12).tolist() == [0.8, 0.1, 0.1]
    times = np.bincount(fitted.sample(10_000, Seed(1)).codes, minlength=4)[1:]
    assert stats.chisquare(times, [8000, 1000, 1000]).pvalue > 1e-4


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_weight_near_zero_is_near_no_text(smoothing: Smoothing) -> None:
    texts = tiny()
    kept, gone = texts.take(np.array([[0, 1, 2, 3]])), texts.take(np.array([[4, 5, 6]]))
    nearly, without = fit(kept.join([gone.weighted(1e-9)]), 3, smoothing), fit(kept, 3, smoothing)
    np.testing.assert_allclose(nearly.log_prob(kept).values, without.log_prob(kept).values, rtol=1e-6)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_small_weights_leave_a_distribution(smoothing: Smoothing) -> None:
    texts = tiny()
    fitted = fit(texts.take(np.array([[0, 1, 2]])).weighted(0.3).join([texts]), 3, smoothing)
    for context in contexts(texts, 3):
        found = given(fitted, context)
        assert math.isclose(found.sum(), 1, rel_tol=1e-12)
        assert (found >= 0).all()


@pytest.mark.parametrize(("unit", "raw"), [("word", CHINESE), ("word", JAPANESE), ("character", JAPANESE)])
@pytest.mark.parametrize("settings", ["", "top_p=0.8", "temperature=0.7", "order=6"])
def test_scripts_without_spaces(unit: str, raw: Sequence[str], settings: str) -> None:
    texts = Texts.of(raw, unit)  # type: ignore[arg-type]
    fitted = build("model", f"ngram({settings})").fit(texts, Seed(0))
    sample = fitted.sample(30, Seed(1))
    assert len(set(sample.strings())) > 3
    assert all(" " not in text or "<unk>" in text for text in sample.strings())
    assert np.isfinite(fitted.log_prob(sample).values).all()
    assert fitted.log_prob(texts).values.sum() > fitted.log_prob(texts).tokens.sum() * -math.log(
        len(texts.vocabulary) + 1
    )


def test_a_prompt_is_kept_as_it_was_written() -> None:
    fitted = fit(Texts.of(["the cat sat on the mat.", "the dog sat on the cat."]), 3, "kneser_ney")
    for prompt in ("The zebra  sat ", "the", "", "(the cat"):
        texts = fitted.extend(prompt, 5, 4, Seed(0))
        assert texts.size == 5
        assert all(text.startswith(prompt) and "  " not in text[len(prompt) :] for text in texts.strings())
        assert texts.lengths.max() <= len(fitted.vocabulary.encode(prompt)) + 4
    assert fitted.extend("the zebra", 1, 0, Seed(0)).codes.tolist() == [1, 0]
    japanese = fit(Texts.of(JAPANESE), 3, "witten_bell").extend("吾輩は", 8, 3, Seed(0))
    assert all(text.startswith("吾輩は") for text in japanese.strings())
    characters = fit(Texts.of(["a b a b"], "character"), 3, "maximum_likelihood").extend("a ", 1, 1, Seed(0))
    assert characters.strings() == ("a b",)


def test_a_prompt_conditions() -> None:
    texts = Texts.of(["x a b", "y a c", "x a b"], "space")
    fitted = fit(texts, 3, "maximum_likelihood")
    assert set(fitted.extend("x a", 20, 5, Seed(0)).strings()) == {"x a b"}
    assert set(fitted.extend("y a", 20, 5, Seed(0)).strings()) == {"y a c"}
    assert set(fitted.extend("c a", 50, 5, Seed(0)).strings()) == {"c a b", "c a c"}  # never seen: the longest that was


def test_texts_end_and_are_cut_off() -> None:
    texts = Texts.of(["a a a a", "b"], "space")
    assert fit(texts, 2, "kneser_ney", max_length=2).sample(500, Seed(0)).lengths.max() == 2
    assert fit(texts, 2, "kneser_ney").sample(0, Seed(0)).size == 0
    fitted, model = None, Ngram(order=2, top_k=1)  # "a" for ever
    for generation in range(3):
        fitted = model.fit(texts, Seed(0), fitted)
        texts = fitted.sample(5, Seed(generation))
        assert texts.lengths.tolist() == [16] * 5


def test_empty_texts_are_texts() -> None:
    texts = Texts.of(["", "a", "", ""], "space")
    fitted = fit(texts, 3, "maximum_likelihood")
    assert np.exp(fitted.log_prob(texts).values).round(12).tolist() == [[0.75, 0.25, 0.75, 0.75]]
    empty = fit(texts.take(np.array([[0, 2]])), 3, "kneser_ney").sample(10, Seed(0))
    assert (empty.size, empty.tokens) == (10, 0)


def test_a_sample_does_not_depend_on_what_was_asked_before() -> None:
    fitted = fit(tiny(), 3, "kneser_ney", top_p=0.7)
    first = fitted.sample(300, Seed(1)).codes
    fitted.sample(1000, Seed(2))
    assert np.array_equal(first, fitted.sample(300, Seed(1)).codes)


def test_what_cannot_be_read_is_refused() -> None:
    texts, fitted = tiny(), fit(tiny(), 2, "kneser_ney")
    with pytest.raises(BadInput, match="no text"):
        Ngram().fit(texts.take(np.zeros((1, 0), dtype=np.int64)), Seed(0))
    with pytest.raises(BadInput, match="no text"):
        Ngram().fit(texts.weighted(0.0), Seed(0))
    with pytest.raises(BadInput, match="weights"):
        Ngram().fit(texts.weighted(-1.0), Seed(0))
    with pytest.raises(BadInput, match="texts, not rows"):
        Ngram().fit(Rows(np.zeros((1, 3, 1))), Seed(0))
    with pytest.raises(BadInput, match="vocabulary"):
        fitted.log_prob(Texts.of(["z y x"]))
    with pytest.raises(BadSetting, match="kneser_ney"):
        build("model", "ngram(smoothing=kneser)")
    with pytest.raises(BadSetting, match="order"):
        Ngram(order=0)


def test_words_build_it_again() -> None:
    model = Ngram(order=2, smoothing="maximum_likelihood", discount=None, top_k=5, top_p=0.5)
    assert build("model", words(model)) == model


@pytest.mark.parametrize(
    ("smoothing", "keeps"), [("kneser_ney", True), ("jelinek_mercer", True), ("witten_bell", False)]
)
def test_length_of_texts(smoothing: Smoothing, keeps: bool, wikitext: tuple[Texts, Texts]) -> None:
    """Kneser-Ney and a constant weight keep the frequency of every symbol, ends included; Witten-Bell does not."""
    human, _ = wikitext
    lengths = (
        Ngram(smoothing=smoothing, floor=0.0, max_length=5_000).fit(human, Seed(0)).sample(20_000, Seed(1)).lengths
    )
    error = lengths.std() / math.sqrt(len(lengths))
    assert (abs(lengths.mean() - human.lengths.mean()) < 4 * error) == keeps


EDITED = ("x a", "x a", "x a", "x b") * 2_000


def test_likely_words_are_drawn_anew_and_others_kept() -> None:
    """The word x is certain, a follows it in 3 of 4: above 0.5 both are drawn anew, and b, less likely, stays."""
    texts = Texts.of(EDITED, "space")
    fitted = fit(texts, 2, "maximum_likelihood")
    edited = fitted.edit(texts, 0.5, Seed(1)).strings()
    was_b = np.array([text == "x b" for text in EDITED])
    is_b = np.array([text == "x b" for text in edited])
    assert set(edited) == {"x a", "x b"}
    assert is_b[was_b].all()
    n = int((~was_b).sum())
    assert abs(is_b[~was_b].mean() - 0.25) < 4 * math.sqrt(0.25 * 0.75 / n)


def test_certain_words_are_drawn_as_it_writes() -> None:
    """At another temperature the words that are certain stay certain, and the share of b is sqrt(1) / (sqrt(3) + 1)."""
    texts = Texts.of(EDITED, "space")
    edited = fit(texts, 2, "maximum_likelihood", temperature=2.0).edit(texts, 0.0, Seed(2)).strings()
    share, expected = np.mean([text == "x b" for text in edited]), 1 / (1 + math.sqrt(3))
    assert set(edited) == {"x a", "x b"}
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / len(edited))


@pytest.mark.parametrize("smoothing", ["kneser_ney", "witten_bell"])
def test_every_word_is_drawn_given_the_words_that_were_there(smoothing: Smoothing) -> None:
    """All words of one text, many times over: each place has the law of its own context, without the end."""
    texts, n = tiny(), 4_000
    fitted, end = fit(texts, 3, smoothing), len(texts.vocabulary)
    original = Texts.from_codes([texts.document(0)] * n, texts.vocabulary)
    codes = fitted.edit(original, 0.0, Seed(3)).codes.reshape(n, -1)
    padded = (end, end, *texts.document(0).tolist())
    for place in range(codes.shape[1]):
        law = given(fitted, padded[place : place + 2])[:end]
        found = np.bincount(codes[:, place], minlength=end)
        assert stats.chisquare(found, n * law / law.sum()).pvalue > 1e-4
    correlation = np.corrcoef(codes[:, 0] == original.codes[0], codes[:, 1] == original.codes[1])[0, 1]
    assert abs(correlation) < 4 / math.sqrt(n)


@pytest.mark.parametrize("above", [1.0, 0.2])
def test_an_edit_keeps_lengths_and_whatever_is_not_likely(above: float, wikitext: tuple[Texts, Texts]) -> None:
    human, _ = wikitext
    fitted = Ngram().fit(human, Seed(0))
    edited = fitted.edit(human, above, Seed(1))
    np.testing.assert_array_equal(edited.starts, human.starts)
    assert edited.vocabulary is human.vocabulary
    events = Events.of(human, 3)
    words = events.targets < len(human.vocabulary)
    p = probability(fitted.levels, locate(fitted.levels, events.lags, len(words)), events.targets)[words]
    changed = edited.codes != human.codes
    assert not changed[p <= above].any()
    likely = p > above  # such a word comes back with its own probability, but for the end of the text
    expected, error = (1 - p[likely]).sum(), math.sqrt((p * (1 - p))[likely].sum())
    assert changed.sum() <= expected + 4 * error
    assert changed.sum() >= 0.9 * expected - 4 * error


def test_a_word_stays_where_only_an_end_would_be_written() -> None:
    texts = Texts.of(["a", "a", "a b"], "space")
    assert fit(texts, 2, "maximum_likelihood", top_k=1).edit(texts, 0.0, Seed(0)).strings() == texts.strings()
    assert fit(texts, 2, "maximum_likelihood").edit(texts, 0.0, Seed(0)).strings() == texts.strings()


def test_only_texts_of_its_own_vocabulary_are_edited() -> None:
    with pytest.raises(BadInput, match="vocabulary"):
        fit(tiny(), 2, "kneser_ney").edit(Texts.of(["d e"], "space"), 0.5, Seed(0))


@pytest.fixture(scope="module")
def wikitext(shared: Path) -> tuple[Texts, Texts]:
    """WikiText-2: lines that are not empty, cut at white space; the vocabulary is that of the training text."""
    folder = shared / "data" / "wikitext-2"
    train, test = (
        [line for line in (folder / name).read_text(encoding="utf-8").split("\n") if line.strip()]
        for name in ("valid.txt", "test.txt")
    )
    vocabulary = Vocabulary.of(train, "space")
    return Texts.of(train, vocabulary), Texts.of(test, vocabulary)


PUBLISHED = {0: (362, 13_776), 11: (1_360, 5_551)}
"""Test perplexity and word types of a trigram chain by generation (shared/models.md)."""


@pytest.mark.parametrize(
    ("smoothing", "same_words", "within"),
    [("jelinek_mercer", False, 0.15), ("kneser_ney", False, 0.3), ("witten_bell", True, 0.3)],
)
def test_the_chain_on_wikitext(
    smoothing: Smoothing, same_words: bool, within: float, wikitext: tuple[Texts, Texts]
) -> None:
    """Each generation is fitted to as many texts (or words) of the one before. Perplexity is per word, ends counted."""
    human, test = wikitext
    texts, fitted, model, found = human, None, Ngram(smoothing=smoothing), {}
    for generation in range(12):
        fitted = model.fit(texts, Seed(generation), fitted)
        log = fitted.log_prob(test)
        perplexity = math.exp(-log.values.sum() / log.tokens.sum())
        found[generation] = (perplexity, len(np.unique(texts.codes)))
        n = round(human.tokens / texts.lengths.mean()) if same_words else human.size
        texts = fitted.sample(n, Seed(generation).child("sample"))
    perplexities, types = zip(*found.values(), strict=True)
    assert all(np.diff(perplexities) > 0)
    assert all(np.diff(types) < 0)
    for generation, published in PUBLISHED.items():
        np.testing.assert_allclose(found[generation], published, rtol=within)
