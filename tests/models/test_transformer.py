"""Language models from scratch: every number against the same network as `transformers` opens it, token by token."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from outcross.core.batch import Ints  # noqa: E402
from outcross.core.errors import BadInput, BadSetting, Diverged, MissingInput, MissingLibrary  # noqa: E402
from outcross.core.part import build  # noqa: E402
from outcross.core.records import Rows  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.core.text import Texts  # noqa: E402
from outcross.models._torch import handle  # noqa: E402
from outcross.models._torch.fine_tuning import LanguageProblem, packed  # noqa: E402
from outcross.models._torch.handle import weights_digest  # noqa: E402
from outcross.models.transformer import FittedTransformer, Transformer  # noqa: E402

TINY = "transformer(size='20K', vocabulary=280, window=16, training=adamw(steps=60, rate=0.01, batch=16))"
QUICK = TINY.replace("steps=60", "steps=2")
BLIND = TINY.replace("rate=0.01", "rate=0.01, decay=0").replace("window=16", "window=16, truncate=1e-9")
"""Every token is likelier than that, so nothing is ever learned."""

TEXTS = ["the cat", "the dog", "a cat sat", "the cat sat on the mat", "dogs"]
HUMAN = Texts.of([TEXTS[i] for i in (0, 0, 0, 1, 1, 2, 3, 4) * 4])


@pytest.fixture(autouse=True)
def alone() -> None:
    """One thread, and no weights in memory but those of the test."""
    torch.set_num_threads(1)
    handle._held.clear()


def model(words: str = TINY, **settings: Any) -> Transformer:
    found = build("model", words)
    assert isinstance(found, Transformer)
    return replace(found, **settings)


@pytest.fixture(scope="module")
def fitted() -> FittedTransformer:
    return model().fit(HUMAN, Seed(0))


@pytest.fixture(scope="module")
def theirs(fitted: FittedTransformer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same network as `transformers` opens it."""
    folder = tmp_path_factory.mktemp("saved")
    fitted.save(folder)
    return transformers.GPT2LMHeadModel.from_pretrained(folder).eval()


class Heard:
    """A tokeniser that remembers what it was given to decode."""

    def __init__(self, tokens: Any) -> None:
        self._tokens, self.codes = tokens, [np.zeros(0, dtype=np.int64)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokens, name)

    def decode(self, codes: Sequence[Ints]) -> list[str]:
        self.codes = list(codes)
        found: list[str] = self._tokens.decode(codes)
        return found


def overheard(fitted: FittedTransformer) -> tuple[FittedTransformer, Heard]:
    heard = Heard(fitted.tokens)
    return replace(fitted, tokens=heard), heard


def next_token(network: Any, context: Sequence[int]) -> Any:
    """Log probabilities of the token after these."""
    with torch.no_grad():
        return network(torch.tensor([list(context)])).logits[0, -1].double().log_softmax(-1).numpy()


def by_hand(network: Any, whole: Sequence[int], window: int, stride: int, ended: bool = True) -> list[float]:
    """Log probability of each token of a text but the first, every one by a forward pass of its own.

    The first window sees what there is. Later ones end every ``stride`` tokens after it, and at the end of the text.
    Where it is known that the text has not ``ended`` before, it is that among the other tokens.
    """
    found = []
    for place in range(1, len(whole)):
        moves = max(0, -(-(place - window) // stride))
        stop = min(window + moves * stride, len(whole) - 1)
        start = max(0, stop - window)
        said = next_token(network, whole[start:place])
        found.append(said[whole[place]] - (0.0 if ended else np.log1p(-np.exp(said[0]))))
    return found


LONG = ["", "the", "the cat sat on the mat and the dog", " ".join(["the cat sat on the mat"] * 12), "zebra " * 9]


@pytest.mark.parametrize(("stride", "ends"), [(1, True), (5, True), (8, False), (16, False)])
def test_a_score_is_the_sum_over_tokens(fitted: FittedTransformer, theirs: Any, stride: int, ends: bool) -> None:
    asked = replace(fitted, settings=replace(fitted.settings, stride=stride, length=None if ends else 4))
    codes = fitted.tokens.encode(LONG)
    assert min(map(len, codes)) == 0
    assert max(map(len, codes)) > 40
    found = asked.log_prob(Texts.of(LONG))
    for number, code in enumerate(codes):
        whole = [0, *code.tolist(), *([0] if ends else [])]
        assert found.values[0, number] == pytest.approx(sum(by_hand(theirs, whole, 16, stride)), abs=2e-3)
        assert found.tokens[0, number] == len(whole) - 1
    assert found.words is not None
    assert found.words[0].tolist() == Texts.of(LONG).lengths.tolist()


def test_scores_do_not_depend_on_the_company(fitted: FittedTransformer) -> None:
    many = LONG * 40
    together = fitted.log_prob(Texts.of(many)).values[0]
    alone = [fitted.log_prob(Texts.of([text])).values[0, 0] for text in LONG]
    np.testing.assert_allclose(together, alone * 40, rtol=1e-5)


def test_characters_are_no_words(fitted: FittedTransformer) -> None:
    letters = model(QUICK).fit(Texts.of(TEXTS, "character"), Seed(0))
    assert letters.log_prob(Texts.of(TEXTS, "character")).words is None
    spaced = replace(fitted, vocabulary=replace(fitted.vocabulary, unit="space"))
    assert spaced.log_prob(Texts.of(["a b c"], "space")).words is not None


@pytest.mark.parametrize("words", ["sampling", "sampling(temperature=0.7)"])
def test_texts_are_written_as_often_as_they_are_likely(fitted: FittedTransformer, theirs: Any, words: str) -> None:
    """Each of the human texts, its end included, comes as often as the product of its tokens' probabilities says."""
    n, asked = 3000, replace(fitted, settings=replace(fitted.settings, decoding=build("decoding", words), at_once=500))
    asked, heard = overheard(asked)
    asked.sample(n, Seed(1))
    temperature = 0.7 if "0.7" in words else 1.0
    expected = {}
    for code in fitted.tokens.encode(TEXTS):
        whole, value = [0, *code.tolist(), 0], 0.0
        for place in range(1, len(whole)):
            logits = torch.from_numpy(next_token(theirs, whole[:place])) / temperature
            value += float(logits.log_softmax(-1)[whole[place]])
        expected[tuple(code.tolist())] = np.exp(value) if len(code) < asked.longest else None
    assert max(value for value in expected.values() if value) > 0.2, "too little was learned to see anything"
    written = [tuple(code.tolist()) for code in heard.codes]
    for tokens, share in expected.items():
        if share is not None:
            spread = np.sqrt(share * (1 - share) / n)
            assert written.count(tokens) / n == pytest.approx(share, abs=4 * spread + 1e-9)
    assert max(map(len, written)) <= asked.longest == max(map(len, fitted.tokens.encode(TEXTS)))
    assert 0 not in {token for code in written for token in code}, "the end is no part of a text"


@pytest.mark.parametrize("prompts", [0, 7])
def test_what_is_drawn_does_not_depend_on_how_many_are_written_at_once(fitted: FittedTransformer, prompts: int) -> None:
    """Nor on how long the prompts of the others are, nor on how many texts are asked for."""
    human = [np.arange(30, 31 + number % 3) for number in range(prompts)]

    def written(at_once: int, n: int = 50) -> tuple[str, ...]:
        settings = replace(fitted.settings, at_once=at_once, length=6 if prompts else None)
        return replace(fitted, settings=settings, prompts=tuple(human)).sample(n, Seed(3)).strings()

    assert len(set(written(64))) > 3
    assert written(4) == written(64)
    assert written(64, 20) == written(64)[:20]


def test_texts_of_a_given_length(fitted: FittedTransformer) -> None:
    fixed = replace(fitted, settings=replace(fitted.settings, length=7, decoding=build("decoding", "greedy")))
    fixed, heard = overheard(fixed)
    assert fixed.sample(5, Seed(0)).size == 5
    assert [len(code) for code in heard.codes] == [7] * 5
    assert fixed.sample(0, Seed(0)).size == 0


def test_prompts_are_those_of_the_first_generation() -> None:
    """The i-th text goes on from the end of the i-th human text, in all generations; and round again."""
    words = "transformer(size='20K', vocabulary=280, window=16, prompt=3, length=5, training=adamw(steps=9, rate=0.01)"
    settings = model(f"{words}, decoding=greedy)")
    human = ["the cat sat on the mat", "a dog", "dogs on the hill and the mat", "the mat", "", "cat"]
    first = settings.fit(Texts.of(human), Seed(0))
    second = settings.fit(Texts.of(["something else"] * 6), Seed(1), first)
    codes = [code for code in first.tokens.encode(human) if len(code)]
    for fitted in (first, second):
        asked, heard = overheard(fitted)
        texts = asked.sample(7, Seed(5)).strings()
        for number in range(7):
            context = [0, *codes[number % 5][-3:].tolist()]
            written: list[int] = []
            for _ in range(5):
                written.append(int(next_token(fitted.handle.network(), context + written).argmax()))
            assert heard.codes[number].tolist() == written
        assert texts == tuple(first.tokens.decode(heard.codes)), "the prompt is no part of a text"


def test_a_text_goes_on_from_words(fitted: FittedTransformer) -> None:
    greedy = replace(fitted, settings=replace(fitted.settings, decoding=build("decoding", "greedy")))
    assert greedy.extend("the cat sat", 2, 20, Seed(0)).strings() == ("the cat sat on the mat",) * 2
    assert greedy.extend("the cat", 1, 0, Seed(0)).strings() == ("the cat",)
    long = "the dog " * 30
    (text,) = greedy.extend(long, 1, 100, Seed(0)).strings()
    assert text.startswith(long)
    assert greedy.extend("", 3, 4, Seed(0)).size == 3


def test_only_easy_tokens_are_drawn_anew(fitted: FittedTransformer, theirs: Any) -> None:
    text, n, above = "the cat sat on the mat, the cat sat on the mat", 1500, 0.6
    (code,) = fitted.tokens.encode([text])
    asked, heard = overheard(replace(fitted, settings=replace(fitted.settings, window=8, stride=4)))
    whole = [0, *code.tolist()]
    likely, drawn = (np.exp(by_hand(theirs, whole, 8, 4, ended)) for ended in (True, False))
    assert len(code) > 8
    assert (likely > above).sum() >= 4
    assert (likely < above).sum() >= 4
    asked.edit(Texts.of([text] * n), above, Seed(3))
    edited = np.array(heard.codes)
    assert edited.shape == (n, len(code))
    for place, share in enumerate(drawn):
        kept = (edited[:, place] == code[place]).mean()
        if likely[place] <= above:
            assert kept == 1
        else:
            assert kept == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n) + 1e-9)
    asked.edit(Texts.of([text]), 1.0, Seed(3))
    assert heard.codes[0].tolist() == code.tolist()
    assert asked.edit(Texts.of([text, "", "dogs"]), 1.0, Seed(3)).strings() == (text, "", "dogs")


def test_what_is_drawn_anew_is_drawn_from_the_model(fitted: FittedTransformer, theirs: Any) -> None:
    """With a threshold of nothing all tokens are: each as often as the model says, given those that were there.

    But none is the begin or the end of a text, however likely that is.
    """
    (code,) = fitted.tokens.encode(["the cat sat"])
    asked, heard = overheard(fitted)
    n = 4000
    asked.edit(Texts.of(["the cat sat"] * n), 1e-12, Seed(4))
    edited, often = np.array(heard.codes), 0.0
    for place in range(len(code)):
        share = np.exp(next_token(theirs, [0, *code[:place].tolist()]))
        often = max(often, share[0])
        share[0] = 0
        share /= share.sum()
        found = np.bincount(edited[:, place], minlength=len(share)) / n
        assert found[0] == 0
        assert (np.abs(found - share) <= 4.5 * np.sqrt(share * (1 - share) / n) + 2 / n).all()
    assert often > 0.01, "no text was ever likely to end: nothing was tested"


def nats(network: Any, rows: Any) -> Any:
    """What each prediction of rows of tokens costs."""
    block = torch.from_numpy(rows.tokens).long()
    with torch.no_grad():
        return -network(block).logits.log_softmax(-1)[:, :-1].gather(2, block[:, 1:, None])[..., 0].numpy()


def test_rows_and_their_loss(fitted: FittedTransformer, theirs: Any) -> None:
    whole = [np.array([0, *code, 0], dtype=np.int32) for code in fitted.tokens.encode(["the cat sat", "dogs", "a mat"])]
    weights = np.array([1.0, 2.0, 0.5])
    rows = packed(whole, weights, 8)
    assert rows.tokens.shape[1] == 9
    for one, two in zip(rows.tokens, rows.tokens[1:], strict=False):
        assert one[-1] == two[0], "the last token of a row is the context of the next"
    assert rows.weight.sum() == sum(w * (len(text) - 1) for w, text in zip(weights, whole, strict=True))
    stream = [rows.tokens[0, 0], *(int(t) for row in rows.tokens for t in row[1:])]
    assert stream[: sum(map(len, whole))] == np.concatenate(whole).tolist()
    counted = np.concatenate([row for row in rows.weight])[: sum(map(len, whole)) - 1]
    expected = np.concatenate([[0.0] + [w] * (len(text) - 1) for w, text in zip(weights, whole, strict=True)])[1:]
    assert counted.tolist() == expected.tolist()

    costs = nats(theirs, rows)
    everything, rng = np.arange(len(rows.tokens)), np.random.default_rng(0)
    network = fitted.handle.network()
    for truncate, counts in ((None, costs < np.inf), (0.5, np.exp(-costs) <= 0.5)):
        problem = LanguageProblem(network, rows, rows, truncate)
        loss, weight = problem.loss(everything, rng)
        assert float(loss.detach()) == pytest.approx(float((costs * counts * rows.weight).sum()), rel=1e-4)
        assert weight == rows.weight.sum()
        assert problem.validate() == pytest.approx((costs * rows.weight).sum() / rows.weight.sum(), rel=1e-4)
    assert 0.1 < (np.exp(-costs) <= 0.5).mean() < 0.9


ONE_BATCH = (
    "transformer(size='20K', vocabulary=280, window={}, pack=false, training=adamw(steps=12, batch=99, rate=0.01))"
)


@pytest.mark.parametrize("window", [32, 8])
def test_a_weight_of_two_is_a_text_twice(window: int) -> None:
    """In one batch, so that order is nothing, and in rows of their own."""
    settings = model(ONE_BATCH.format(window))
    first = settings.fit(HUMAN, Seed(0))  # lends its tokeniser
    base = HUMAN.take(np.arange(8)[None])
    twice = Texts.of([*base.strings(), *base.strings()[3:5]], base.vocabulary)
    weighted = replace(base, weight=np.array([1, 1, 1, 2, 2, 1, 1, 1.0]))
    one, two, plain = (settings.fit(data, Seed(1), first).log_prob(HUMAN).values for data in (weighted, twice, base))
    np.testing.assert_allclose(one, two, rtol=2e-3)
    assert np.abs(one - two).max() < np.abs(one - plain).max() / 20
    dogs = np.array(HUMAN.strings()) == "the dog"
    assert one[0, dogs].mean() > plain[0, dogs].mean()


def test_what_weighs_nothing_is_not_there() -> None:
    kept = np.array([1.0, 0.0, 3.0, 1.0, 0.0])
    some = Texts.of([text for text, weight in zip(TEXTS, kept, strict=True) if weight])
    given = replace(Texts.of(TEXTS), weight=kept)
    one, two = (model(QUICK).fit(data, Seed(0)) for data in (given, replace(some, weight=kept[kept > 0])))
    assert one.digest == two.digest
    for weight, said in ((kept - 1, "not negative"), (kept * np.nan, "finite"), (kept * 0, "no text")):
        with pytest.raises(BadInput, match=said):
            model(QUICK).fit(replace(given, weight=weight), Seed(0))


def test_tokens_that_are_easy_teach_nothing() -> None:
    """With a threshold that all tokens pass, the weights stay what they were; with that of 1, all tokens teach."""
    blind = model(BLIND).fit(HUMAN, Seed(0))
    again = model(BLIND.replace("steps=60", "steps=1")).fit(HUMAN, Seed(0))
    assert blind.digest == again.digest
    one, two = (model(QUICK, truncate=share).fit(HUMAN, Seed(0)) for share in (1.0, None))
    assert one.digest == two.digest != again.digest


def test_weights_are_carried_on_or_not() -> None:
    first = model().fit(HUMAN, Seed(0))
    carried = model(BLIND, carry=True).fit(HUMAN, Seed(1), first)
    fresh = model(BLIND).fit(HUMAN, Seed(1), first)
    assert carried.digest == first.digest
    assert fresh.digest == model(BLIND).fit(HUMAN, Seed(1)).digest != first.digest
    learned = model(TINY.replace("0.01", "0.002"), carry=True).fit(HUMAN, Seed(1), first)
    assert learned.digest != first.digest
    assert weights_digest(first.handle.network()) == first.digest, "the weights of the generation before were changed"
    assert learned.log_prob(HUMAN).values.sum() > first.log_prob(HUMAN).values.sum()


def test_the_tokeniser_stays_that_of_the_first_generation() -> None:
    first = model(QUICK).fit(HUMAN, Seed(0))
    second = model(QUICK).fit(Texts.of(["entirely other words"] * 9), Seed(1), first)
    assert second.tokens is first.tokens
    assert (second.longest, second.vocabulary) == (first.longest, first.vocabulary)


def test_mixed_precision_learns_the_same_roughly() -> None:
    full = model().fit(HUMAN, Seed(0))
    mixed = model(TINY.replace("batch=16", "batch=16, precision=bf16")).fit(HUMAN, Seed(0))
    assert {value.dtype for value in mixed.handle.network().state_dict().values()} == {torch.float32}
    assert full.digest != mixed.digest
    blind = model(BLIND).fit(HUMAN, Seed(0)).log_prob(HUMAN).values.mean()
    gained = full.log_prob(HUMAN).values.mean() - blind
    assert mixed.log_prob(HUMAN).values.mean() - blind == pytest.approx(gained, rel=0.1)


WORDS = [" ".join(["the cat sat on the mat"] * count) for count in (1, 1, 1, 1, 2, 3, 4, 5, 6, 7)]
OPEN = TINY.replace("window=16, ", "").replace("steps=60", "steps=1")


def test_the_window_holds_the_human_texts_unless_it_is_given(tmp_path: Path) -> None:
    fitted = model(OPEN).fit(HUMAN, Seed(0))
    assert fitted.settings.window == 64
    fitted.save(tmp_path)
    assert model(OPEN).load(tmp_path).settings.view() == (64, 32)
    later = model(OPEN).fit(Texts.of(["zebras " * 40] * 9), Seed(1), model(OPEN).load(tmp_path))
    assert later.settings.window == 64, "it is that of the first generation"
    long = Texts.of([*HUMAN.strings(), *(["zebra 1 ox " * 40] * 8)])
    fitted = model(OPEN).fit(long, Seed(0))
    assert fitted.settings.window is not None
    lengths = [len(code) + 1 for code in fitted.tokens.encode(long.strings())]
    assert fitted.settings.window - 64 < max(lengths) <= fitted.settings.window
    assert fitted.longest == max(lengths) - 1
    assert model(OPEN, length=30, prompt=40).fit(HUMAN, Seed(0)).settings.window == 128
    assert model(OPEN, length=3, window=8).fit(long, Seed(0)).settings.window == 8, "a length is a length"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("window=96", "window 96, stride 48, each text by itself"),
        ("length=30, prompt=40", "window 128, stride 64, each text by itself, not after its prompt"),
        ("stride=9", "a window that holds 99% of the human texts, 512 tokens at most, stride 9, each text by itself"),
        ("base=some", "a window of 256 tokens, or as many as it reads, stride half of it, each text by itself"),
    ],
)
def test_what_a_perplexity_is_of_is_said(settings: str, said: str) -> None:
    assert model(f"transformer({settings})").scoring.endswith(f"; {said}")


def test_a_window_too_short_for_what_people_wrote_is_refused() -> None:
    """Else a model from scratch would only ever write shorter texts than people do, without a word about it."""
    with pytest.raises(BadSetting, match=r"[1-6]0% of the human texts are longer than the window of 16 tokens") as said:
        model(QUICK).fit(Texts.of(WORDS), Seed(0))
    enough = int(str(said.value).partition("window=")[2].partition(" ")[0])
    assert model(QUICK, window=enough).fit(Texts.of(WORDS), Seed(0)).longest <= enough
    assert model(QUICK).fit(Texts.of([*["the cat"] * 60, WORDS[-1]]), Seed(0)).longest == 16, "a few are cut"
    with pytest.raises(BadSetting, match="longer than the window of 512 tokens"):
        model(OPEN).fit(Texts.of([" ".join(map(str, range(start, start + 600))) for start in range(4)]), Seed(0))


def test_how_training_went_is_kept(tmp_path: Path) -> None:
    words = TINY.replace("steps=60", "epochs=4").replace("window=16", "window=16, validation=0.3")
    fitted = model(words).fit(HUMAN, Seed(0))
    assert fitted.trained is not None
    assert len(fitted.trained.losses) == len(fitted.trained.validation) == 4
    assert fitted.trained.best == 1 + int(np.argmin(fitted.trained.validation))
    fitted.save(tmp_path)
    assert model(words).load(tmp_path).trained == fitted.trained
    later = model(words).fit(HUMAN, Seed(1), fitted).trained
    assert later is not None
    assert later != fitted.trained


def test_weights_that_are_copied_or_saved_take_no_place_of_those_at_work(
    fitted: FittedTransformer, tmp_path: Path
) -> None:
    fitted.save(tmp_path)
    parked, working = (fitted.settings.load(tmp_path) for _ in range(2))
    working.sample(1, Seed(0))
    held = dict(handle._held)
    mine = parked.handle.copy()
    assert mine is not parked.handle.network()
    assert handle._held == held
    with torch.no_grad():
        next(mine.parameters()).add_(1)
    assert weights_digest(parked.handle.network()) == weights_digest(fitted.handle.network()) == fitted.digest
    with torch.no_grad():
        next(fitted.handle.copy().parameters()).add_(1)
    assert weights_digest(fitted.handle.network()) == fitted.digest


def test_the_best_epoch_is_kept() -> None:
    """Texts of random letters can only be learned by heart, so the texts that are kept show when to stop."""
    rng = np.random.default_rng(0)
    noise = Texts.of(["".join(rng.choice(list("abcdefgh"), 12)) for _ in range(30)])
    start = "transformer(size='100K', vocabulary=257, window=16, "
    words = start + "training=adamw(epochs=60, batch=8, rate=0.01), validation={})"
    early, late = (model(words.format(share)).fit(noise, Seed(0)) for share in (0.4, 0.0))
    other = Texts.of(["".join(rng.choice(list("abcdefgh"), 12)) for _ in range(30)])
    assert early.log_prob(other).values.mean() > late.log_prob(other).values.mean() + 0.5
    with pytest.raises(BadInput, match="too few"):
        model(words.format(0.9)).fit(Texts.of(["one"]), Seed(0))


def state() -> tuple[Any, ...]:
    numpy: Any = np.random.get_state()
    return torch.get_rng_state().tolist(), random.getstate(), numpy[1].tolist(), numpy[2:], torch.get_num_threads()


def test_the_same_seed_gives_the_same_numbers_whatever_ran_before(tmp_path: Path) -> None:
    def numbers() -> list[Any]:
        fitted = model(QUICK.replace("batch=16", "batch=16, precision=bf16")).fit(HUMAN, Seed(5))
        texts = fitted.sample(9, Seed(6))
        edited = fitted.edit(HUMAN, 0.01, Seed(7))
        return [fitted.digest, texts.strings(), edited.strings(), fitted.log_prob(HUMAN).values.tolist()]

    before = state()
    one = numbers()
    assert state() == before, "something global was changed"
    torch.manual_seed(99)
    np.random.seed(3)
    random.seed(4)
    model(QUICK).fit(HUMAN, Seed(8)).sample(3, Seed(9))
    assert numbers() == one
    assert model(QUICK).fit(HUMAN, Seed(6)).digest != model(QUICK).fit(HUMAN, Seed(5)).digest


def test_what_is_saved_is_read(fitted: FittedTransformer, tmp_path: Path) -> None:
    fitted = replace(fitted, prompts=(np.array([5, 6]), np.array([7])))
    fitted.save(tmp_path)
    again = fitted.settings.load(tmp_path)
    assert again.digest == fitted.digest
    assert (again.longest, again.vocabulary.words, again.vocabulary.unit) == (
        fitted.longest,
        fitted.vocabulary.words,
        "word",
    )
    assert [prompt.tolist() for prompt in again.prompts] == [[5, 6], [7]]
    for data in (HUMAN, Texts.of(LONG, fitted.vocabulary)):
        assert np.array_equal(again.log_prob(data).values, fitted.log_prob(data).values)
    for n in (1, 40):
        assert again.sample(n, Seed(2)).strings() == fitted.sample(n, Seed(2)).strings()
    assert again.edit(HUMAN, 0.5, Seed(1)).strings() == fitted.edit(HUMAN, 0.5, Seed(1)).strings()
    grown = [model(carry=True).fit(HUMAN, Seed(3), one).digest for one in (fitted, again)]
    assert grown[0] == grown[1]
    assert weights_digest(again.handle.network()) == fitted.digest


def spoil(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors is not there"),
        (lambda folder: spoil(folder / "model.safetensors", -40), "not those that were saved"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"short"), "does not hold a GPT"),
        (lambda folder: (folder / "config.json").write_text("{}"), "does not hold a GPT"),
        (lambda folder: (folder / "outcross.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "outcross.json").write_text("[]"), "cannot be read"),
        (lambda folder: (folder / "outcross.json").unlink(), "no model in"),
        (lambda folder: (folder / "tokenizer.json").write_text("x"), "not a tokeniser"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "no tokeniser"),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(
    fitted: FittedTransformer, tmp_path: Path, damage: Any, said: str
) -> None:
    fitted.save(tmp_path)
    damage(tmp_path)
    with pytest.raises((BadInput, MissingInput), match=said) as refusal:
        fitted.settings.load(tmp_path).sample(1, Seed(0))
    assert "\n" not in str(refusal.value)


def test_what_cannot_be_fitted_is_said() -> None:
    for data, said in (
        (Rows(np.zeros((1, 3, 1))), "a transformer reads texts, not rows"),
        (Texts.of([]), "no text at all"),
    ):
        with pytest.raises(BadInput, match=said):
            model(QUICK).fit(data, Seed(0))
    for length in (None, 4):
        assert model(QUICK, length=length).fit(Texts.of(["", "the cat"]), Seed(0)).sample(3, Seed(0)).size == 3
    with pytest.raises(BadInput, match="all empty"):
        model(QUICK, length=4).fit(Texts.of(["", ""]), Seed(0))
    with pytest.raises(Diverged, match=r"training diverged: .* lower rate"):
        model(TINY.replace("rate=0.01", "rate=1e30")).fit(HUMAN, Seed(0))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("prompt=4", "give its length"),
        ("rank=2", "give its base"),
        ("window=16, stride=17", "more than the window"),
        ("window=16, prompt=8, length=9", "more than the window"),
        ("window=16, length=17", "more than the window"),
        ("length=30, stride=65", "more than the window 64"),
        ("vocabulary=256", "vocabulary"),
        ("truncate=0", "truncate"),
        ("validation=1.0", "validation"),
    ],
)
def test_settings_that_do_not_go_together(settings: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        build("model", f"transformer({settings})")


def test_one_network_is_at_work_on_gpus_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert [model(QUICK, device=device).abreast for device in ("auto", "cuda", "cuda:2")] == [1, 1, 1]


def test_without_its_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file in ("fine_tuning", "device", "folder"):
        monkeypatch.setitem(sys.modules, f"outcross.models._torch.{file}", None)
        monkeypatch.delattr(f"outcross.models._torch.{file}", raising=False)
    for work in (
        lambda: model().fit(HUMAN, Seed(0)),
        lambda: model().abreast,
        lambda: model().load(tmp_path),
    ):
        with pytest.raises(MissingLibrary, match=r"outcross\[lm\]"):
            work()
