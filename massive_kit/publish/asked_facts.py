"""How a language model was asked, in words for the page of its system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from massive_kit.counted import counted
from massive_kit.publish import cells
from massive_kit.publish.entries import Entry
from massive_kit.schema.in_context import InContext

LANGUAGES: Mapping[str, str] = {
    "source": "from the source language",
    "own": "from the utterance's own language",
    "mix": "from the source language and the utterance's own",
}


def asked_facts(entry: Entry) -> Iterator[tuple[str, str]]:
    """What a manifest says of a language model that was asked, by heading."""
    asked = entry.manifest.in_context
    if asked is None:
        return
    revision = f", revision {asked.revision}" if asked.revision else ""
    backend = f", by {asked.backend}" if asked.backend else ""
    yield "Model asked", f"{asked.model}{revision}{backend}"
    if asked.answered_by or asked.dates:
        days = " to ".join(dict.fromkeys(day.isoformat() for day in asked.dates))
        yield "Answered", ", ".join(filter(None, [*asked.answered_by, days]))
    if asked.demonstrations is not None:
        yield "Demonstrations", _demonstrations(asked)
    if asked.format or asked.prompt:
        yield "Prompt", ", ".join(filter(None, [asked.format, asked.prompt]))
    if asked.decoding:
        values = (f"{key} {_value(value)}" for key, value in asked.decoding.items())
        yield "Decoding", ", ".join(values)
    if amounts := [*_amounts(asked)]:
        yield "Answers took", ", ".join(amounts)
    if asked.failed is not None:
        yield "Answers not read", f"{asked.failed:,} of {counted(entry.utterances, 'utterance')}"


def _demonstrations(asked: InContext) -> str:
    if not asked.demonstrations:
        return "none"
    origin = LANGUAGES.get(asked.languages or "", "")
    return ", ".join(filter(None, [f"{asked.demonstrations:,}", asked.chosen, origin]))


def _amounts(asked: InContext) -> Iterator[str]:
    if asked.requests is not None:
        yield counted(asked.requests, "request")
    if asked.prompt_tokens is not None:
        yield f"{asked.prompt_tokens:,} tokens read"
    if asked.answer_tokens is not None:
        yield f"{asked.answer_tokens:,} written"
    if asked.estimated:
        yield f"those of {counted(asked.estimated, 'request')} estimated"
    if asked.seconds is not None:
        yield f"{cells.short_number(asked.seconds)} s one after the other"
    if asked.cost is not None:
        yield f"{cells.price(asked.cost)} {asked.currency}"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
