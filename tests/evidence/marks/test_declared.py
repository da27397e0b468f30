"""Source types, disclosures, labels and sentences: what fires, what it says, and what does not fire."""

from __future__ import annotations

import json

import pytest

from outcross.core.provenance import Origin
from outcross.evidence.marks import find_marks, strip_marks
from tests.evidence.marks.made import TRAINED

S, M, H = Origin.SYNTHETIC, Origin.MIXED, Origin.HUMAN
SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"

SOURCE_TYPES = [
    (f'<rdf:Description Iptc4xmpExt:DigitalSourceType="{TRAINED}" rdf:about=""/>', S),
    (f"<Iptc4xmpExt:DigitalSourceType>{TRAINED}</Iptc4xmpExt:DigitalSourceType>", S),
    (f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{TRAINED}"/>', S),
    (f"<e:digitalSourceType><rdf:Bag><rdf:li>{TRAINED}</rdf:li></rdf:Bag></e:digitalSourceType>", S),
    (f'<meta name="digitalSourceType" content="{TRAINED}">', S),
    (f"<META CONTENT='{TRAINED}' PROPERTY='iptc:DigitalSourceType'/>", S),
    ('<link itemprop="digitalSourceType" href="https://schema.org/TrainedAlgorithmicMediaDigitalSource">', S),
    ('{"@type": "Article", "digitalSourceType": "https://schema.org/TrainedAlgorithmicMediaDigitalSource"}', S),
    (f'{{"digitalSourceType": {{"@id": "{TRAINED}"}}}}', S),
    (f'{{"digitalSourceType": ["{TRAINED}", "{SCHEME}digitalCreation"], "name": "x"}}', M),
    (f'{{"iptc:digitalSourceType": "{SCHEME}compositeWithTrainedAlgorithmicMedia"}}', M),
    ('{"digitalSourceType": "digitalCreation"}', H),
    ('{"digitalSourceType": "digsrctype:print"}', None),
    ('{"digitalSourceType": "http://c2pa.org/digitalsourcetype/trainedAlgorithmicData"}', S),
    (f'{{"@type": "Article", "image": {{"@type": "ImageObject", "digitalSourceType": "{TRAINED}"}}}}', None),
]


@pytest.mark.parametrize(("text", "origin"), SOURCE_TYPES)
def test_source_types(text: str, origin: Origin | None) -> None:
    (mark,) = find_marks(f"before {text} after")
    assert (mark.kind, mark.origin, mark.confidence, mark.valid) == ("source_type", origin, 1.0, True)
    assert mark.says is not None and mark.says.startswith("http")


@pytest.mark.parametrize(
    "text",
    [
        '{"properties": {"digitalSourceType": {"type": "string"}}}',
        "self.digitalSourceType = digitalSourceType",
        '<meta name="digitalSourceType" content="">',
        '{"digitalSourceType": "cats"}',
        "The property digitalSourceType may be trainedAlgorithmicMedia.",
        f"See {TRAINED} for what it means.",
    ],
)
def test_the_word_alone_is_no_declaration(text: str) -> None:
    assert find_marks(text) == ()


@pytest.mark.parametrize("place", ["first", "middle", "last", "only"])
def test_json_without_its_source_type_is_json_still(place: str) -> None:
    named = {"digitalSourceType": TRAINED}
    before, after = {"@type": "Article"}, {"name": "cats, {dogs}"}
    whole = {"first": named | after, "middle": before | named | after, "last": before | named, "only": named}[place]
    for text in (json.dumps(whole), json.dumps(whole, indent=2)):
        clean, marks = strip_marks(text)
        assert len(marks) == 1
        assert json.loads(clean) == {name: value for name, value in whole.items() if name != "digitalSourceType"}


@pytest.mark.parametrize(
    ("text", "says", "origin"),
    [
        ('<meta name="ai-disclosure" content="ai-generated">', "ai-disclosure: ai-generated", S),
        ('<meta name="ai-disclosure" content="autonomous">', "ai-disclosure: autonomous", S),
        ('<meta name="ai-disclosure" content="ai-assisted">', "ai-disclosure: ai-assisted", M),
        ('<meta name="ai-disclosure" content="mixed">', "ai-disclosure: mixed", M),
        ('<meta name="ai-disclosure" content="none">', "ai-disclosure: none", H),
        ('<meta name="AI-Generated" content="true"/>', "ai-generated: true", S),
        ("<meta content=no name=ai_generated>", "ai_generated: no", H),
        ('<meta name="ai-assisted" content="yes">', "ai-assisted: yes", M),
        ('<meta property="og:ai-content" content="perhaps">', "og:ai-content: perhaps", None),
        ('<meta http-equiv="x" name="ai-disclosure" content="mode=machine-generated; model=x">', None, S),
        ('<meta name="generator" content="ChatGPT">', "generator: ChatGPT", S),
        ('<meta name="generator" content="Claude 3.5 &amp; friends">', "generator: Claude 3.5 & friends", S),
        ('<section class="a" ai-disclosure="ai-generated" ai-model="x">', "ai-disclosure: ai-generated", S),
        ("<aside ai-disclosure=none>", "ai-disclosure: none", H),
    ],
)
def test_disclosures(text: str, says: str | None, origin: Origin | None) -> None:
    (mark,) = find_marks(f"<p>before</p>{text}<p>after</p>")
    assert mark.kind == "disclosure"
    assert mark.origin is origin
    assert says is None or mark.says == says


@pytest.mark.parametrize(
    "text",
    [
        '<meta name="generator" content="WordPress 6.5">',
        '<meta name="generator" content="Hugo 0.110">',
        '<meta name="robots" content="noai, noimageai">',
        '<meta name="description" content="How AI content is generated">',
        '<meta name="keywords" content="ai-generated, ai-disclosure">',
        '<meta name="air-content" content="yes"><meta name="fair-ai-r" content="yes">',
        "The attribute ai-disclosure is a proposal.",
    ],
)
def test_other_meta_elements_are_no_disclosures(text: str) -> None:
    assert find_marks(text) == ()


@pytest.mark.parametrize(
    ("text", "origin", "valid"),
    [
        ('{"AIGC": {"Label": "1", "ContentProducer": "x", "ProduceID": "7"}}', S, True),
        ('<x TC260:AIGC="{&quot;Label&quot;:&quot;1&quot;,&quot;ProduceID&quot;:&quot;7&quot;}"/>', S, True),
        ('<TC260:AIGC>{"ContentProducer":"x","Label":"2"}</TC260:AIGC>', None, True),
        ('"{\\"AIGC\\":{\\"Label\\":\\"3\\"}}"', None, True),
        ('{"AIGC": {"Label": "1", "ContentProd', S, False),
    ],
)
def test_labels_of_generated_content(text: str, origin: Origin | None, valid: bool) -> None:
    (mark,) = find_marks(text)
    assert (mark.kind, mark.origin, mark.valid) == ("aigc", origin, valid)


def test_the_word_aigc_is_no_label() -> None:
    assert find_marks('AIGC is short for it. {"Label": "1"} {"AIGC": {"name": "x"}}') == ()


@pytest.mark.parametrize(
    "text",
    [
        "This text was generated by ChatGPT.",
        "The following article has been written entirely by an AI language model.",
        "This summary was automatically generated using GPT-4.",
        "This post was created with the help of OpenAI's ChatGPT.",
        "As an AI language model, I have no cat.",
        "I'm sorry, but as a large language model I have no cat.",
        "As an AI assistant, I cannot have a cat.",
        "As of my last knowledge update in September 2021, there were cats.",
        "[AI-generated content] A cat.",
        "I\u2019m an AI language model.",
    ],
)
def test_sentences_are_weak_evidence_and_stay(text: str) -> None:
    clean, (mark,) = strip_marks("One. " + text)
    assert (mark.kind, mark.origin, mark.valid) == ("statement", S, True)
    assert mark.confidence <= 0.4
    assert clean == "One. " + text


@pytest.mark.parametrize(
    "text",
    [
        "ChatGPT is a language model by OpenAI.",
        "As a model, she was generated offers from Milan. As a large model of the ship was built by AI Smith.",
        "This article was written by Claudia. This text was written by Claude's brother? No: by aides.",
        "The film AI was created by Spielberg; this story was written by Aldiss.",
        "We say that AI texts were generated by GPT-2 in this study.",
        "As of my last visit, the cat slept.",
    ],
)
def test_texts_about_models_are_no_statements(text: str) -> None:
    assert [mark.detail for mark in find_marks(text) if "Claude's" not in text] == []


def test_the_reach_of_a_sentence_is_not_the_length_of_the_text() -> None:
    filler = "A cat sat on a mat. " * 5000
    text = f"{filler}This text was generated by ChatGPT. {filler}As an AI language model, I sat. {filler}"
    assert [mark.start for mark in find_marks(text)] == [len(filler), 2 * len(filler) + 36]
