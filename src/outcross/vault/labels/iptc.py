"""IPTC digital source types: the vocabulary in which a record says whether a person or a model made it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import final

from outcross.core.errors import BadInput, nearest
from outcross.core.provenance import Origin

SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""Where the vocabulary is at home. Its URIs are written with ``http``, and so we write them."""

_WRITTEN = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/digitalsourcetype/|digsrctype:)?([^/\s]*)/?", re.IGNORECASE)


@final
class SourceType(StrEnum):
    """What a piece of media was made from, as its URI: that is what a record stores.

    Source: IPTC NewsCodes, Digital Source Type (cv.iptc.org/newscodes/digitalsourcetype, release of 2024-10-23), with
    the retired codes, which old files still have.

    Examples
    --------
    >>> print(SourceType.TRAINED_ALGORITHMIC_MEDIA)
    http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia
    >>> SourceType.PRINT.code, SourceType.PRINT.origin, SourceType.DIGITAL_CREATION.origin
    ('print', None, <Origin.HUMAN: 'human'>)
    """

    DIGITAL_CAPTURE = SCHEME + "digitalCapture"
    COMPUTATIONAL_CAPTURE = SCHEME + "computationalCapture"
    NEGATIVE_FILM = SCHEME + "negativeFilm"
    POSITIVE_FILM = SCHEME + "positiveFilm"
    PRINT = SCHEME + "print"
    MINOR_HUMAN_EDITS = SCHEME + "minorHumanEdits"
    HUMAN_EDITS = SCHEME + "humanEdits"
    ALGORITHMICALLY_ENHANCED = SCHEME + "algorithmicallyEnhanced"
    SOFTWARE_IMAGE = SCHEME + "softwareImage"
    DIGITAL_ART = SCHEME + "digitalArt"
    DIGITAL_CREATION = SCHEME + "digitalCreation"
    DATA_DRIVEN_MEDIA = SCHEME + "dataDrivenMedia"
    TRAINED_ALGORITHMIC_MEDIA = SCHEME + "trainedAlgorithmicMedia"
    ALGORITHMIC_MEDIA = SCHEME + "algorithmicMedia"
    SCREEN_CAPTURE = SCHEME + "screenCapture"
    VIRTUAL_RECORDING = SCHEME + "virtualRecording"
    COMPOSITE = SCHEME + "composite"
    COMPOSITE_CAPTURE = SCHEME + "compositeCapture"
    COMPOSITE_SYNTHETIC = SCHEME + "compositeSynthetic"
    COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA = SCHEME + "compositeWithTrainedAlgorithmicMedia"

    @property
    def code(self) -> str:
        """The URI without the scheme."""
        return self.value.removeprefix(SCHEME)

    @property
    def origin(self) -> Origin | None:
        """Who wrote it, where the definition says so. A scan of a print does not say who wrote what was printed."""
        return _IMPLIED.get(self)

    @property
    def retired(self) -> bool:
        """Whether IPTC advises against it by now."""
        return self in _RETIRED


_IMPLIED = {
    SourceType.DIGITAL_CREATION: Origin.HUMAN,
    SourceType.DIGITAL_ART: Origin.HUMAN,
    SourceType.TRAINED_ALGORITHMIC_MEDIA: Origin.SYNTHETIC,
    SourceType.ALGORITHMIC_MEDIA: Origin.SYNTHETIC,
    SourceType.COMPOSITE_SYNTHETIC: Origin.MIXED,
    SourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA: Origin.MIXED,
}
_RETIRED = (SourceType.MINOR_HUMAN_EDITS, SourceType.DIGITAL_ART, SourceType.SOFTWARE_IMAGE)
_BY_CODE = {known.code.lower(): known for known in SourceType}
_USUAL = {
    Origin.SYNTHETIC: SourceType.TRAINED_ALGORITHMIC_MEDIA,
    Origin.MIXED: SourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
}


def of(text: str) -> SourceType:
    """Return the source type that a text names: its URI (http or https), its QCode or its bare code, in any case.

    Raises
    ------
    BadInput
        If it names none.

    Examples
    --------
    >>> of("https://cv.iptc.org/newscodes/digitalsourcetype/trainedalgorithmicmedia").code
    'trainedAlgorithmicMedia'
    >>> of("digitalcreaton")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: IPTC has no digital source type 'digitalcreaton'; did you mean 'digitalCreation'?
    """
    match = _WRITTEN.fullmatch(text.strip())
    code = match[1] if match else text.strip()
    known = _BY_CODE.get(code.lower()) if match else None
    if known is None:
        raise BadInput(f"IPTC has no digital source type '{text}'{nearest(code, [known.code for known in SourceType])}")
    return known


def source_type(origin: Origin, declared: SourceType | None = None) -> SourceType | None:
    """Return the source type that a record may bear: what was declared, else what its origin says, else None.

    Human records have none unless one was declared: written on a computer, digitised from print and captured differ,
    and nobody knows which it was from the origin alone.

    Raises
    ------
    BadInput
        If what was declared says something else than the origin.

    Examples
    --------
    >>> source_type(Origin.MIXED).code
    'compositeWithTrainedAlgorithmicMedia'
    >>> source_type(Origin.HUMAN), source_type(Origin.HUMAN, SourceType.PRINT).code, source_type(Origin.UNKNOWN)
    (None, 'print', None)
    """
    if declared is None:
        return _USUAL.get(origin)
    if declared.origin not in (None, origin) and origin is not Origin.UNKNOWN:
        raise BadInput(
            f"the source type '{declared.code}' is that of a {declared.origin} record, not of a {origin} one"
        )
    return declared
