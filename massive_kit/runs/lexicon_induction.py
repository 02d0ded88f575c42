"""Dictionaries of a store's source language, made of a frozen encoder: `data induce`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from massive_kit.data.lexicons.coverage import Coverage, TextWords
from massive_kit.data.lexicons.induced import INDUCED, InducedLexicons, write_lexicon
from massive_kit.data.lexicons.lexicon import LexiconBuilder
from massive_kit.data.lexicons.scripts import script_target, table_scripts
from massive_kit.errors import ConfigError, DataError, Problem, UsageError
from massive_kit.files.atomic import atomic_folder, refuse_foreign
from massive_kit.provenance import file_sha256
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.source_text import SourceText
from massive_kit.systems.decoders.adapters import fingerprint
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


def check_encoder(base: str) -> None:
    """Refuses an encoder that the kit has trained, on whatever that was.

    Raises:
        ConfigError: It is a run, or the model of one, or a copy of that.
        UsageError: It has no name.
    """
    if not base:
        raise UsageError("--base is empty; name a folder, or an encoder on the hub")
    path = Path(base).resolve()
    runs = [RunFolder(folder) for folder in (path, path.parent)]
    # A model that labels has an inventory wherever it was copied to.
    if any(run.recipe_file.is_file() for run in runs) or (path / "inventory.json").is_file():
        problem = Problem(
            "--base",
            f"{base}, a run or its model",
            "an encoder as it was pretrained, so that the dictionaries rest on nothing else",
            "name the base of that run",
        )
        raise ConfigError("the encoder has learnt from data", [problem])


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
    check_encoder(settings.base)
    refuse_foreign(out, INDUCED)
    _refuse_changed(out)
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
                folder, script, ((pair.word, pair.translation, pair.margin) for pair in pairs)
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
        base = Path(settings.base)
        name = base.resolve().name if base.is_dir() else settings.base
        source = {"name": name, "sha256": fingerprint(encoder.body)}
        InducedLexicons(source, facts, files).write(folder)
    return Induced(out, counts, tuple(coverage))


def _is_entry(word: str, letters: int) -> bool:
    """Whether a word is long enough, begins with a letter, and can stand in a dictionary's line."""
    return (
        len(word) >= letters
        and word[0].isalpha()
        and all(unicodedata.category(character) != "Cc" for character in word)
    )


def _refuse_changed(out: Path) -> None:
    """Refuses to replace what somebody has put beside the dictionaries, or written into them."""
    try:
        induced = InducedLexicons.read(out)
    except DataError:
        # Made again, as its message advises.
        return
    if induced is None:
        return
    changed = [
        path.name
        for path in sorted(out.iterdir())
        if path.name != INDUCED and not path.name.startswith(".") and not induced.holds(path)
    ]
    if changed:
        raise UsageError(
            f"{out} holds files that are not as they were induced: {', '.join(changed)}; name a new"
            " folder, or move them away"
        )
