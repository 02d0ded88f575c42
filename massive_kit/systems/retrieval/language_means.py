"""The mean vector of a language's text, which says what language it is and nothing of its meaning.

Libovicky 2020 (aclanthology.org/2020.findings-emnlp.150): sentence vectors less that of their
language are compared better across languages.
"""

from __future__ import annotations

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MissingDataError
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
        MissingDataError: A language has no such text.
    """
    locales = dict.fromkeys((*task_data.train.locales, *task_data.test.locales))
    stores = (task_data.train.store, task_data.store)
    means = {}
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
        table, rows = split.read(["utt"]), split.capped_rows(centring.rows)
        texts = (table if rows is None else table.take(rows)).column("utt").to_pylist()
        means[locale] = encoder.vectors(texts).mean(axis=0)
    return means
