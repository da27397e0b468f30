"""C2PA manifests in plain text, HTML and comments: whole, cut off, damaged."""

from __future__ import annotations

from base64 import b64encode

import pytest

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin
from outcross.evidence.marks import find_marks, strip_marks
from outcross.evidence.marks.cbor import decode
from outcross.evidence.marks.manifest import read_manifest
from tests.evidence.marks.made import TRAINED, cbor, manifest, store, wrapper

WHOLE = store(manifest("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"))
TEXT = "Café, naïve: \U0001f468\u200d\U0001f469\u200d\U0001f467 ❤️. The end."


@pytest.mark.parametrize("padding", [0, 1, 40])
def test_a_whole_wrapper_is_read_and_taken_out(padding: int) -> None:
    (mark,) = find_marks(TEXT + wrapper(WHOLE, padding=padding))
    assert (mark.kind, mark.says, mark.origin) == ("c2pa_text", TRAINED, Origin.SYNTHETIC)
    assert (mark.confidence, mark.valid, mark.start) == (1.0, True, len(TEXT))
    assert mark.length == 1 + 13 + len(WHOLE) + padding
    assert "cat-writer 2.0" in mark.detail and "not verified" in mark.detail
    assert strip_marks(TEXT + wrapper(WHOLE, padding=padding)) == (TEXT, (mark,))


@pytest.mark.parametrize("kept", [9, 12, 14, 40, 200, len(WHOLE)])
def test_a_truncated_wrapper_is_reported_as_one(kept: int) -> None:
    text = TEXT + wrapper(WHOLE)[:kept]
    (mark,) = find_marks(text)
    assert (mark.kind, mark.valid, mark.confidence) == ("c2pa_text", False, 0.9)
    assert "cut off" in mark.detail
    assert strip_marks(text)[0] == TEXT


def test_what_a_truncated_wrapper_still_says_is_read() -> None:
    (mark,) = find_marks(TEXT + wrapper(WHOLE)[:-40])
    assert (mark.origin, mark.valid) == (Origin.SYNTHETIC, False)


@pytest.mark.parametrize(
    "damaged",
    [
        wrapper(WHOLE, version=2),
        wrapper(WHOLE, length=len(WHOLE) + 1),
        wrapper(WHOLE, length=len(WHOLE) - 1),
        wrapper(WHOLE).removeprefix("\ufeff"),  # what a cleaner of byte order marks leaves
        wrapper(b"no boxes at all"),
        wrapper(b""),
    ],
    ids=["version", "too long", "too short", "no marker", "no boxes", "empty"],
)
def test_a_damaged_wrapper_is_not_valid(damaged: str) -> None:
    (mark,) = find_marks("A cat." + damaged)
    assert (mark.kind, mark.valid) == ("c2pa_text", False)
    assert strip_marks("A cat." + damaged)[0] == "A cat."


def test_a_manifest_without_a_source_type_says_nothing_of_the_origin() -> None:
    (mark,) = find_marks("A cat." + wrapper(store(manifest())))
    assert (mark.says, mark.origin, mark.valid) == (None, None, True)


def test_the_active_manifest_counts_and_not_its_ingredients() -> None:
    (mark,) = find_marks("A cat." + wrapper(store(manifest(TRAINED), manifest("digitalCreation"))))
    assert mark.origin is Origin.HUMAN


def test_two_sources_are_mixed() -> None:
    (mark,) = find_marks("A cat." + wrapper(store(manifest(TRAINED, "digitalCreation"))))
    assert mark.origin is Origin.MIXED


def test_two_wrappers_are_two_marks() -> None:
    text = f"A cat.{wrapper(WHOLE)} A dog.{wrapper(WHOLE)}"
    assert strip_marks(text)[0] == "A cat. A dog."
    assert len(find_marks(text)) == 2


def test_older_claims_name_their_generator_otherwise() -> None:
    claim = cbor({"claim_generator": "cat-tool/1.2", "claim_generator_hints": {}})
    assert read_manifest(claim).generator == "cat-tool/1.2"
    assert read_manifest(cbor({"actions": [{"softwareAgent": {"name": "GPT-4o"}}]})).generator == "GPT-4o"
    assert read_manifest(cbor({"modelName": "cat-1"})).model == "cat-1"
    assert read_manifest(b'{"digitalSourceType": "trainedAlgorithmicMedia"}').source_types == (
        "trainedAlgorithmicMedia",
    )


def test_every_cut_of_a_store_is_read_without_an_error() -> None:
    for size in range(len(WHOLE)):
        assert not read_manifest(WHOLE[:size]).whole
    assert read_manifest(WHOLE).whole


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", 0),
        ("1903e8", 1000),
        ("3863", -100),
        ("f97e00", None),
        ("c11a514b67b0", 1363896240),
        ("83010203", [1, 2, 3]),
        ("9f0102ff", [1, 2]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("7f657374726561646d696e67ff", "streaming"),
        ("5f42010243030405ff", bytes([1, 2, 3, 4, 5])),
        ("f5", True),
    ],
)
def test_the_examples_of_the_cbor_specification(data: str, value: object) -> None:
    """RFC 8949, appendix A."""
    found, end = decode(bytes.fromhex(data))
    assert end == len(data) // 2
    assert found == value if value is not None else found != found


@pytest.mark.parametrize("data", ["", "19", "62", "6261", "83 01", "9f01", "fb", "1c", "81" * 200])
def test_what_is_no_cbor_is_refused(data: str) -> None:
    with pytest.raises(BadInput):
        decode(bytes.fromhex(data))


PAGE = "<html><head>{}</head><body>A cat.</body></html>"


def test_a_manifest_in_a_script_element() -> None:
    element = f'<script type="application/c2pa">{b64encode(WHOLE).decode()}</script>'
    clean, (mark,) = strip_marks(PAGE.format(element))
    assert (mark.kind, mark.origin, mark.confidence, mark.valid) == ("c2pa_html", Origin.SYNTHETIC, 1.0, True)
    assert clean == PAGE.format("")


def test_a_script_element_that_is_cut_off() -> None:
    (mark,) = find_marks('<script id=x type="application/c2pa">' + b64encode(WHOLE).decode()[:-30])
    assert (mark.valid, mark.origin) == (False, Origin.SYNTHETIC)


def test_a_link_to_a_manifest() -> None:
    clean, (mark,) = strip_marks(PAGE.format('<link href="/a.c2pa" rel="c2pa-manifest" type="application/c2pa">'))
    assert (mark.says, mark.origin, mark.valid) == ("/a.c2pa", None, True)
    assert clean == PAGE.format("")
    assert not find_marks('<link rel="c2pa-manifest">')[0].valid


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("# {}\nprint(1)\n", "print(1)\n"),
        ("print(1)\r\n// {}", "print(1)\r\n"),
        ("/* {} */\nbody {{}}\n", "body {{}}\n"),
        ("<!-- {} -->\n# Cats\n", "# Cats\n"),
        ("---\ntitle: cats\n{}\n---\n", "---\ntitle: cats\n---\n"),
        ("x = 1  # {}\n", "x = 1  # \n"),
    ],
)
def test_an_armoured_block_goes_with_its_comment(text: str, clean: str) -> None:
    block = "-----BEGIN C2PA MANIFEST----- https://example.org/a.c2pa -----END C2PA MANIFEST-----"
    marked = text.replace("{}", block, 1)
    found, (mark,) = strip_marks(marked)
    assert (mark.kind, mark.says, mark.valid) == ("c2pa_armour", "https://example.org/a.c2pa", True)
    assert found == clean


def test_an_armoured_block_of_several_lines_with_the_manifest_in_it() -> None:
    packed = b64encode(WHOLE).decode()
    lines = "\n".join(f"# {packed[at : at + 64]}" for at in range(0, len(packed), 64))
    begin, end = "# -----BEGIN C2PA MANIFEST-----", "# -----END C2PA MANIFEST-----"
    text = f"{begin}\n# data:application/c2pa;base64,\n{lines}\n{end}\nprint(1)\n"
    clean, (mark,) = strip_marks(text)
    assert (mark.origin, mark.valid) == (Origin.SYNTHETIC, True)
    assert clean == "print(1)\n"


def test_an_armoured_block_that_is_cut_off_or_empty() -> None:
    (mark,) = find_marks("# -----BEGIN C2PA MANIFEST----- https://example.org/a.c2pa\nprint(1)\n")
    assert (mark.valid, mark.says, mark.confidence) == (False, "https://example.org/a.c2pa", 0.9)
    (mark,) = find_marks("-----BEGIN C2PA MANIFEST-----  -----END C2PA MANIFEST-----")
    assert (mark.valid, mark.says) == (False, None)
    assert not find_marks("A block ends with -----END C2PA MANIFEST-----, says the C2PA.")
