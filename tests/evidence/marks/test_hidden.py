"""Invisible codes, and the many texts that have the same characters for good reasons."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from outcross.core.provenance import Origin
from outcross.evidence.marks import find_marks, strip_marks


def tagged(text: str) -> str:
    """A text in tag characters."""
    return "".join(chr(0xE0000 + ord(one)) for one in text)


LEGITIMATE = {
    "persian": "این کتاب‌ها را می‌خواهم که بخوانم؛ نمی‌دانم چه‌کار کنم. خانه‌ی ما، می‌رود، ه‍",
    "arabic with isolated forms": "حرف ه\u200d\u200c\u200d في أول الكلمة",
    "urdu": "میں اُردو بولتا ہوں\u200c اور لکھتا\u200c ہوں",
    "hindi": "क्\u200dष और क्\u200cष, श्री, द्\u200dध, र्\u200dय",
    "bengali": "র\u200d্যাব এবং ক্\u200cষ",
    "sinhala": "ශ්\u200dරී ලංකා, ක්\u200dෂ, ප්\u200dර",
    "malayalam": "അവൻ, അവന്\u200d, കണ്\u200dണൂര്\u200d",
    "kannada and telugu": "ರ್\u200cಯ ಕ್\u200cಷ రాజ్\u200cకుమార్",
    "khmer": "\u200b".join(["ខ្ញុំ", "ចង់", "ទៅ", "ផ្ទះ", "វិញ", "ហើយ", "ញ៉ាំ", "បាយ", "ជាមួយ", "គ្រួសារ"]) * 5,
    "thai": "ฉัน\u200bรัก\u200bแมว\u200bและ\u200bหมา\u200b (2 ตัว)\u200bมาก\u200b\u2060ที่สุด",
    "myanmar": "မြန်မာ\u200bစာ\u200bပေ\u200bများ",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ\u180b ᠬᠡᠯᠡ\u180e",
    "hebrew": "שלום\u200d \u200cעולם",
    "emoji families": "\u200d".join("\U0001f468\U0001f469\U0001f467\U0001f466") * 9
    + "\U0001f469\U0001f3fd\u200d\U0001f4bb \U0001f3f3\ufe0f\u200d\U0001f308",
    "emoji hearts": "\u2764\ufe0f\u200d\U0001f525 \u2764\ufe0f\ufe0f \u263a\ufe0e 1\ufe0f\u20e3 " * 20,
    "emoji professions": "\U0001f469\u200d\u2695\ufe0f \U0001f937\U0001f3fe\u200d\u2642\ufe0f " * 20,
    "flags": " ".join(f"\U0001f3f4{tagged(region)}\U000e007f" for region in ("gbeng", "gbsct", "gbwls", "usca")),
    "language tag": "\U000e0001\U000e0065\U000e006eA cat.",
    "ideographic variation": "葛\U000e0100飾区と葛\U000e0101城市、辻\U000e0100さん、邉\U000e0106、邊\U000e010a",
    "cjk compatibility and punctuation": "『\ufe00』。\ufe00、\ufe01（\ufe00） 0\ufe00 ≨\ufe00 ∩\ufe00",
    "a byte order mark": "\ufeffA cat.",
    "files joined": "\ufeffA cat.\n\ufeffA dog.\n\ufeffA bird.\n" * 30,
    "line breaks": "https://example.org/\u200ba/\u200bvery/\u200blong/\u200baddress " * 20,
    "soft hyphens": "Donau\u00addampf\u00adschiff\u00adfahrts\u00adgesellschaft " * 20,
    "german ligatures": "Auf\u200clage und Schiff\u200cfahrt, Kauf\u200cleute " * 20,
    "word joiners": "5\u2060% of 10\u2060€ \u2060– nobody " * 20,
    "mathematics": "f\u2061(x) = 2\u2062x + a\u2063b + 3\u20641/2 and sin\u2061\u2062x " * 20,
    "empty paragraphs": "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\n\u200b\n" * 5,
    "preview of a newsletter": "Sale!" + "\u200c\u00a0\u200b\u200d\u200e\u200f\ufeff" * 40 + "Hello",
    "another preview": "Sale!" + "\u034f\u200c \u2007\ufeff" * 40 + " " + "\u200c\u200b\u200d" * 40,
    "emoji taken out": "Love \ufe0f and \ufe0f peace \u200d\ufe0f now\ufe0f." * 20,
    "vietnamese": "Tiếng Việt rất đẹp, và mèo\u200b cũng vậy\u200b.",
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE)
def test_legitimate_characters_are_no_marks_and_stay(text: str) -> None:
    assert find_marks(text) == ()
    clean, marks = strip_marks(text)
    assert clean is text and marks == ()


def bits(payload: bytes, zero: str = "\u200b", one: str = "\u200c") -> str:
    return "".join(f"{byte:08b}" for byte in payload).replace("0", zero).replace("1", one)


CODES = {
    "zero_width, two characters": "A cat{} sat.".format(bits(b"by GPT")),
    "zero_width, the other way round": "A cat{} sat.".format(bits(b"by GPT", "\u200d", "\u200c")),
    "zero_width, seven bits": "A cat."
    + "".join(f"{one:07b}" for one in b"by GPT").replace("0", "\u200b").replace("1", "\ufeff"),
    "zero_width, parted": "A cat."
    + "\u200d".join(f"{one:b}".replace("0", "\u200b").replace("1", "\u200c") for one in b"by GPT"),
    "zero_width, two bits a character": "A cat."
    + "".join("\u200b\u200c\u200d\u2060"[one >> shift & 3] for one in b"by GPT" for shift in (6, 4, 2, 0)),
    "zero_width, over the words": " ".join(
        word + mark for word, mark in zip(["cat"] * 48, bits(b"by GPT"), strict=True)
    ),
    "tags": "A cat." + "".join(chr(0xE0000 + one) for one in b"by GPT"),
    "selectors": "A cat \U0001f600" + "".join(chr(0xE0100 + one - 16) for one in b"by GPT"),
    "selectors, behind a styled emoji": "A cat \u2764\ufe0f" + "".join(chr(0xE0100 + one - 16) for one in b"by GPT"),
    "selectors, over the letters": "".join(
        letter + chr(0xE0100 + one - 16) for letter, one in zip("cats a", b"by GPT", strict=True)
    ),
}


@pytest.mark.parametrize("name", CODES)
def test_a_code_is_found_read_and_taken_out(name: str) -> None:
    clean, (mark,) = strip_marks(CODES[name])
    assert mark.kind == name.partition(",")[0]
    assert (mark.says, mark.origin, mark.confidence, mark.valid) == ("by GPT", Origin.SYNTHETIC, 0.9, True)
    assert "\u2764\ufe0f" in clean or clean.isascii() or clean == "A cat \U0001f600"


def test_a_payload_that_names_no_model_says_nothing_of_the_origin() -> None:
    (mark,) = find_marks("A cat." + bits(b"user 1234"))
    assert (mark.says, mark.origin) == ("user 1234", None)


def test_what_cannot_be_read_is_a_mark_all_the_same() -> None:
    draw = random.Random(0)
    for alphabet in ("\u200b\u200c", "\u200b\u200c\u200d\u2060\ufeff", "\u200c\u200d\u2061\u2062\u2063\u2064"):
        run = "".join(draw.choice(alphabet) for _ in range(203))
        clean, (mark,) = strip_marks(f"A cat{run} sat.")
        assert (mark.kind, mark.says, mark.confidence, mark.valid) == ("zero_width", None, 0.5, False)
        assert clean == "A cat sat."
    run = "".join(chr(0xE0100 + draw.randrange(240)) for _ in range(99))
    (mark,) = find_marks(f"A cat{run} sat.")
    assert (mark.kind, mark.valid) == ("selectors", False)


def test_a_few_odd_ones_inside_a_word_are_doubtful() -> None:
    clean, (mark,) = strip_marks("A ca\u200b\u200c\u200bt sat.")
    assert (mark.kind, mark.confidence, clean) == ("zero_width", 0.3, "A cat sat.")


def test_a_code_in_persian_goes_and_the_spelling_stays() -> None:
    text = "این کتاب‌ها را می‌خواهم."
    clean, (mark,) = strip_marks(text[:10] + bits(b"by GPT", "\u200c", "\u200d") + text[10:])
    assert (clean, mark.says) == (text, "by GPT")


def test_a_code_behind_a_family_goes_and_the_family_stays() -> None:
    text = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f"
    assert strip_marks(text + bits(b"by GPT"))[0] == text


def test_a_byte_order_mark_before_a_code_is_not_part_of_it() -> None:
    assert strip_marks("\ufeff" + bits(b"by GPT") + "A cat.")[0] == "\ufeffA cat."


def test_characters_drawn_at_random_never_break_it() -> None:
    draw = random.Random(1)
    odd = "a \u200b\u200c\u200d\u2060\u2062\ufeff\ufe00\ufe0f"
    odd += "\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef葛\u2764\ud800<>\"'-{}"
    for _ in range(300):
        text = "".join(draw.choice(odd) for _ in range(draw.randrange(120)))
        clean, marks = strip_marks(text)
        spans = sorted(span for mark in marks for span in mark.spans)
        assert len(clean) == len(text) - sum(length for _, length in spans)
        assert all(sum(one) <= two[0] for one, two in pairwise(spans))
        assert all(mark.spans == tuple(sorted(mark.spans)) for mark in marks)
