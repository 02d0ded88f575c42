"""What can be wrong with the annotated utterance of a line: brackets, slots, tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from massive_kit.data.notation import parse
from massive_kit.data.tokens import OTHER
from massive_kit.errors import NotationError, NotationMistake
from massive_kit.submission import rules
from massive_kit.submission.annotation_reading import (
    SLOT,
    Stretch,
    labelled_tokens,
    regroup,
    slot_list,
    stretches,
)
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.excerpts import did_you_mean, short, window
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Rule, Violation

_BRACKET_RULES: dict[NotationMistake, Rule] = {
    "unbalanced": rules.UNBALANCED,
    "nested": rules.NESTED,
    "empty": rules.EMPTY_SLOT,
    "malformed": rules.NO_SLOT,
}


def annotation(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    """Whether brackets, slots and tokens are right; finds the label of each token."""
    text = line.value["pred_annot_utt"]
    try:
        parse(text)
    except NotationError as error:
        excerpt = window(text, error.offset)
        yield Violation(_BRACKET_RULES[error.kind], str(error), "[slot : value]", excerpt=excerpt)
        return
    utterance = stretches(text)
    yield from _unknown_slots(text, utterance, index)
    yield from _align(line, index, utterance)
    yield from _pred_slots(line, utterance)


def _unknown_slots(text: str, utterance: list[Stretch], index: TaskIndex) -> Iterator[Violation]:
    slots = index.inventory.slots
    labels = {stretch.label for stretch in utterance}
    unknown = {label for label in labels if label not in index.inventory.label_index}
    if "[" in text and any(match[0] == OTHER for match in SLOT.findall(text)):
        unknown.add(OTHER)
    for slot in sorted(unknown):
        todo: str | Callable[[], str | None] = partial(did_you_mean, slot, slots)
        if slot == OTHER:
            todo = "write such tokens without brackets"
        words, expected = f"unknown slot {short(slot)}", f"one of the {len(slots)} slots"
        yield Violation(rules.UNKNOWN_SLOT, words, expected, todo)


def _align(line: CheckedLine, index: TaskIndex, utterance: list[Stretch]) -> Iterator[Violation]:
    if line.row is None:
        return
    expected = int(index.token_counts[line.row])
    utt = line.value.get("utt")
    characters = line.locale in index.character_locales
    by_space = labelled_tokens(utterance, characters=False)
    by_character = labelled_tokens(utterance, characters=characters)
    # Tokens joined by spaces, as the original writes them, come first; text as in the data second.
    if len(by_space.tokens) == expected:
        line.labels = by_space.labels
    elif len(by_character.tokens) == expected:
        line.labels = by_character.labels
    elif utt is not None and len(utt) == expected:
        line.labels = regroup(by_space, utt)
        if line.labels is not None:
            token = next(token for token in utt if len(token.split()) > 1)
            yield Violation(rules.INNER_SPACE, f"the token {short(token)} holds white space")
    if line.labels is None:
        unit = " (characters, Latin words whole)" if characters else ""
        given = by_character if characters else by_space
        yield Violation(
            rules.TOKEN_COUNT,
            _tokens(len(given.tokens)),
            f"{_tokens(expected)}{unit}",
            "keep one label for each token of the utterance",
            window(line.value["pred_annot_utt"], 0),
        )
    elif utt is not None and len(utt) != expected:
        yield Violation(rules.UTT_COUNT, f"utt has {_tokens(len(utt))}", f"{expected}")


def _pred_slots(line: CheckedLine, utterance: list[Stretch]) -> Iterator[Violation]:
    given = line.value.get("pred_slots")
    if given is None:
        return
    right = slot_list(utterance)
    if [_bare(pair) for pair in given] != [_bare(pair) for pair in right]:
        yield Violation(
            rules.SLOTS_DISAGREE,
            f"pred_slots {short(given)}",
            f"{short(right)} by pred_annot_utt",
            "write both from one source",
        )


def _bare(pair: list[str]) -> tuple[str, str]:
    # White space inside of a value is not a difference: characters may be joined or not.
    return "".join(pair[0].split()), pair[1]


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count:,} tokens"
