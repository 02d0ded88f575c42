"""What a tokenizer makes of the text of languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massive_kit.analysis.fertility.tokenizer_file import open_tokenizer, unknown_subword
from massive_kit.analysis.forecast.language_blocks import TokenFacts
from massive_kit.data.opening import open_data
from massive_kit.data.split import DataSplit
from massive_kit.errors import MissingDataError

if TYPE_CHECKING:
    from massive_kit.data.store import Store

_ROWS = 1000
_PREFERRED = ("test", "dev", "train")


@dataclass(frozen=True, slots=True)
class _Texts:
    """Utterances of a language, and how many tokens they have."""

    utterances: list[str]
    tokens: int


def token_facts(tokenizer: Path, data: str, source: str) -> dict[str, TokenFacts]:
    """By locale of a store, from up to 1,000 of its texts.

    Args:
        tokenizer: A `tokenizer.json`, or the folder of a model or run that holds one.
        data: The store.
        source: The language whose subwords others may share.

    Raises:
        MissingDataError: There is no such tokenizer or store, or no text of the source language.
        MassiveKitError: The file is no tokenizer.
    """
    store = open_data(data)
    if source not in store.locales:
        raise MissingDataError(
            f"{store.name} has no text of {source}, which others are compared to"
        )
    model = open_tokenizer(tokenizer)
    shared = {
        piece for pieces in _pieces(model, _texts(store, source).utterances) for piece in pieces
    }
    unknown = unknown_subword(model)
    return {
        locale: _facts(model, _texts(store, locale), shared, unknown) for locale in store.locales
    }


def _facts(model: Any, texts: _Texts, shared: set[int], unknown: int | None) -> TokenFacts:
    pieces = _pieces(model, texts.utterances)
    count = max(1, sum(map(len, pieces)))
    return TokenFacts(
        count / max(1, texts.tokens),
        count / max(1, len(texts.utterances)),
        sum(piece == unknown for row in pieces for piece in row) / count,
        sum(piece in shared for row in pieces for piece in row) / count,
    )


def _pieces(model: Any, texts: Sequence[str]) -> list[list[int]]:
    encodings = model.encode_batch(list(texts), add_special_tokens=False)
    return [encoding.ids for encoding in encodings]


def _texts(store: Store, locale: str) -> _Texts:
    names = (*_PREFERRED, *store.partitions)
    partition = next(name for name in names if name in store.parts[locale])
    table = DataSplit(store, partition, (locale,)).unlabelled().read(["utt", "tokens"])
    first = table.slice(0, _ROWS)
    tokens = sum(map(len, first.column("tokens").to_pylist()))
    return _Texts(first.column("utt").to_pylist(), tokens)
