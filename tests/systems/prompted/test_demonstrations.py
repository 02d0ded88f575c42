"""Demonstrations are drawn repeatably, go through the intents, and never give an answer away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.span_schemes import SpanScheme, scheme_labels
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.data.text_spans import TextSpan, span_labels, text_spans, token_places
from massive_kit.data.tokens import tokenise
from massive_kit.errors import ConfigError
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.choosing import Chooser, is_the_same
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.drawing import in_turn, read_demonstrations, used_locales
from massive_kit.systems.prompted.frozen_prompt import FrozenPrompt
from massive_kit.systems.prompted.recipe import Demonstrations, PromptedModel, PromptedRecipe
from massive_kit.systems.prompted.searching import search_of

ALARM = Demonstration("1", "en-US", "wake me at five", "alarm_set", (TextSpan(11, 15, "time"),))
OTHERS = [
    Demonstration(str(i), locale, f"text {i} of {locale}", intent)
    for locale in ("en-US", "de-DE")
    for i, intent in enumerate(["a", "a", "a", "b", "b", "c"], 2)
]


def frozen(*rows: Demonstration) -> FrozenPrompt:
    return FrozenPrompt("", {}, {}, {}, {}, "en-US", rows)


def chosen(
    settings: Demonstrations,
    *rows: Demonstration,
    utterances: list[Utterance] | None = None,
) -> list[list[Demonstration]]:
    """What stands in the prompts of utterances."""
    by_locale = frozen(*rows).by_locale
    recipe = PromptedRecipe(
        kind="prompted", title="x", model=PromptedModel(base="x"), demonstrations=settings
    )
    search = search_of(recipe, by_locale, Path("nowhere"))
    chooser = Chooser(settings, "en-US", by_locale, search)
    return [[*choice.shown] for choice in chooser.choose(utterances or [asked("x")])]


def asked(text: str, name: str = "99", locale: str = "de-DE") -> Utterance:
    return Utterance(name, locale, text, text.split())


@pytest.mark.parametrize(
    ("text", "annotated", "scheme"),
    [
        ("wake me at five", "wake me at [time : five]", "runs"),
        ("金曜日の九時に", "[date : 金曜日] の [time : 九時] に", "runs"),
        ("a [b] c", r"a [x : \[b\]] c", "runs"),
        ("one two", "[x : one] [x : two]", "brackets"),
        ("all", "[x : all]", "brackets"),
        ("none", "none", "runs"),
    ],
)
def test_slots_lie_in_the_text(text: str, annotated: str, scheme: SpanScheme) -> None:
    characters = not text.isascii()
    read = tokenise(annotated, characters=characters, text=text)
    labels = scheme_labels(read.labels, read.boundaries, scheme)
    spans = text_spans(text, read.tokens, labels, scheme)
    row = Demonstration("1", "en-US", text, None, spans)
    assert row.annotated == annotated
    assert span_labels(spans, token_places(text, read.tokens), scheme) == labels
    assert Demonstration.from_json(row.to_json()) == row


def test_a_row_whose_slots_leave_its_text_is_refused() -> None:
    for slots in ([[0, 99, "x"]], [[3, 3, "x"]], [[2, 4, "x"], [3, 5, "y"]]):
        with pytest.raises(ValueError, match="do not lie"):
            Demonstration.from_json(ALARM.to_json() | {"slots": slots})


def test_a_draw_goes_through_the_intents_in_turn() -> None:
    rows = in_turn(OTHERS[:6], 0)
    assert {row.intent for row in rows[:3]} == {"a", "b", "c"}
    assert sorted(row.id for row in rows) == sorted(row.id for row in OTHERS[:6])
    assert in_turn(OTHERS[:6][::-1], 0)[:3] == rows[:3]


def test_random_is_another_draw_for_each_utterance_and_repeatable() -> None:
    settings = Demonstrations(k=3, choose="random")
    utterances = [asked(f"utterance {i}") for i in range(9)]
    draws = chosen(settings, *OTHERS, utterances=utterances)
    assert draws == chosen(settings, *OTHERS, utterances=utterances)
    assert draws[2:3] == chosen(settings, *OTHERS, utterances=utterances[2:3])
    assert len({tuple(row.id for row in draw) for draw in draws}) > 1
    for draw in draws:
        assert {row.intent for row in draw} == {"a", "b", "c"}
        assert {row.locale for row in draw} == {"en-US"}


@pytest.mark.parametrize(
    ("languages", "locales"),
    [
        ("source", ["en-US"] * 4),
        ("own", ["de-DE"] * 4),
        ("mix", ["en-US", "de-DE", "en-US", "de-DE"]),
    ],
)
def test_where_demonstrations_come_from(languages: Any, locales: list[str]) -> None:
    settings = Demonstrations(k=4, choose="fixed", languages=languages)
    (rows,) = chosen(settings, *OTHERS)
    # The best is the last, beside the utterance.
    assert [row.locale for row in rows] == locales


def test_orders() -> None:
    ids = {}
    for order in ("best_first", "best_last", "shuffled"):
        settings = Demonstrations.model_validate({"k": 6, "choose": "fixed", "order": order})
        ids[order] = [row.id for row in chosen(settings, *OTHERS)[0]]
    assert ids["best_last"] == ids["best_first"][::-1]
    assert sorted(ids["shuffled"]) == sorted(ids["best_first"])


@pytest.mark.parametrize("choose", ["fixed", "random", "lexical"])
@pytest.mark.parametrize(
    "utterance",
    [asked("Wake ME  at five!", locale="en-US"), asked("Weck mich um fünf", "1")],
    ids=["its text", "its id in another language"],
)
def test_an_utterance_is_never_in_its_own_prompt(choose: Any, utterance: Utterance) -> None:
    assert is_the_same(ALARM, utterance)
    settings = Demonstrations(k=5, choose=choose)
    (rows,) = chosen(settings, ALARM, *OTHERS, utterances=[utterance])
    assert len(rows) == 5
    assert ALARM not in rows


def test_none_is_none() -> None:
    for settings in (Demonstrations(k=0), Demonstrations(choose="none")):
        assert chosen(settings, *OTHERS) == [[]]


def test_those_with_the_same_letters_come_first() -> None:
    rows = [
        Demonstration(str(i), "en-US", text, "x")
        for i, text in enumerate(["play some music", "wake me at six", "wake me at six!", "stop"])
    ]
    utterances = [asked("wake me at seven", "a"), asked("ፊልም", "b"), asked("stop it", "c")]
    settings = Demonstrations(k=2, order="best_first")
    first, second, third = chosen(settings, *rows, utterances=utterances)
    assert [row.text for row in first] == ["wake me at six", "play some music"]
    # What shares no letter with any is asked about with drawn ones, and none is there twice.
    assert len(second) == len(third) == 2
    assert third[0].text == "stop"


def test_labelled_rows_of_a_store(demo_store: Store, task_data: TaskData) -> None:
    split = task_data.train.only("ja-JP")
    rows = read_demonstrations(split, 40)
    assert len(rows) == 40
    for row in rows:
        assert row.intent in demo_store.inventory.intent_index
        assert {span.slot for span in row.spans} <= {*demo_store.inventory.slots}
        assert all(value == value.strip() for _, value in row.values)
    assert any(row.spans for row in rows)


def test_locales_that_are_used(demo_store: Store, task_data: TaskData) -> None:
    assert used_locales(Demonstrations(), task_data) == ("en-US",)
    assert used_locales(Demonstrations(languages="own"), task_data) == ("en-US", "ja-JP")
    zero_shot = task_data.task.model_copy(
        update={"train": task_data.task.train.model_copy(update={"locales": ["en-US"]})}
    )
    with pytest.raises(ConfigError, match="no training rows of ja-JP"):
        used_locales(Demonstrations(languages="own"), lay_task(zero_shot, demo_store))


def test_frozen_prompts_are_read_back(tmp_path: Path) -> None:
    prompt = frozen(ALARM, *OTHERS)
    prompt.save(tmp_path / "prompt.jsonl")
    again = FrozenPrompt.load(tmp_path / "prompt.jsonl")
    assert again == prompt
    assert again.hash == prompt.hash != frozen(ALARM).hash
