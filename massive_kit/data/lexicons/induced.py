"""Dictionaries that were made of an encoder and text, by nobody who knows the languages.

Such a folder says so itself (`induced.json`), with the hash of each file: what was changed
afterwards is a dictionary like any other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massive_kit.data.lexicons.files import is_dictionary
from massive_kit.data.lineage import UsedResource
from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.files.jsonio import read_json, write_json
from massive_kit.provenance import file_sha256

INDUCED = "induced.json"
# Before `resources`, nothing that was induced had used any.
_FORMAT, _OLD_FORMAT = "induced-lexicons-2", "induced-lexicons-1"
# Of `induced.json`, which has some lines for each script.
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class InducedLexicons:
    """What a folder of induced dictionaries says of itself.

    Attributes:
        encoder: What made them: its name, and the hash of its weights.
        facts: What else is known: the text, and how words were matched.
        files: The hash of each dictionary by its name.
        used: What was used beside the encoder and text of the source language.
    """

    encoder: Mapping[str, str]
    facts: Mapping[str, Any]
    files: Mapping[str, str]
    used: tuple[UsedResource, ...] = ()

    @property
    def source(self) -> str:
        """The locale whose words are translated."""
        return str(self.facts["text"]["source"])

    @classmethod
    def read(cls, folder: Path) -> InducedLexicons | None:
        """What a folder says of itself; `None` where it is no such folder.

        Raises:
            DataError: What it says is damaged.
        """
        path = folder / INDUCED
        if not path.is_file():
            return None
        try:
            return cls._of(read_json(path) if path.stat().st_size <= _MOST_BYTES else None)
        except (AttributeError, KeyError, TypeError, ValueError):
            problem = Problem(
                str(path),
                "something else",
                f"a file of format {_FORMAT}",
                "make the dictionaries again, with `massive-kit data induce` or `massive-kit data"
                " induce-from-text`",
            )
            raise DataError(f"{folder} cannot be read", [problem]) from None

    @classmethod
    def _of(cls, value: Any) -> InducedLexicons:
        encoder = {key: str(value["encoder"][key]) for key in ("name", "sha256")}
        files = {str(name): str(sha256) for name, sha256 in value["files"].items()}
        if value["format"] not in {_FORMAT, _OLD_FORMAT}:
            raise ValueError(_FORMAT)
        old = value["format"] == _OLD_FORMAT
        resources = value.get("resources", ()) if old else value["resources"]
        used = tuple(map(UsedResource.from_json, resources))
        induced = cls(encoder, dict(value["facts"]), files, used)
        if not induced.source:
            raise ValueError(_FORMAT)
        return induced

    def write(self, folder: Path) -> None:
        """Writes it into a folder."""
        value = {
            "format": _FORMAT,
            "encoder": dict(self.encoder),
            "facts": dict(self.facts),
            "files": dict(self.files),
            "resources": [used.to_json() for used in self.used],
        }
        write_json(folder / INDUCED, value)

    def holds(self, path: Path) -> bool:
        """Whether a file is one of the dictionaries, as it was induced."""
        sha256 = self.files.get(path.name)
        return sha256 is not None and path.is_file() and file_sha256(path) == sha256

    def changed(self, path: Path) -> list[Path]:
        """The dictionaries that are not what was induced, sorted.

        Args:
            path: The folder, or one of its dictionaries.
        """
        dictionaries = filter(is_dictionary, path.iterdir()) if path.is_dir() else [path]
        return sorted(file for file in dictionaries if not self.holds(file))


def refuse_changed(folder: Path) -> None:
    """Refuses to replace what somebody has put beside the dictionaries, or written into them.

    Raises:
        UsageError: There is such a file; all are told.
    """
    try:
        induced = InducedLexicons.read(folder)
    except DataError:
        # Made again, as its message advises.
        return
    if induced is None:
        return
    changed = [
        path.name
        for path in sorted(folder.iterdir())
        if path.name != INDUCED and not path.name.startswith(".") and not induced.holds(path)
    ]
    if changed:
        raise UsageError(
            f"{folder} holds files that are not as they were induced: {', '.join(changed)}; name a"
            " new folder, or move them away"
        )


def fits_line(word: str) -> bool:
    """Whether a word can stand in a dictionary's line: it has no control characters."""
    return all(unicodedata.category(character) != "Cc" for character in word)


def write_lexicon(folder: Path, target: str, pairs: Iterable[tuple[str, str, float]]) -> Path:
    """Writes the dictionary into a language or script: a word, its translation, its margin a line.

    Args:
        folder: The folder.
        target: A locale, or a script such as `und-Cyrl`.
        pairs: What to write.
    """
    path = folder / f"{target}.tsv"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(
            f"{word}\t{translation}\t{margin:.3f}\n" for word, translation, margin in pairs
        )
    return path
