"""Croissant metadata of a store: JSON-LD that machine-learning tools and search engines read.

Follows Croissant 1.0 of MLCommons. Paths are relative to the store, so the file goes beside its
Parquet files.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from massive_kit.counted import counted
from massive_kit.data.store import SCHEMA, Store

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_COLUMNS = {
    "id": "Number of the utterance; the same in all locales of a parallel corpus",
    "locale": "Language and place, such as de-DE",
    "partition": "train, dev, test or another part",
    "scenario": "Domain of the intent",
    "intent": "What the speaker wants",
    "utt": "The utterance",
    "annot_utt": "The utterance with its slots as [slot : value]",
    "worker_id": "Who wrote it",
    "tokens": "The units that are scored",
    "labels": "A slot's name or Other for each token",
    "boundaries": (
        "Positions, from 0, of the tokens that begin a slot directly after one of the same name;"
        " null where none does"
    ),
}
_MASSIVE = {
    "url": "https://github.com/alexa/massive",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "creator": {"@type": "sc:Organization", "name": "Amazon"},
    "datePublished": "2022-04-20",
    "citeAs": (
        "FitzGerald et al. 2023. MASSIVE: A 1M-Example Multilingual Natural Language Understanding"
        " Dataset with 51 Typologically-Diverse Languages. ACL."
    ),
}


def croissant(store: Store) -> dict[str, Any]:
    """The metadata of a store, as a JSON-LD document."""
    rows = sum(part.rows for parts in store.parts.values() for part in parts.values())
    massive = store.version not in {"", "demo"}
    described = (
        f"{counted(rows, 'utterance')} in {counted(len(store.locales), 'locale')} with"
        f" {counted(len(store.inventory.intents), 'intent')} and"
        f" {counted(len(store.inventory.slots), 'slot')}."
    )
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"MASSIVE {store.version}" if massive else store.name,
        "description": described,
        **({"version": _semantic(store.version), **_MASSIVE} if massive else {}),
        "inLanguage": list(store.locales),
        "distribution": _files(store),
        "recordSet": [
            _records(store, locale, partition)
            for locale in store.locales
            for partition in sorted(store.parts[locale])
        ],
    }


def _files(store: Store) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": _path(locale, partition),
            "name": _path(locale, partition),
            "description": f"{part.rows:,} utterances",
            "contentUrl": _path(locale, partition),
            "contentSize": f"{store.file(locale, partition).stat().st_size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": part.sha256,
        }
        for locale in store.locales
        for partition, part in sorted(store.parts[locale].items())
    ]


def _records(store: Store, locale: str, partition: str) -> dict[str, Any]:
    # One set per file: Croissant has no way to say that files of one folder make one table.
    name = f"{locale}/{partition}"
    columns = pq.read_schema(store.file(locale, partition)).names
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{store.parts[locale][partition].rows:,} utterances, {locale}, {partition}",
        "key": {"@id": f"{name}/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": text,
                "dataType": "sc:Integer" if column == "boundaries" else "sc:Text",
                **({"repeated": True} if str(SCHEMA.field(column).type).startswith("list") else {}),
                "source": {
                    "fileObject": {"@id": _path(locale, partition)},
                    "extract": {"column": column},
                },
            }
            for column, text in _COLUMNS.items()
            # Files of earlier versions lack a column.
            if column in columns
        ],
    }


def _path(locale: str, partition: str) -> str:
    return f"{locale}/{partition}.parquet"


def _semantic(version: str) -> str:
    # Croissant asks for three numbers.
    return f"{version}.0" if version.count(".") == 1 else "1.0.0"
