"""Dictionaries of a store's source language, made of a frozen encoder: `data induce`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from massive_kit.data.lexicons.coverage import Coverage, TextWords
from massive_kit.data.lexicons.induced import INDUCED, InducedLexicons, write_lexicon
from massive_kit.data.lexicons.lexicon import LexiconBuilder
from massive_kit.data.lexicons.scripts import script_target, table_scripts
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.files.atomic import atomic_folder, refuse_foreign
from massive_kit.provenance import file_sha256
from massive_kit.runs.folder import RunFolder
from massive_kit.systems.decoders.adapters import fingerprint
from massive_kit.systems.lexicon_induction.induction import WordInduction
from massive_kit.systems.lexicon_induction.matching import Matching
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder


@dataclass(frozen=True, slots=True)
class InductionText:
    """Whose words are translated.

    Attributes:
        store: The data.
        source: The locale; no other is read.
        partitions: Its partitions.
        letters: Words with fewer are left out, whose vectors say how they are spelt rather than
            what they mean.
    """

    store: Store
    source: str
    partitions: Sequence[str] = ("train",)
    letters: int = 3

    def words(self) -> TextWords:
        """The words of its utterances, without labels.

        Raises:
            MissingDataError: The store has no such text.
            ConfigError: The text is not the corpus's own.
        """
        store = self.store
        parts = store.parts.get(self.source, {})
        absent = [name for name in self.partitions if name not in parts]
        if absent:
            names = ", ".join(absent)
            raise MissingDataError(f"the store {store.name} has no {names} of {self.source}")
        used = [] if store.lineage is None else [*store.lineage.used(store.name)]
        if used:
            names = ", ".join(sorted({resource.resource for resource in used}))
            problem = Problem(
                "--data",
                f"{store.name}, which was made with {names}",
                "a corpus as it was imported",
                "take the store that it was made of",
            )
            raise ConfigError("the words of that text come from elsewhere", [problem])
        return TextWords.of(
            row
            for name in self.partitions
            for row in store.read(name, [self.source], ["tokens"]).column("tokens").to_pylist()
        )


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
        ConfigError: It is a run, or the model of one.
    """
    path = Path(base)
    if any(RunFolder(folder).recipe_file.is_file() for folder in (path, path.parent)):
        problem = Problem(
            "--base",
            f"{base}, a run",
            "an encoder as it was pretrained, so that the dictionaries rest on nothing else",
            "name the base of that run",
        )
        raise ConfigError("the encoder has learnt from data", [problem])


def induce(
    text: InductionText,
    settings: SentenceEncoderSettings,
    matching: Matching,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Induced:
    """Writes a dictionary for each script of the language table, whole or not at all.

    Args:
        text: Whose words are translated.
        settings: The encoder, and how its vectors are read.
        matching: What counts as a translation.
        out: The folder; dictionaries that were induced before are replaced.
        progress: Called with how many words were encoded since, and of how many.

    Raises:
        ConfigError: The encoder is a run, or does not say where words begin; or the text is not
            the corpus's own.
        MissingDataError: The encoder or the text is not there.
        UsageError: The folder holds other files.
    """
    check_encoder(settings.base)
    refuse_foreign(out, INDUCED)
    known = text.words()
    words = sorted(word for word in known.words if len(word) >= text.letters and word[0].isalpha())
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
                "letters": text.letters,
            },
            "matching": asdict(matching),
            "encoder": settings.model_dump(exclude={"base"}),
        }
        name = {"name": Path(settings.base).name, "sha256": fingerprint(encoder.body)}
        InducedLexicons(name, facts, files).write(folder)
    return Induced(out, counts, tuple(coverage))
