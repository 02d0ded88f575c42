"""The text of a language, of a store or of a file with a line for each utterance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.tokens import split
from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.bounded_lines import bounded_lines
from massive_kit.languages import LanguageTable

PARTITIONS = ("test", "dev", "train")


@dataclass(frozen=True, slots=True)
class LanguageText:
    """Utterances of a language.

    Attributes:
        locale: The language.
        source: Where they are from, for people.
        ids: The id of each; empty where they have none.
        utterances: Their texts.
        tokens: How many tokens each has.
    """

    locale: str
    source: str
    ids: tuple[str, ...]
    utterances: tuple[str, ...]
    tokens: tuple[int, ...]

    def only(self, ids: frozenset[str]) -> tuple[str, ...]:
        """The texts of some ids, in the order of the ids."""
        by_id = dict(zip(self.ids, self.utterances, strict=False))
        return tuple(by_id[name] for name in sorted(ids))


def text_of_store(
    store: Store, locale: str, partition: str | None = None, most: int | None = 1000
) -> LanguageText:
    """Texts of a locale of a store, drawn by id: the same ids in every locale.

    Args:
        store: The store.
        locale: One that it has.
        partition: Of the texts; by default test, or dev or train where it has no test.
        most: At most so many, or `None`.

    Raises:
        MissingDataError: It has no such partition of the locale.
    """
    parts = store.parts[locale]
    chosen = partition or next(name for name in (*PARTITIONS, *parts) if name in parts)
    if chosen not in parts:
        raise MissingDataError(f"the store {store.name} has no {chosen} of {locale}")
    texts = DataSplit(store, chosen, (locale,)).unlabelled()
    table = texts.read(["id", "utt", "tokens"], most)
    return LanguageText(
        locale,
        f"{store.name}, {chosen}",
        tuple(table.column("id").to_pylist()),
        tuple(table.column("utt").to_pylist()),
        tuple(map(len, table.column("tokens").to_pylist())),
    )


def text_of_file(
    path: Path, locale: str, languages: LanguageTable, most: int | None = 1000
) -> LanguageText:
    """The first lines of a text file that are not blank.

    Args:
        path: UTF-8, plain or gzip, a line for each utterance.
        locale: The language that they are in.
        languages: Says whether it is scored by character.
        most: At most so many, or `None`.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is not UTF-8, a line is too long, or it has no text.
    """
    utterances = tuple(islice(_lines(path), most))
    if not utterances:
        problem = Problem(str(path), "no text", "a line for each utterance")
        raise DataError(f"{path} cannot be read", [problem])
    characters = languages[locale].character_scored
    counts = tuple(len(split(text, characters=characters)) for text in utterances)
    return LanguageText(locale, path.name, (), utterances, counts)


def _lines(path: Path) -> Iterator[str]:
    for line in bounded_lines(path):
        if line.text is None:
            problem = Problem(
                str(path), "not UTF-8", todo="save the file as UTF-8", line=line.number
            )
            raise DataError(f"{path} cannot be read", [problem])
        if text := line.text.strip():
            yield text
