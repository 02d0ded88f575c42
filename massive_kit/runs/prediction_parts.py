"""The finished locales of a prediction file, each a file of its own until all are there."""

from __future__ import annotations

import gzip
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from massive_kit.errors import UnfinishedError
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file, atomic_folder
from massive_kit.files.folder_lock import locked_folder, remove_unlocked
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.systems.interface import Prediction, RawAnswer, System, Usage, Utterance

_WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What came of a locale.

    Attributes:
        rows: Its lines.
        failed: Lines that stand in for an answer which could not be read.
        unread: Parts of answers that could not be read, such as a slot whose words are not there.
        usage: What a language model took, if one was asked.
        models: What the models that answered call themselves.
        dates: The days on which they answered, as YYYY-MM-DD.
    """

    rows: int = 0
    failed: int = 0
    unread: int = 0
    usage: Usage | None = None
    models: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> PartCounts:
        """The inverse of `to_json`."""
        usage = value.get("usage")
        return cls(
            value["rows"],
            value["failed"],
            value.get("unread", 0),
            None if usage is None else Usage(**usage),
            tuple(value.get("models", ())),
            tuple(value.get("dates", ())),
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands beside a part."""
        return asdict(self)

    def __add__(self, other: PartCounts) -> PartCounts:
        """Both together."""
        usages = [part.usage for part in (self, other) if part.usage is not None]
        return PartCounts(
            self.rows + other.rows,
            self.failed + other.failed,
            self.unread + other.unread,
            sum(usages, Usage()) if usages else None,
            tuple(sorted({*self.models, *other.models})),
            tuple(sorted({*self.dates, *other.dates})),
        )


@dataclass(slots=True)
class _Counting:
    """Counts while predictions are written."""

    rows: int = 0
    failed: int = 0
    unread: int = 0
    usage: Usage | None = None
    models: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)

    def add(self, prediction: Prediction) -> None:
        self.rows += 1
        self.failed += prediction.failed
        raw = prediction.raw
        if raw is not None:
            self.unread += len(raw.unread)
            self.usage = raw.usage if self.usage is None else self.usage + raw.usage
            self.models.update(filter(None, raw.models))
            self.dates.update(filter(None, raw.dates))

    @property
    def counts(self) -> PartCounts:
        models, dates = tuple(sorted(self.models)), tuple(sorted(self.dates))
        return PartCounts(self.rows, self.failed, self.unread, self.usage, models, dates)


@dataclass(frozen=True, slots=True)
class PredictionParts:
    """A folder of parts.

    Attributes:
        folder: Where they are.
    """

    folder: Path

    def has(self, locale: str) -> bool:
        """Whether a locale is done."""
        return self._part(locale).is_file()

    def write(
        self,
        system: System,
        utterances: Sequence[Utterance],
        locale: str,
        rows_done: Callable[[str, int], None] | None = None,
    ) -> None:
        """Predicts a locale.

        Args:
            system: What predicts.
            utterances: All of the locale.
            locale: Its name.
            rows_done: Told of each row, by its locale and a 1.

        Raises:
            UnfinishedError: The system stopped; what it had predicted is kept as an unfinished
                part.
        """
        counting, kept = _Counting(), list[bytes]()
        with ExitStack() as stack:
            # Leaving the block, the part comes last, so that one that is there is whole.
            stream = stack.enter_context(atomic_file(self._part(locale)))
            answers: IO[bytes] | None = None
            try:
                for prediction in system.predict(utterances):
                    counting.add(prediction)
                    line = prediction_line(prediction, system.inventory.scheme)
                    stream.write(line)
                    if prediction.raw is not None:
                        kept.append(line)
                        answers = answers or stack.enter_context(atomic_file(self._answers(locale)))
                        answers.write(_answer_line(prediction, prediction.raw))
                    if rows_done is not None:
                        rows_done(locale, 1)
            except UnfinishedError:
                with atomic_file(self._unfinished(locale)) as unfinished:
                    unfinished.writelines(kept)
                raise
            jsonio.write_json(self._counts(locale), counting.counts.to_json())

    def counts(self, locale: str) -> PartCounts:
        """What came of a locale; waits where another process is still at it."""
        while not self.has(locale):
            time.sleep(_WAIT_SECONDS)
        return PartCounts.from_json(jsonio.read_json(self._counts(locale)))

    def join(self, locales: Iterable[str], out: Path) -> dict[str, PartCounts]:
        """Writes the locales into one file, packed where its name ends in `.gz`.

        What models wrote goes into a folder beside it, a file for each locale.
        """
        counts = {locale: self.counts(locale) for locale in locales}
        _join((self._part(locale) for locale in counts), out)
        answers = [self._answers(locale) for locale in counts if self._answers(locale).is_file()]
        if answers:
            with atomic_folder(answers_folder(out)) as folder:
                for path in answers:
                    shutil.copyfile(path, folder / f"{path.stem}.jsonl")
        return counts

    def join_unfinished(self, locales: Iterable[str], out: Path) -> int:
        """Writes what there is of the locales into one file; returns its lines.

        Without a line there is no file.
        """
        paths = [
            path
            for locale in locales
            for path in (self._part(locale), self._unfinished(locale))
            if path.is_file()
        ]
        rows = sum(path.read_bytes().count(b"\n") for path in paths)
        if rows:
            _join(paths, out)
        return rows

    def kept(self) -> AbstractContextManager[None]:
        """Keeps the parts while a block runs, whoever else uses them and has ended before."""
        return locked_folder(self.folder, shared=True)

    def remove(self) -> None:
        """Removes all parts that no call keeps, those of other calls for the same file included."""
        for folder in self.folder.parent.glob("*"):
            remove_unlocked(folder)
        # Others may still be at theirs.
        with suppress(OSError):
            self.folder.parent.rmdir()

    def _part(self, locale: str) -> Path:
        return self.folder / f"{locale}.jsonl"

    def _counts(self, locale: str) -> Path:
        return self.folder / f"{locale}.json"

    def _answers(self, locale: str) -> Path:
        return self.folder / f"{locale}.answers"

    def _unfinished(self, locale: str) -> Path:
        return self.folder / f"{locale}.unfinished"


def answers_folder(out: Path) -> Path:
    """Where what models wrote is kept beside a prediction file: `p.answers` beside `p.jsonl`."""
    return out.with_name(out.name.removesuffix(".gz").removesuffix(".jsonl") + ".answers")


def _answer_line(prediction: Prediction, raw: RawAnswer) -> bytes:
    utterance, usage = prediction.utterance, raw.usage
    value = {
        "id": utterance.id,
        "locale": utterance.locale,
        "answers": raw.texts,
        "unread": raw.unread,
        "failed": prediction.failed,
        "models": raw.models,
        "prompt_tokens": usage.prompt_tokens,
        "answer_tokens": usage.answer_tokens,
        "seconds": round(usage.seconds, 3),
    }
    return orjson.dumps(value) + b"\n"


def _join(paths: Iterable[Path], out: Path) -> None:
    with atomic_file(out) as raw:
        stream = gzip.GzipFile("", "wb", 6, raw, mtime=0) if out.suffix == ".gz" else raw
        for path in paths:
            stream.write(path.read_bytes())
        if stream is not raw:
            stream.close()
