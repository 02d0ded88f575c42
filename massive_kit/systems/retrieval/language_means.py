"""The mean vector of a language's text, which says what language it is and nothing of its meaning.

Libovicky 2020 (aclanthology.org/2020.findings-emnlp.150): sentence vectors less that of their
language are compared better across languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from massive_kit.systems.retrieval.vector_index import Vectors
from massive_kit.systems.retrieval.vote_settings import Centring


def language_means(
    centring: Centring, task_data: TaskData, encoder: SentenceEncoder, key: str
) -> dict[str, Vectors]:
    """The mean vector of each language that is trained on or tested.

    Args:
        centring: Which text.
        task_data: The task on its data; labels are not read.
        encoder: What makes vectors.
        key: The recipe's key of `centring`, for advice.

    Raises:
        ConfigError: It is the text that the task scores.
        MissingDataError: A language has no such text.
    """
    return {
        text.locale: encoder.vectors(text.texts).mean(axis=0)
        for text in centring_text(centring, task_data, key)
    }


@dataclass(frozen=True, slots=True)
class CentringText:
    """Utterances of one locale, without labels.

    Attributes:
        locale: The locale.
        texts: As they are written.
        tokens: As they are scored.
    """

    locale: str
    texts: list[str]
    tokens: list[list[str]]


def centring_text(centring: Centring, task_data: TaskData, key: str) -> Iterator[CentringText]:
    """The text of each language that is trained on or tested, of the data that are scored first.

    Args:
        centring: Which text.
        task_data: The task on its data; labels are not read.
        key: The recipe's key of `centring`, for advice.

    Raises:
        ConfigError: It is the text that the task scores.
        MissingDataError: A language has no such text.
    """
    if centring.partition == task_data.test.partition:
        problem = Problem(
            f"-o {key}.partition",
            f"{centring.partition}, whose text the task scores",
            "another partition",
            "read train, which has no row of the test set",
        )
        raise ConfigError("vectors are not centred by the text that is scored", [problem])
    locales = dict.fromkeys((*task_data.train.locales, *task_data.test.locales))
    trained, scored = task_data.train.store, task_data.store
    # What is trained on may have been made of other text, such as word by word; where it is the
    # same store, it may show a part of it alone.
    stores = (trained,) if trained.path == scored.path else (scored, trained)
    for locale in locales:
        split = next(
            (
                DataSplit(store, centring.partition, (locale,), text_only=True)
                for store in stores
                if centring.partition in store.parts.get(locale, ())
            ),
            None,
        )
        if split is None or not split.rows:
            raise MissingDataError(
                f"{task_data.store.name} has no {centring.partition} text of {locale} to centre"
                f" its vectors by; name another partition with -o {key}.partition=NAME"
            )
        table, rows = split.read(["utt", "tokens"]), split.capped_rows(centring.rows)
        table = table if rows is None else table.take(rows)
        yield CentringText(
            locale, table.column("utt").to_pylist(), table.column("tokens").to_pylist()
        )
