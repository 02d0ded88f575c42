"""Examples as Rasa writes them: `fly to [Oslo](city)`, `[Oslo]{"entity": "city", "role": "to"}`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from massive_kit.data.intake.bare_text import trimmed
from massive_kit.data.intake.foreign_rows import SlotSpan

# After the text of an entity its name, which a synonym may follow, or JSON.
_ENTITY = re.compile(
    r"\[([^\[\]]+)\](?:\(([^:()\[\]]+)(?::[^()]*)?\)|(\{[^{}]*\}|\[\{[^\[\]]*\}\]))"
)
GROUP_LEFT_OUT = "groups of entities left out"


@dataclass(slots=True)
class RasaExample:
    """What an example says.

    Attributes:
        text: Without its marks.
        spans: Its entities.
        mistakes: Why it cannot be used.
        notes: What was left out.
    """

    text: str = ""
    spans: list[SlotSpan] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_example(written: str) -> RasaExample:
    """An example as it is written. Brackets that mark no entity are text.

    The slot is the entity, or `entity.role` where it has a role. A group, which says what belongs
    together and not what something is, is left out, and so is the value that a synonym stands for.
    """
    example = RasaExample()
    pieces: list[str] = []
    length = end = 0
    for match in _ENTITY.finditer(written):
        pieces += (written[end : match.start()], match[1])
        start = length + len(pieces[-2])
        length = start + len(match[1])
        end = match.end()
        slot = match[2].strip() if match[2] else _slot(match[3], example)
        inner_start, inner_end = trimmed(match[1], 0, len(match[1]))
        if inner_start == inner_end:
            example.mistakes.append(f"an entity without text: {match[0]:.60}")
        elif slot:
            example.spans.append(SlotSpan(start + inner_start, start + inner_end, slot))
    example.text = "".join([*pieces, written[end:]])
    return example


def _slot(facts: str, example: RasaExample) -> str | None:
    try:
        value = json.loads(facts)
    except (ValueError, RecursionError) as error:
        example.mistakes.append(f"{facts:.60} is not JSON: {error}")
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list):
        example.mistakes.append(f"{len(value)} entities over one text: {facts:.60}")
        return None
    entity, role = value.get("entity"), value.get("role")
    if not isinstance(entity, str) or not isinstance(role or "", str):
        example.mistakes.append(f"{facts:.60} names no entity")
        return None
    if value.get("group"):
        example.notes.append(GROUP_LEFT_OUT)
    return f"{entity}.{role}" if role else entity
