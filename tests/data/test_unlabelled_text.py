"""Text without labels: whose it is, that no label comes with it, and what reading it uses."""

from __future__ import annotations

import pytest

from massive_kit.data.lineage import UsedResource
from massive_kit.data.resources import check_allowed, check_resources, free_labels, used_resources
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.data.unlabelled_text import as_text, text_split, text_used
from massive_kit.errors import ConfigError, LabelsUnreachableError
from massive_kit.schema.task import load_task


def test_nothing_of_a_task_read_as_text_gives_labels(demo_store: Store) -> None:
    text = as_text(lay_task(load_task("demo-zeroshot"), demo_store), ["sw", "de-DE"])
    assert text.train.locales == text.dev.locales == ("de-DE", "sw-KE")
    for split in (text.train, text.dev, text.test):
        with pytest.raises(LabelsUnreachableError):
            split.labels()
        with pytest.raises(LabelsUnreachableError):
            split.read(["intent"])
        assert "utt" in split.read().column_names
    # Laid twice it is the same.
    assert as_text(text, ["sw", "de-DE"]) == text
    # What the task frees does not hang on what is read.
    assert text.task_locales == ("en-US",)


def test_dev_text_is_of_the_languages_that_are_read(demo_store: Store) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    assert as_text(task_data, "task").dev.locales == ("en-US",)
    assert as_text(task_data, "all").train.locales == demo_store.locales


def test_a_locale_that_the_data_lack_is_told(demo_store: Store) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    with pytest.raises(ConfigError, match="the recipe does not fit the data") as caught:
        text_split(task_data, ["xx-XX"])
    assert "recipe: text: locales: 'xx-XX' is in no data here" in str(caught.value)


def test_text_of_labelled_languages_is_no_resource(demo_store: Store) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    split = text_split(task_data, ["en-US", "sw-KE"])
    assert list(text_used(split.only("en-US"), ("en-US",))) == []
    (used,) = text_used(split, ("en-US",))
    assert used == UsedResource("unlabelled-text", ("store demo",), None, ("sw-KE",))
    assert UsedResource.from_json(used.to_json()) == used
    assert used_resources(as_text(task_data, "all")) == ()
    with pytest.raises(ConfigError) as caught:
        check_resources(task_data, [used.through("run runs/mlm")])
    assert (
        "run runs/mlm, made of store demo: unlabelled-text was used"
        " (utterances of a target language without labels: sw-KE)" in str(caught.value)
    )
    # A task that gives the labels of a language gives its text, too.
    full = lay_task(load_task("demo-full"), demo_store)
    check_allowed(full.task, [used], labelled=free_labels(full.task, full.train.locales))
