"""Dictionaries of languages that there is text of: `data induce-from-text`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from massive_kit.data.lexicons.induced import (
    INDUCED,
    InducedLexicons,
    refuse_changed,
    write_lexicon,
)
from massive_kit.data.lineage import UsedResource
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.files.atomic import atomic_folder, refuse_foreign
from massive_kit.provenance import file_sha256
from massive_kit.runs.induction_encoder import check_encoder, encoder_facts
from massive_kit.runs.source_text import SourceText
from massive_kit.runs.source_words import DEPTHS, OCCURRENCES, source_words
from massive_kit.systems.lexicon_induction.matching import Matching, matches
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader, ContextualWords
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Texts that are scored are not read.
PARTITION = "train"


@dataclass(frozen=True, slots=True)
class TextReading:
    """Which texts are read, and how.

    Attributes:
        rows: Most texts of a language; the source's are all read.
        occurrences: Words of the source that occur less often translate nothing.
        depths: The layers that are read, as shares of the encoder's depth, of which 1 is the last.
        seed: Of which texts are drawn.

    Raises:
        UsageError: A number is out of its range; all are told.
    """

    rows: int = 2000
    occurrences: int = OCCURRENCES
    depths: tuple[float, ...] = DEPTHS
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks the numbers."""
        problems = []
        if self.rows < 1:
            problems.append(f"--rows {self.rows} is not positive")
        if self.occurrences < 1:
            problems.append(f"--occurrences {self.occurrences} is not positive")
        problems += [
            f"--depth {depth:g} is not above 0 and at most 1"
            for depth in self.depths
            if not 0 < depth <= 1
        ]
        if not self.depths:
            problems.append("no --depth")
        if problems:
            raise UsageError("; ".join(problems))


@dataclass(frozen=True, slots=True)
class TranslatedWords:
    """How much of a language's text has a translation.

    Attributes:
        locale: The language.
        words: Its distinct words.
        translated: Those with a translation.
        tokens: The share of its running words that have one.
    """

    locale: str
    words: int
    translated: int
    tokens: float

    def to_json(self) -> dict[str, Any]:
        """As machines read it."""
        tokens = round(self.tokens, 4)
        return {"words": self.words, "translated": self.translated, "tokens": tokens}


@dataclass(frozen=True, slots=True)
class InducedFromText:
    """What was made.

    Attributes:
        path: The folder.
        languages: What is in it.
    """

    path: Path
    languages: tuple[TranslatedWords, ...]


def induce_from_text(
    text: SourceText,
    locales: Sequence[str],
    settings: SentenceEncoderSettings,
    matching: Matching,
    reading: TextReading,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> InducedFromText:
    """Writes a dictionary for each language, all or none.

    A word of a language is translated by the words of the source that an encoder reads most like
    it, each as the mean of its hidden states over the texts that it occurs in.

    Args:
        text: The text of the source.
        locales: The languages; that of the source is left out.
        settings: The encoder.
        matching: What counts as a translation; `most` is of a word of a language.
        reading: Which texts are read, and how.
        out: The folder; dictionaries that were induced before are replaced.
        progress: Called with how many texts were read since, and of how many.

    Raises:
        ConfigError: The encoder is a run, or the text is not the corpus's own.
        MissingDataError: The encoder or the text is not there.
        UsageError: The folder holds other files, or dictionaries that were changed; there is no
            other language; or no word of the source occurs often enough.
    """
    check_encoder(settings.base, settings.revision)
    refuse_foreign(out, INDUCED)
    refuse_changed(out)
    source_rows = [*text.rows()]
    wanted = [locale for locale in locales if locale != text.source]
    if not wanted:
        raise UsageError(f"no language to translate {text.source} into; name others with --locale")
    texts = {locale: _DrawnTexts.of(text, locale, reading) for locale in wanted}
    total = len(source_rows) + sum(len(rows) for rows in texts.values())
    encoder = SentenceEncoder.load(settings)
    reader = ContextReader.at_depths(encoder, reading.depths)

    def advance(done: int) -> None:
        progress(done, total)

    source = source_words(reader, text, source_rows, reading.occurrences, advance)
    made = []
    with atomic_folder(out) as folder:
        files = {}
        for locale, rows in texts.items():
            words = reader.words(rows.tokens(), characters=rows.characters, progress=advance)
            matched = matches(words.vectors, source.vectors, matching)
            # Those who read dictionaries take the first translations of a word for its best.
            pairs = sorted(
                (
                    (source.words[match.translation], words.words[match.word], match.margin)
                    for match in matched
                ),
                key=lambda pair: (pair[0], -pair[2], pair[1]),
            )
            path = write_lexicon(folder, locale, pairs)
            files[path.name] = file_sha256(path)
            made.append(_translated(locale, words, sorted({match.word for match in matched})))
        facts: dict[str, Any] = {
            "text": {
                "store": text.store.name,
                "hash": text.store.hash,
                "source": text.source,
                "partitions": [PARTITION],
                "locales": wanted,
            },
            "reading": asdict(reading),
            "matching": asdict(matching),
            "encoder": settings.model_dump(exclude={"base"}),
        }
        store = (f"store {text.store.name}",)
        used = UsedResource("unlabelled-text", store, text.store.shots, tuple(wanted))
        InducedLexicons(encoder_facts(encoder), facts, files, (used,)).write(folder)
    return InducedFromText(out, tuple(made))


@dataclass(frozen=True, slots=True)
class _DrawnTexts:
    """The texts of a language that are read.

    Attributes:
        text: Of the source, in the same store.
        locale: The language.
        places: Which of its texts, ascending.
    """

    text: SourceText
    locale: str
    places: np.ndarray[Any, Any]

    @classmethod
    def of(cls, text: SourceText, locale: str, reading: TextReading) -> _DrawnTexts:
        store = text.store
        if PARTITION not in store.parts.get(locale, {}):
            raise MissingDataError(f"the store {store.name} has no {PARTITION} text of {locale}")
        count = store.read(PARTITION, [locale], ["id"]).num_rows
        # Each language its own, so that what is read of two is no more alike than it has to be.
        random = np.random.default_rng([reading.seed, crc32(locale.encode())])
        chosen = random.choice(count, min(count, reading.rows), replace=False)
        return cls(text, locale, np.sort(chosen))

    def __len__(self) -> int:
        return len(self.places)

    @property
    def characters(self) -> bool:
        """Whether its tokens are characters."""
        return self.locale in self.text.store.character_locales

    def tokens(self) -> list[list[str]]:
        """The tokens of each."""
        table = self.text.store.read(PARTITION, [self.locale], ["tokens"])
        rows: list[list[str]] = table.column("tokens").take(self.places).to_pylist()
        return rows


def _translated(locale: str, words: ContextualWords, matched: Sequence[int]) -> TranslatedWords:
    running = int(words.counts.sum())
    share = float(words.counts[[*matched]].sum()) / running if running else 0.0
    return TranslatedWords(locale, len(words.words), len(matched), share)
