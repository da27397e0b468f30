"""A data set's label as Croissant 1.1 with the vocabulary of responsible AI: JSON-LD that data loaders read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outcross.vault.labels.description import FORMATS, Activity, Column, Description
from outcross.vault.labels.licenses import is_address, license_url
from outcross.vault.labels.summary import listed, who_wrote

RECORDS = "records"
"""The ``@id`` of the record set; where files are of two formats, there is one each: ``records-parquet``, ..."""

_TERMS = """
annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject fileProperty
fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path readLines recordSet references regex
repeated replace samplingRate sdVersion separator source subField transform unArchive
"""
"""Terms of Croissant that bear their own name."""

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
    "conformsTo": "dct:conformsTo",
}
_ENCODING = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines"}
_DATA_TYPE = {
    "text": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "bytes": "sc:Text",  # Croissant has no type for bytes, and its loader gives texts as bytes
}
_PROPERTY = {
    "id": "sc:identifier",
    "text": "sc:text",
    "created": "sc:dateCreated",
    "license": "sc:license",
    "generator": "prov:wasAttributedTo",
    "parents": "prov:wasDerivedFrom",
    "digital_source_type": "sc:digitalSourceType",
}
"""What a column of a vault is in the vocabularies of schema.org and PROV."""

_ANNOTATES = ("digital_source_type", "generator", "parents")
"""Columns that say where the text of a record is from."""


def croissant(description: Description) -> dict[str, Any]:
    """Return the label as JSON-LD: Croissant 1.1 with RAI 1.0, and PROV for what the data set was derived from.

    Whether there are synthetic records is said only where it is known. Columns that say where a text is from are fields
    of their own and, beside that, annotations of the text, so that readers who do not know a vault understand them.

    Source: MLCommons, Croissant Format Specification 1.1 (2025) and Croissant RAI Specification 1.0 (2024); W3C PROV-O.

    Examples
    --------
    >>> label = croissant(Description("cats", "1.0.0", "Sentences on cats.", "2026-11-22", licenses=("MIT",)))
    >>> label["conformsTo"]
    ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0']
    >>> label["license"], "rai:hasSyntheticData" in label
    (['https://spdx.org/licenses/MIT.html'], False)
    """
    known = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": description.name,
        "description": description.about,
        "version": description.version,
        "citeAs": _citation(description),
        "url": description.url,
        "creator": description.creator and {"@type": "sc:Organization", "name": description.creator},
        "dateCreated": description.created,
        "datePublished": description.created,
        "license": [_license(license) for license in description.licenses],
        "inLanguage": list(description.languages),
        "keywords": ["synthetic", *description.generators] if description.synthetic else [],
        "identifier": _identifier(description),
        **_responsible(description),
        **_provenance(description),
        "distribution": [*_files(description), *_file_sets(description)],
        "recordSet": list(_record_sets(description)),
    }
    return {key: value for key, value in known.items() if value not in (None, "", [])}


def _identifier(description: Description) -> str | None:
    """Log, number of commits and head: the state of the vault, which nothing else can have."""
    vault = description.vault
    return vault and f"{vault.origin} {vault.commits} {vault.head}"


def _citation(description: Description) -> str:
    made = [description.creator, description.name, f"version {description.version}", (description.created or "")[:4]]
    return ". ".join(filter(None, [", ".join(filter(None, made)), description.url]))


def _license(license: str) -> str | dict[str, str]:
    url = license_url(license)
    return {"@type": "sc:CreativeWork", "description": license} if url is None else url


def _responsible(description: Description) -> dict[str, Any]:
    sources = listed(description.sources.items())
    return {
        "rai:hasSyntheticData": description.synthetic,
        "rai:syntheticDataExplanation": who_wrote(description),
        "rai:dataCollection": f"Records by source: {sources}." if sources else None,
    }


def _provenance(description: Description) -> dict[str, Any]:
    creator = description.creator
    return {
        "prov:wasDerivedFrom": [_entity(description, parent.name) for parent in description.parents],
        "prov:wasGeneratedBy": [_activity(description, activity) for activity in description.activities],
        "prov:wasAttributedTo": creator and {"@type": "prov:Agent", "prov:label": creator},
    }


def _entity(description: Description, name: str) -> dict[str, str]:
    """What has no address is a node without a name of its own: an ``@id`` is an address."""
    parent = description.parent(name)
    label, address = (parent.name, parent.uri or parent.name) if parent else (name, name)
    found = {"@type": "prov:Entity", "prov:label": label}
    return {"@id": address, **found} if is_address(address) else found


def _activity(description: Description, activity: Activity) -> dict[str, Any]:
    deep = "" if activity.generation is None else f" of generation {activity.generation}"
    agent = {"@type": "prov:SoftwareAgent", "prov:label": activity.generator, "identifier": activity.digest}
    known = {
        "@type": "prov:Activity",
        "prov:label": f"{activity.generator} wrote {activity.records:,} records{deep}",
        "prov:endedAtTime": activity.ended,
        "prov:used": [_entity(description, name) for name in activity.used],
        "prov:wasAssociatedWith": {key: value for key, value in agent.items() if value},
    }
    return {key: value for key, value in known.items() if value}


def _files(description: Description) -> Iterator[dict[str, Any]]:
    for number, file in enumerate(description.files, 1):
        yield {
            "@type": "cr:FileObject",
            "@id": f"file-{number}",
            "name": file.name,
            "contentUrl": file.name,
            "contentSize": f"{file.size} B",
            "encodingFormat": _ENCODING[file.format],
            "sha256": file.sha256,
        }


def _of_format(description: Description, format: str) -> list[tuple[int, str]]:
    """The files of a format, with their numbers."""
    return [(number, file.name) for number, file in enumerate(description.files, 1) if file.format == format]


def _file_sets(description: Description) -> Iterator[dict[str, Any]]:
    """A record set has one source: where several files are of a format, that is the set of them."""
    for format in FORMATS:
        files = _of_format(description, format)
        if len(files) > 1:
            yield {
                "@type": "cr:FileSet",
                "@id": f"files-{format}",
                "name": f"files-{format}",
                "encodingFormat": _ENCODING[format],
                "includes": [_literally(name) for _, name in files],
            }


def _literally(name: str) -> str:
    """A pattern that only this path fits."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _record_sets(description: Description) -> Iterator[dict[str, Any]]:
    present = [format for format in FORMATS if _of_format(description, format)]
    for format in present if description.columns else []:
        files = _of_format(description, format)
        one, many = {"fileObject": {"@id": f"file-{files[0][0]}"}}, {"fileSet": {"@id": f"files-{format}"}}
        name = RECORDS if len(present) == 1 else f"{RECORDS}-{format}"
        yield {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "description": f"One record a row, {listed([(format, len(files))])} files.",
            "field": [
                _field(column, f"{name}/{_slug(column.name)}", one if len(files) == 1 else many, description.columns)
                for column in description.columns
            ],
        }


def _field(column: Column, at: str, source: dict[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    notes = [other for other in columns if other.name in _ANNOTATES] if column.name == "text" else []
    known = {
        "@type": "cr:Field",
        "@id": at,
        "name": column.name,
        "description": column.says,
        "dataType": _DATA_TYPE[column.type],
        "isArray": column.many or None,
        "arrayShape": "-1" if column.many else None,
        "equivalentProperty": _PROPERTY.get(column.name),
        "source": {**source, "extract": {"column": column.name}},
        "annotation": [_field(other, f"{at}/{_slug(other.name)}", source, ()) for other in notes],
    }
    return {key: value for key, value in known.items() if value not in (None, "", [])}


def _slug(name: str) -> str:
    """A part of an ``@id``, another one for every name: letters that no address may have are written as numbers."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else f"~{ord(c):x}~" for c in name)
