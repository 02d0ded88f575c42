"""Dictionaries of a store's source language, out of an encoder's vocabulary: `data induce`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from massive_kit.data.lexicons.coverage import Coverage, TextWords
from massive_kit.data.lexicons.induced import (
    INDUCED,
    InducedLexicons,
    fits_line,
    refuse_changed,
    write_lexicon,
)
from massive_kit.data.lexicons.lexicon import LexiconBuilder
from massive_kit.data.lexicons.scripts import script_target, table_scripts
from massive_kit.errors import UsageError
from massive_kit.files.atomic import atomic_folder, refuse_foreign
from massive_kit.provenance import file_sha256
from massive_kit.runs.induction_encoder import check_encoder, encoder_facts
from massive_kit.runs.source_text import SourceText
from massive_kit.systems.lexicon_induction.induction import WordInduction
from massive_kit.systems.lexicon_induction.matching import Matching
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder


@dataclass(frozen=True, slots=True)
class Induced:
    """What was made.

    Attributes:
        path: The folder.
        pairs: How many pairs each dictionary has, by target.
        coverage: How much of the text each knows.
    """

    path: Path
    pairs: dict[str, int]
    coverage: tuple[Coverage, ...]


def induce(
    text: SourceText,
    settings: SentenceEncoderSettings,
    matching: Matching,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    letters: int = 3,
) -> Induced:
    """Writes a dictionary for each script of the language table, whole or not at all.

    Args:
        text: Whose words are translated.
        settings: The encoder, and how its vectors are read.
        matching: What counts as a translation.
        out: The folder; dictionaries that were induced before are replaced.
        progress: Called with how many words were encoded since, and of how many.
        letters: Words with fewer are left out, whose vectors say how they are spelt rather than
            what they mean.

    Raises:
        ConfigError: The encoder is a run, or does not say where words begin; or the text is not
            the corpus's own.
        MissingDataError: The encoder or the text is not there.
        UsageError: The folder holds other files, or dictionaries that were changed; or no word has
            as many letters.
    """
    check_encoder(settings.base, settings.revision)
    refuse_foreign(out, INDUCED)
    refuse_changed(out)
    known = TextWords.of(text.rows())
    words = sorted(word for word in known.words if _is_entry(word, letters))
    if not words:
        raise UsageError(
            f"no word of {text.source} in {text.store.name} has {letters} letters; --letters"
            " takes fewer"
        )
    encoder = SentenceEncoder.load(settings)
    induction = WordInduction.of(encoder, known.words, sorted(table_scripts()), matching)
    total = induction.count + len(words)
    counts: dict[str, int] = {}
    coverage = []
    with atomic_folder(out) as folder:
        files = {}
        for script, pairs in induction.pairs(words, lambda done: progress(done, total)):
            target = script_target(script)
            builder = LexiconBuilder()
            for pair in pairs:
                builder.add(pair.word, pair.translation)
            coverage.append(known.coverage(builder.built(text.source, target, target)))
            counts[target] = len(pairs)
            path = write_lexicon(
                folder, target, ((pair.word, pair.translation, pair.margin) for pair in pairs)
            )
            files[path.name] = file_sha256(path)
        facts = {
            "text": {
                "store": text.store.name,
                "hash": text.store.hash,
                "source": text.source,
                "partitions": list(text.partitions),
                "letters": letters,
            },
            "matching": asdict(matching),
            "encoder": settings.model_dump(exclude={"base"}),
        }
        InducedLexicons(encoder_facts(encoder), facts, files).write(folder)
    return Induced(out, counts, tuple(coverage))


def _is_entry(word: str, letters: int) -> bool:
    """Whether a word is long enough, begins with a letter, and can stand in a dictionary's line."""
    return len(word) >= letters and word[0].isalpha() and fits_line(word)
