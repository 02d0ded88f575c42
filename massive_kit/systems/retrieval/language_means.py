"""The mean vector of a language's text, which says what language it is and nothing of its meaning.

Libovicky 2020 (aclanthology.org/2020.findings-emnlp.150): sentence vectors less that of their
language are compared better across languages.
"""

from __future__ import annotations

from massive_kit.data.task_data import TaskData
from massive_kit.systems.language_text import language_texts
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
        for text in language_texts(centring, task_data, key)
    }
