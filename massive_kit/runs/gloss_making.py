"""What a glossed run glosses texts by: dictionaries, an encoder and source text, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from massive_kit.data.lexicons.files import read_lemmas, read_lexicons
from massive_kit.data.lexicons.glossaries import GlossSettings, write_glossaries, write_settings
from massive_kit.data.lexicons.glossing import Choices
from massive_kit.data.lexicons.looked_up import Dictionaries
from massive_kit.data.lexicons.reversing import entry_counts, reversed_lexicon
from massive_kit.data.lineage import UsedResource
from massive_kit.errors import DataError, Problem
from massive_kit.runs.induction_encoder import check_encoder, encoder_facts
from massive_kit.runs.source_text import SourceText
from massive_kit.runs.source_words import COSINE, DEPTHS, OCCURRENCES, source_words
from massive_kit.systems.kind import Facts
from massive_kit.systems.lexicon_induction.nearest_words import FOLDER, NearestWords
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Dictionaries that a line names.
_SHOWN = 3
Progress = Callable[[int, int], None]


class MadeGlosses(Protocol):
    """What texts are glossed by, made and not yet written."""

    @property
    def facts(self) -> Facts:
        """What a run keeps of it."""

    @property
    def words(self) -> Mapping[str, int]:
        """How many words dictionaries gloss, by language or script."""

    @property
    def encoder_words(self) -> int | None:
        """How many words of the source an encoder glosses by; `None` without one."""

    @property
    def parameters(self) -> Mapping[str, int]:
        """Of what it adds to the run's model, as `parameter_facts` names them."""

    def write(self, folder: Path, settings: GlossSettings) -> None:
        """Writes it into a new folder."""


class GlossMaker(Protocol):
    """What texts are glossed by, checked and not yet made."""

    @property
    def used(self) -> list[UsedResource]:
        """What it uses."""

    def warnings(self) -> tuple[str, ...]:
        """What to tell of it."""

    def values(self) -> dict[str, Any]:
        """What the recipe of the run says of it."""

    def make(self, text: SourceText, progress: Progress) -> MadeGlosses:
        """Makes it of text of the source."""


@dataclass(frozen=True, slots=True)
class _MadeOfDictionaries:
    glossaries: Mapping[str, Mapping[str, Choices]]
    words: Mapping[str, int]
    facts: Facts
    parameters: Mapping[str, int] = field(default_factory=dict)
    encoder_words: None = None

    def write(self, folder: Path, settings: GlossSettings) -> None:
        """Writes a file of each language."""
        write_glossaries(folder, settings, self.glossaries)


@dataclass(frozen=True, slots=True)
class GlossesOfDictionaries:
    """Glosses by dictionaries.

    Attributes:
        dictionaries: Them.
        most: So many words that may stand for one are kept.
    """

    dictionaries: Dictionaries
    most: int = 1

    @property
    def used(self) -> list[UsedResource]:
        """A lexicon, or what was used for dictionaries that were induced."""
        return [*self.dictionaries.used("the dictionaries of --lexicon")]

    def warnings(self) -> tuple[str, ...]:
        """Of dictionaries that were changed, and files that are none.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        return self.dictionaries.warnings()

    def values(self) -> dict[str, Any]:
        """The names of the files."""
        names = dict.fromkeys(file.path.name for file in self.dictionaries.files)
        return {"dictionaries": [*names], "used": [*self.dictionaries.resources]}

    def make(self, text: SourceText, progress: Progress) -> _MadeOfDictionaries:
        """Reads them.

        Raises:
            DataError: A dictionary is broken, or none has a word of the text; every mistake is
                told.
        """
        files = self.dictionaries.files
        lemmas = self.dictionaries.lemmas and read_lemmas(self.dictionaries.lemmas)
        counts = entry_counts(text.rows(), lemmas or None)
        glossaries = {}
        for done, lexicon in enumerate(read_lexicons(files, counts.keys()), start=1):
            glosses = reversed_lexicon(lexicon, counts, self.most)
            if glosses:
                glossaries[lexicon.target] = glosses
            progress(done, len(files))
        if not glossaries:
            raise DataError(
                "the dictionaries gloss nothing",
                [
                    Problem(
                        str(file.path),
                        f"no entry is a word of the {text.source} text of {text.store.name}",
                        f"a word of {text.source}, a tab and its translation a line",
                    )
                    for file in files[:_SHOWN]
                ],
                len(files),
            )
        words = {file.target: len(glossaries.get(file.target, ())) for file in files}
        read = self.dictionaries.used_files()
        kept = {name: [asdict(file) for file in used] for name, used in read.items()}
        return _MadeOfDictionaries(glossaries, words, {"files": kept})


@dataclass(frozen=True, slots=True)
class _MadeOfEncoder:
    nearest: NearestWords
    encoder_words: int
    facts: Facts
    parameters: Mapping[str, int]
    words: Mapping[str, int] = field(default_factory=dict)

    def write(self, folder: Path, settings: GlossSettings) -> None:
        """Writes the encoder and the words."""
        folder.mkdir()
        write_settings(folder, settings)
        self.nearest.save(folder / FOLDER)


@dataclass(frozen=True, slots=True)
class GlossesOfEncoder:
    """Glosses by an encoder: each token by the source's word that is read most like it.

    Attributes:
        base: The encoder, as it was pretrained: a folder, or a name on the hub.
        prefix: What it wants before each text.
        revision: Branch, tag or commit on the hub; `main` if not given.
        depths: The layers that are read, as shares of its depth, of which 1 is the last.
        occurrences: Words of the source that occur less often are no gloss.
        cosine: Tokens that are less near to any word stay as they are.
    """

    base: str
    prefix: str = ""
    revision: str | None = None
    depths: tuple[float, ...] = DEPTHS
    occurrences: int = OCCURRENCES
    cosine: float = COSINE

    def __post_init__(self) -> None:
        """Refuses an encoder that the kit has trained.

        Raises:
            ConfigError: It is one.
            UsageError: It has no name.
        """
        check_encoder(self.base, self.revision)

    @property
    def used(self) -> list[UsedResource]:
        """Nothing beside the encoder and the text whose labels are learnt."""
        return []

    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def values(self) -> dict[str, Any]:
        """The encoder."""
        return {"encoder": self.base, "used": []}

    def make(self, text: SourceText, progress: Progress) -> _MadeOfEncoder:
        """Reads the text with the encoder.

        Raises:
            MissingDataError: The encoder is not found.
            UsageError: No word occurs often enough.
        """
        rows = [*text.rows()]
        settings = SentenceEncoderSettings(
            base=self.base, prefix=self.prefix, revision=self.revision
        )
        encoder = SentenceEncoder.load(settings)
        reader = ContextReader.at_depths(encoder, self.depths)
        read = 0

        def advance(done: int) -> None:
            nonlocal read
            read += done
            progress(read, len(rows))

        words = source_words(reader, text, rows, self.occurrences, advance)
        facts = {
            "encoder": encoder_facts(encoder),
            "prefix": self.prefix,
            "revision": self.revision,
            "layers": [*reader.layers],
            "occurrences": self.occurrences,
            "cosine": self.cosine,
        }
        nearest = NearestWords(reader, words, self.cosine)
        counts = parameter_facts(encoder.body)
        return _MadeOfEncoder(nearest, len(words.words), facts, counts)


@dataclass(frozen=True, slots=True)
class _MadeOfBoth:
    dictionaries: _MadeOfDictionaries
    encoder: _MadeOfEncoder

    @property
    def facts(self) -> Facts:
        """Of both."""
        return {**self.dictionaries.facts, **self.encoder.facts}

    @property
    def words(self) -> Mapping[str, int]:
        """The dictionaries'."""
        return self.dictionaries.words

    @property
    def encoder_words(self) -> int:
        """The encoder's."""
        return self.encoder.encoder_words

    @property
    def parameters(self) -> Mapping[str, int]:
        """The encoder's."""
        return self.encoder.parameters

    def write(self, folder: Path, settings: GlossSettings) -> None:
        """Writes a file of each language, the encoder and the words."""
        self.dictionaries.write(folder, replace(settings, joint=True))
        self.encoder.nearest.save(folder / FOLDER)


@dataclass(frozen=True, slots=True)
class GlossesOfBoth:
    """Glosses by dictionaries, and an encoder that takes what fits a text and fills gaps.

    Attributes:
        dictionaries: They.
        encoder: It.
    """

    dictionaries: GlossesOfDictionaries
    encoder: GlossesOfEncoder

    @property
    def used(self) -> list[UsedResource]:
        """What the dictionaries use."""
        return self.dictionaries.used

    def warnings(self) -> tuple[str, ...]:
        """Those of the dictionaries.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        return self.dictionaries.warnings()

    def values(self) -> dict[str, Any]:
        """The names of the files, and the encoder."""
        return {**self.encoder.values(), **self.dictionaries.values()}

    def make(self, text: SourceText, progress: Progress) -> MadeGlosses:
        """Reads the dictionaries, and then the text with the encoder.

        Raises:
            DataError: A dictionary is broken, or none has a word of the text; every mistake is
                told.
            MissingDataError: The encoder is not found.
            UsageError: No word of the text occurs often enough.
        """
        return _MadeOfBoth(
            self.dictionaries.make(text, progress), self.encoder.make(text, progress)
        )
