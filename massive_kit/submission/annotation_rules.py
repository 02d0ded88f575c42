"""What can be wrong with the annotated utterance of a line: brackets, slots, tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from massive_kit.data.notation import OTHER, Segment, parse
from massive_kit.data.span_schemes import scheme_labels
from massive_kit.data.tokens import split_at_brackets
from massive_kit.errors import NotationError, NotationMistake
from massive_kit.submission import rules
from massive_kit.submission.annotation_reading import readings, regroup, slot_list
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.excerpts import meant_label, short, window
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Rule, Violation

_BRACKET_RULES: dict[NotationMistake, Rule] = {
    "unbalanced": rules.UNBALANCED,
    "nested": rules.NESTED,
    "empty": rules.EMPTY_SLOT,
    "malformed": rules.NO_SLOT,
    "shared": rules.SHARED_TOKEN,
}


def annotation(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    """Whether brackets, slots and tokens are right; finds the label of each token."""
    text = line.value["pred_annot_utt"]
    try:
        segments = parse(text)
    except NotationError as error:
        excerpt = window(text, error.offset)
        yield Violation(_BRACKET_RULES[error.kind], str(error), "[slot : value]", excerpt=excerpt)
        return
    yield from _unknown_slots(segments, index)
    yield from _align(line, index)
    yield from _pred_slots(line, segments, index)


def _unknown_slots(segments: Sequence[Segment], index: TaskIndex) -> Iterator[Violation]:
    slots = index.inventory.slots
    named = {segment.slot for segment in segments if segment.slot is not None}
    for slot in sorted(named - {*slots}):
        todo: str | Callable[[], str | None]
        todo = partial(meant_label, slot, slots, final=index.labels_are_final)
        if slot == OTHER:
            todo = "write such tokens without brackets"
        words, expected = f"unknown slot {short(slot)}", f"one of the {len(slots)} slots"
        yield Violation(rules.UNKNOWN_SLOT, words, expected, todo)


def _align(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    if line.row is None:
        return
    text = line.value["pred_annot_utt"]
    expected = int(index.token_counts[line.row])
    utt = line.value.get("utt")
    characters = line.locale in index.character_locales
    counts = []
    chosen = None
    try:
        for reading in readings(text, characters=characters):
            counts.append(len(reading.tokens))
            if counts[-1] == expected:
                chosen = reading
                break
    except NotationError as error:
        yield Violation(rules.SHARED_TOKEN, error.args[0], "one slot for each token")
        return
    if chosen is None and utt is not None and len(utt) == expected:
        chosen = regroup(split_at_brackets(text, characters=False), utt)
        if chosen is not None:
            token = next(token for token in utt if len(token.split()) > 1)
            yield Violation(rules.INNER_SPACE, f"the token {short(token)} holds white space")
    if chosen is None:
        unit = " (characters, Latin words whole)" if characters else ""
        yield Violation(
            rules.TOKEN_COUNT,
            _tokens(counts[1] if characters else counts[0]),
            f"{_tokens(expected)}{unit}",
            "keep one label for each token of the utterance",
            window(text, 0),
        )
        return
    line.labels = scheme_labels(chosen.labels, chosen.boundaries, index.inventory.scheme)
    if utt is not None and len(utt) != expected:
        yield Violation(rules.UTT_COUNT, f"utt has {_tokens(len(utt))}", f"{expected}")


def _pred_slots(
    line: CheckedLine, segments: Sequence[Segment], index: TaskIndex
) -> Iterator[Violation]:
    given = line.value.get("pred_slots")
    if given is None:
        return
    right = slot_list(segments, index.inventory.scheme)
    if [_bare(pair) for pair in given] != [_bare(pair) for pair in right]:
        yield Violation(
            rules.SLOTS_DISAGREE,
            f"pred_slots {short(given)}",
            f"{short(right)} by pred_annot_utt",
            "write both from one source",
        )


def _bare(pair: list[str]) -> tuple[str, str]:
    # White space inside a value is not a difference: characters may be joined or not.
    return "".join(pair[0].split()), pair[1]


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count:,} tokens"
