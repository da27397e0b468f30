"""IPTC digital source types: what names one, what each implies, and what is never guessed."""

from __future__ import annotations

import pytest

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin
from outcross.vault.labels.iptc import SCHEME, SourceType, of, source_type

CURRENT = """digitalCapture computationalCapture negativeFilm positiveFilm print humanEdits algorithmicallyEnhanced
digitalCreation dataDrivenMedia trainedAlgorithmicMedia algorithmicMedia screenCapture virtualRecording composite
compositeCapture compositeSynthetic compositeWithTrainedAlgorithmicMedia"""


def test_the_list_is_the_vocabularys() -> None:
    assert {known.code for known in SourceType if not known.retired} == set(CURRENT.split())
    assert {known.code for known in SourceType if known.retired} == {"minorHumanEdits", "digitalArt", "softwareImage"}


@pytest.mark.parametrize("known", SourceType)
@pytest.mark.parametrize(
    "form", ["{}", "{}/", " {}\n", "digsrctype:{}", SCHEME + "{}", SCHEME[:4] + "s" + SCHEME[4:] + "{}"]
)
def test_every_way_to_write_it_names_it(known: SourceType, form: str) -> None:
    text = form.format(known.code)
    assert of(text) is of(text.upper()) is of(text.lower()) is known


@pytest.mark.parametrize(
    "text", ["", "synthetic", "https://example.org/print", SCHEME, SCHEME + "print/print", "pr int"]
)
def test_what_names_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="IPTC has no digital source type"):
        of(text)


def test_the_nearest_name_is_told() -> None:
    with pytest.raises(BadInput, match="did you mean 'trainedAlgorithmicMedia'"):
        of(SCHEME + "trainedAlgorithmMedia")


def test_what_each_origin_is() -> None:
    assert source_type(Origin.SYNTHETIC) is SourceType.TRAINED_ALGORITHMIC_MEDIA
    assert source_type(Origin.MIXED) is SourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
    assert source_type(Origin.HUMAN) is None
    assert source_type(Origin.UNKNOWN) is None


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("declared", SourceType)
def test_what_was_declared_stands_unless_it_says_the_contrary(origin: Origin, declared: SourceType) -> None:
    if origin is not Origin.UNKNOWN and declared.origin not in (None, origin):
        with pytest.raises(BadInput, match=declared.code):
            source_type(origin, declared)
    else:
        assert source_type(origin, declared) is declared


def test_a_scan_does_not_say_who_wrote_it() -> None:
    silent = {known.code for known in SourceType if known.origin is None}
    assert {"print", "digitalCapture", "humanEdits", "screenCapture", "composite", "dataDrivenMedia"} <= silent
    assert SourceType.DIGITAL_CREATION.origin is Origin.HUMAN
