"""Which text of languages is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.schema.task import Task
from massive_kit.systems.language_text import language_texts
from massive_kit.systems.retrieval.vote_settings import Centring
from tests.data.hand_made import ENGLISH, made_store

GERMAN = {"1": ("alarm_set", "weck mich um [time : fünf] bitte")}
MADE = {"1-words": ("alarm_set", "weck me up at [time : fünf am] please")}


@pytest.fixture
def trained(tmp_path: Path) -> Store:
    # As a dictionary makes it, of a language whose own text is at hand and of one whose is not.
    return made_store(tmp_path / "trained", {"en-US": ENGLISH, "de-DE": MADE, "nl-NL": MADE})


def test_text_is_that_of_the_scored_data_and_not_what_was_made_of_it(
    trained: Store, tmp_path: Path
) -> None:
    scored = made_store(tmp_path / "scored", {"en-US": ENGLISH, "de-DE": GERMAN})
    split = {"partition": "train", "locales": ["en-US", "de-DE", "nl-NL"]}
    values = {"name": "t", "title": "t", "setting": "full", "data": ["made"], "train": split}
    values |= {"dev": {"partition": "train"}, "test": {"partition": "test"}}
    task = Task.model_validate(values)
    texts = {
        text.locale: text.texts
        for text in language_texts(Centring(), lay_task(task, scored, trained), "centring")
    }
    assert texts["de-DE"] == ["weck mich um fünf bitte"]
    assert len(texts["en-US"]) == len(ENGLISH)
    assert texts["nl-NL"] == ["weck me up at fünf am please"]
