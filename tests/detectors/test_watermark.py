"""Watermarks: marked texts are told from unmarked ones, and unmarked ones give standard normal scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from outcross.core.batch import Floats  # noqa: E402
from outcross.core.detector import Scorer  # noqa: E402
from outcross.core.documents import Documents, Labelled  # noqa: E402
from outcross.core.errors import BadInput, BadSetting, MissingInput  # noqa: E402
from outcross.core.part import build  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.detectors.watermark import p_value  # noqa: E402

WORDS, MORE = 2000, 48
"""Words of the tokeniser, and rows that the model's table has beside them, as padded ones do."""
KEYS = [654, 400, 836, 123, 340, 443]
KGW = {"kgw": "", "selfhash": ", seeding_scheme=selfhash, context_width=2, greenlist_ratio=0.5"}
SYNTHID = f", scheme=synthid, keys={KEYS}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokeniser of whole words, and a small model with random weights: its next token is nearly uniform."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    place = tmp_path_factory.mktemp("writer")
    inner: Any = Tokenizer(models.WordLevel({f"w{i}": i for i in range(WORDS)}, unk_token="w0"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="w0").save_pretrained(place)
    shape = {"vocab_size": WORDS + MORE, "n_embd": 16, "n_layer": 1, "n_head": 1, "n_positions": 128}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        transformers.GPT2LMHeadModel(transformers.GPT2Config(**shape)).save_pretrained(place)
    return place


def written(folder: Path, config: Any, number: int = 8, length: int = 80) -> Documents:
    """Texts of the small model, with a watermark or without; only words that the tokeniser has."""
    torch.set_num_threads(1)
    model = transformers.GPT2LMHeadModel.from_pretrained(folder).eval()
    start = torch.arange(number)[:, None] + 1
    never = [[row] for row in range(WORDS, WORDS + MORE)]
    how = {"do_sample": True, "max_new_tokens": length, "bad_words_ids": never, "pad_token_id": 0, "eos_token_id": None}
    with torch.random.fork_rng():
        torch.manual_seed(1)
        codes = model.generate(start, attention_mask=torch.ones_like(start), watermarking_config=config, **how)
    return Documents.of([" ".join(f"w{code}" for code in row) for row in codes[:, 1:].tolist()])


def unmarked(number: int, length: int) -> Documents:
    """Uniformly drawn words: no two texts share many n-grams, so their scores are nearly independent."""
    rows = np.random.default_rng(0).integers(0, WORDS, size=(number, length))
    return Documents.of([" ".join(f"w{code}" for code in row) for row in rows.tolist()])


def scorer(folder: Path, settings: str = "") -> Scorer:
    found = build("detector", f"watermark(tokenizer='{folder}'{settings})").fit(Labelled.of(["a"], ["human"]), Seed(0))
    assert isinstance(found, Scorer)
    return found


def standard(scores: Floats) -> None:
    """Mean 0, variance 1, and as many beyond 1.645 as a normal has, each within 4 standard errors."""
    n = len(scores)
    assert abs(scores.mean()) < 4 / np.sqrt(n)
    assert abs(scores.var() - 1) < 4 * np.sqrt(2 / n)
    tail = np.mean(p_value(scores) < 0.05)
    assert abs(tail - 0.05) < 4 * np.sqrt(0.05 * 0.95 / n) + 0.02, "counts of tokens are whole numbers"


@pytest.mark.parametrize("settings", [*KGW.values(), SYNTHID, f"{SYNTHID}, weighted=false"])
def test_unmarked_texts_give_standard_normal_scores(folder: Path, settings: str) -> None:
    standard(scorer(folder, settings).score(unmarked(250, 100)))


@pytest.mark.parametrize("scheme", KGW)
def test_green_lists_are_seen(folder: Path, scheme: str) -> None:
    how = {"seeding_scheme": "selfhash", "context_width": 2, "greenlist_ratio": 0.5} if scheme == "selfhash" else {}
    config = transformers.WatermarkingConfig(bias=3.0, **how)
    marked = written(folder, config)
    assert scorer(folder, KGW[scheme]).score(marked).min() > 3
    other = scorer(folder, f"{KGW[scheme]}, hashing_key=17").score(marked)
    assert np.abs(other).max() < 4, "another key sees nothing"
    assert np.abs(scorer(folder, KGW[scheme]).score(written(folder, None))).max() < 4


@pytest.mark.parametrize("weighted", ["true", "false"])
def test_g_values_are_seen(folder: Path, weighted: str) -> None:
    config = transformers.SynthIDTextWatermarkingConfig(ngram_len=5, keys=KEYS)
    marked = written(folder, config)
    assert scorer(folder, f"{SYNTHID}, weighted={weighted}").score(marked).min() > 3
    assert np.abs(scorer(folder, f", scheme=synthid, keys={KEYS[::-1]}, ngram_len=4").score(marked)).max() < 4
    assert np.abs(scorer(folder, SYNTHID).score(written(folder, None))).max() < 4


def test_a_loop_is_no_further_evidence(folder: Path) -> None:
    text = unmarked(1, 30).texts[0]
    once, often = scorer(folder).score(Documents.of([text, " ".join([text] * 20)]))
    assert abs(often - once) < 0.7, "one n-gram more: where the text begins again"


def test_the_score_of_the_library(folder: Path) -> None:
    """Its own z and p, where the green list has the share that it says."""
    documents = unmarked(5, 60)
    config = transformers.WatermarkingConfig()
    shape = transformers.GPT2Config(vocab_size=WORDS + MORE)
    detector = transformers.WatermarkDetector(shape, "cpu", config, ignore_repeated_ngrams=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    codes = torch.tensor([tokenizer(text)["input_ids"] for text in documents.texts])
    theirs = detector(codes, return_dict=True)
    ours = scorer(folder).score(documents)
    assert np.allclose(ours, theirs.z_score, atol=1e-9)
    assert np.allclose(p_value(ours), theirs.p_value, atol=1e-6)


def test_texts_without_an_n_gram_have_no_score(folder: Path) -> None:
    documents = Documents.of(["", "w1", "w1 w2", "w1 w2 w3 w4 w5"])
    assert np.isnan(scorer(folder).score(documents)).tolist() == [True, True, False, False]
    assert np.isnan(scorer(folder, SYNTHID).score(documents)).tolist() == [True, True, True, False]


def test_a_text_does_not_depend_on_the_others(folder: Path) -> None:
    documents, test = unmarked(6, 40), scorer(folder)
    together = test.score(documents)
    assert [test.score(documents.take(np.array([i])))[0] for i in range(6)] == together.tolist()


def test_it_needs_no_documents_and_keeps_nothing(folder: Path) -> None:
    detector = build("detector", f"watermark(tokenizer='{folder}')")
    assert not detector.needs
    made = detector.fit(Labelled.of(["a"], ["human"]), Seed(0))
    assert made.arrays() == {}
    documents = unmarked(3, 40)
    assert np.array_equal(made.score(documents), detector.restore({}).score(documents))


def test_settings_that_do_not_go_together() -> None:
    with pytest.raises(BadSetting, match="synthid has keys"):
        build("detector", "watermark(tokenizer=gpt2, scheme=synthid)")
    with pytest.raises(BadSetting, match="keys are those of"):
        build("detector", "watermark(tokenizer=gpt2, keys=[1, 2])")


def test_what_is_not_there(folder: Path, tmp_path: Path) -> None:
    documents = Documents.of(["w1 w2 w3"])
    with pytest.raises(MissingInput, match="no folder"):
        scorer(tmp_path / "none").score(documents)
    with pytest.raises(MissingInput, match="no file"):
        scorer(tmp_path / "none.gguf").score(documents)
    with pytest.raises(BadInput, match="cannot have written it"):
        scorer(folder, ", vocabulary=100").score(Documents.of(["w500 w600 w700"]))
    with pytest.raises(BadSetting, match="no device 'abacus'"):
        scorer(folder, ", device=abacus").score(documents)
