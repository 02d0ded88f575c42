"""Text of a language, without labels, that a system is fitted to before it predicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.schema.config import Strict


class LanguageText(Strict):
    """Which text of each language is read.

    Attributes:
        partition: The partition that the text is taken from; its labels are not read.
        rows: Most utterances of a language, drawn at random.
    """

    partition: str = Field(default="train", min_length=1)
    rows: int = Field(default=300, ge=1)


@dataclass(frozen=True, slots=True)
class TextOfLanguage:
    """Utterances of one locale, without labels.

    Attributes:
        locale: The locale.
        texts: As they are written.
        tokens: As they are scored.
    """

    locale: str
    texts: list[str]
    tokens: list[list[str]]


def language_texts(
    settings: LanguageText, task_data: TaskData, key: str, without: Sequence[str] = ()
) -> Iterator[TextOfLanguage]:
    """The text of each language that is trained on or tested, of the data that are scored first.

    Args:
        settings: Which text.
        task_data: The task on its data; labels are not read.
        key: The recipe's key of them, for advice.
        without: Locales that are not read.

    Raises:
        ConfigError: It is the text that the task scores.
        MissingDataError: A language has no such text.
    """
    if settings.partition == task_data.test.partition:
        problem = Problem(
            f"-o {key}.partition",
            f"{settings.partition}, whose text the task scores",
            "another partition",
            "read train, which has no row of the test set",
        )
        raise ConfigError("text that is scored is not read before", [problem])
    locales = dict.fromkeys((*task_data.train.locales, *task_data.test.locales))
    trained, scored = task_data.train.store, task_data.store
    # What is trained on may have been made of other text, such as word by word; where it is the
    # same store, it may show a part of it alone.
    stores = (trained,) if trained.path == scored.path else (scored, trained)
    for locale in (name for name in locales if name not in without):
        split = next(
            (
                DataSplit(store, settings.partition, (locale,), text_only=True)
                for store in stores
                if settings.partition in store.parts.get(locale, ())
            ),
            None,
        )
        if split is None or not split.rows:
            raise MissingDataError(
                f"{task_data.store.name} has no {settings.partition} text of {locale}; name another"
                f" partition with -o {key}.partition=NAME"
            )
        table = split.read(["utt", "tokens"], settings.rows)
        yield TextOfLanguage(
            locale, table.column("utt").to_pylist(), table.column("tokens").to_pylist()
        )
