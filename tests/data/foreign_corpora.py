"""One small corpus in two languages, invented, as each foreign format would hold it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from massive_kit.data.notation import Segment, render

_PARTITIONS = {"train": 10, "dev": 4, "test": 6}
# Intent, and parts of the utterance with their slots. Touching spans of one slot, brackets that are
# words, names with a dot.
_TEMPLATES: dict[str, list[tuple[str, list[tuple[str, str | None]]]]] = {
    "en-US": [
        ("music_play", [("play ", None), ("{a}", "song"), (" ", None), ("{b}", "song")]),
        ("alarm_set", [("wake me at ", None), ("{t}", "time.start")]),
        ("alarm_set", [("{t}", "time.start"), (" alarm [ loud ] please", None)]),
        ("lights_on.v2", [("lights on", None)]),
    ],
    "ar-SA": [
        ("music_play", [("شغل ", None), ("{a}", "song"), (" ", None), ("{b}", "song")]),
        ("alarm_set", [("أيقظني في ", None), ("{t}", "time.start")]),
        ("alarm_set", [("{t}", "time.start"), (" منبه [ عال ] رجاء", None)]),
        ("lights_on.v2", [("أشعل الأضواء", None)]),
    ],
}
_FILLERS = {
    "en-US": (["harbour lights", "rain", "blue hour"], ["five am", "noon", "half past six"]),
    "ar-SA": (["أضواء الميناء", "مطر", "الساعة الزرقاء"], ["الخامسة صباحا", "الظهر", "السادسة"]),
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """An utterance of the corpus.

    Attributes:
        id: The same in both languages.
        locale: Its locale.
        partition: Its partition.
        intent: `scenario_action`.
        parts: Its text in parts, each with its slot or without one.
    """

    id: str
    locale: str
    partition: str
    intent: str
    parts: tuple[tuple[str, str | None], ...]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)

    @property
    def annotated(self) -> str:
        return self.annotated_as("")

    def annotated_as(self, prefix: str) -> str:
        """In bracket notation, with slots that begin with a prefix."""
        return render(Segment(text, slot and prefix + slot) for text, slot in self.parts)

    @property
    def spans(self) -> list[tuple[int, int, str]]:
        """Start, end, slot; in code points."""
        spans = []
        at = 0
        for text, slot in self.parts:
            if slot:
                spans.append((at, at + len(text), slot))
            at += len(text)
        return spans

    @property
    def tags(self) -> list[str]:
        """IOB2, a tag for each word."""
        tags = []
        for text, slot in self.parts:
            words = len(text.split())
            first = [f"B-{slot}"] if slot and words else []
            tags += first + ([f"I-{slot}"] if slot else ["O"]) * (words - len(first))
        return tags


def corpus() -> list[Utterance]:
    """All utterances, by locale and partition."""
    utterances = []
    for locale, templates in _TEMPLATES.items():
        songs, times = _FILLERS[locale]
        number = 0
        for partition, size in _PARTITIONS.items():
            for _ in range(size):
                intent, parts = templates[number % len(templates)]
                values = {
                    "{a}": songs[number % len(songs)],
                    "{b}": songs[(number // 3 + 1) % len(songs)],
                    "{t}": times[number % len(times)],
                }
                filled = tuple((values.get(text, text), slot) for text, slot in parts)
                utterances.append(Utterance(str(number), locale, partition, intent, filled))
                number += 1
    return utterances


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """How a format holds the utterances of one locale and partition.

    Attributes:
        format: The module that reads it.
        path: Its path, of `{locale}` and `{partition}`.
        content: Gives the text of the file.
        prefixes: What names of intents and slots get there.
    """

    format: str
    path: str
    content: Callable[[Sequence[Utterance]], str]
    prefixes: tuple[str, str] = ("", "")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _slurp(utterances: Sequence[Utterance]) -> str:
    rows = []
    for u in utterances:
        # A token a character, the finest cut there is: spans may begin and end anywhere.
        places = [at for at, character in enumerate(u.text) if not character.isspace()]
        scenario, _, action = u.intent.partition("_")
        rows.append(
            {
                "slurp_id": int(u.id),
                "sentence": u.text,
                "sentence_annotation": u.annotated,
                "intent": action if int(u.id) % 5 == 0 else u.intent,
                "action": action,
                "scenario": scenario,
                "tokens": [{"surface": u.text[at], "id": n} for n, at in enumerate(places)],
                "entities": [
                    {
                        "span": [n for n, at in enumerate(places) if start <= at < end],
                        "type": slot,
                    }
                    for start, end, slot in u.spans
                ],
            }
        )
    return _lines(map(_json, rows))


def _bracketed(u: Utterance, *, decoupled: bool) -> str:
    words = []
    for text, slot in u.parts:
        escaped = text.strip().replace("[", "\\[").replace("]", "\\]")
        if slot:
            words.append(f"[SL:{slot} {escaped} ]")
        elif escaped and not decoupled:
            words.append(escaped)
    return " ".join([f"[IN:{u.intent}", *words, "]"])


def _mtop(utterances: Sequence[Utterance], *, in_bytes: bool, decoupled: bool) -> str:
    lines = []
    for u in utterances:
        slots = []
        for start, end, slot in u.spans:
            places = [len(u.text[:at].encode()) if in_bytes else at for at in (start, end)]
            slots.append(f"{places[0]}:{places[1]}:SL:{slot}")
        parse = _bracketed(u, decoupled=decoupled)
        columns = (u.id, f"IN:{u.intent}", ",".join(slots), u.text, "home", f"{u.locale[:2]}_XX")
        lines.append("\t".join([*columns, parse, '{"tokens":[]}']))
    return _lines(lines)


def _topv2(utterances: Sequence[Utterance]) -> str:
    rows = (f"home\t{u.text}\t{_bracketed(u, decoupled=False)}" for u in utterances)
    return _lines(["domain\tutterance\tsemantic_parse", *rows])


def _top(utterances: Sequence[Utterance]) -> str:
    return _lines(
        f"{u.text}\t{' '.join(u.text.split())}\t{_bracketed(u, decoupled=False)}"
        for u in utterances
    )


def _by_intent(utterances: Sequence[Utterance]) -> Iterator[tuple[str, list[Utterance]]]:
    for intent, group in groupby(sorted(utterances, key=_intent), key=_intent):
        yield intent, list(group)


def _intent(utterance: Utterance) -> str:
    return utterance.intent


def _snips_data(u: Utterance, *, key: str) -> dict[str, object]:
    parts = [{"text": text} | ({key: slot} if slot else {}) for text, slot in u.parts]
    return {"data": parts}


def _snips(utterances: Sequence[Utterance]) -> str:
    intents = {
        intent: [_snips_data(u, key="entity") for u in group]
        for intent, group in _by_intent(utterances)
    }
    return json.dumps(intents, ensure_ascii=False, indent=2)


def _snips_data_set(utterances: Sequence[Utterance]) -> str:
    intents = {
        intent: {"utterances": [_snips_data(u, key="slot_name") for u in group]}
        for intent, group in _by_intent(utterances)
    }
    language = utterances[0].locale[:2] if utterances else "en"
    return json.dumps({"entities": {}, "intents": intents, "language": language}, indent=2)


def _rasa_examples(utterances: Sequence[Utterance]) -> Iterator[str]:
    for u in utterances:
        parts = (f"[{text}]({slot})" if slot else text for text, slot in u.parts)
        yield f"- {''.join(parts)}"


def _rasa(utterances: Sequence[Utterance]) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent, group in _by_intent(utterances):
        examples = [f"    {line}" for line in _rasa_examples(group)]
        lines += [f"- intent: {intent}", "  examples: |", *examples]
    return _lines(lines)


def _rasa_markdown(utterances: Sequence[Utterance]) -> str:
    lines = []
    for intent, group in _by_intent(utterances):
        lines += [f"## intent:{intent}", *_rasa_examples(group), ""]
    return _lines(lines)


def _massive(utterances: Sequence[Utterance]) -> str:
    return _lines(
        _json(
            {
                "id": u.id,
                "locale": u.locale,
                "partition": u.partition,
                "intent": u.intent,
                "utt": u.text,
                "annot_utt": u.annotated,
            }
        )
        for u in utterances
    )


def _xsid(utterances: Sequence[Utterance]) -> str:
    blocks = []
    for u in utterances:
        words = zip(u.text.split(), u.tags, strict=True)
        lines = [f"# id: {u.id}", f"# text: {u.text}", f"# intent: {u.intent}"]
        lines += [f"{n}\t{word}\t{u.intent}\t{tag}" for n, (word, tag) in enumerate(words, 1)]
        blocks.append(_lines(lines))
    return "\n".join(blocks)


def _iob_lines(utterances: Sequence[Utterance]) -> str:
    return _lines(
        f"BOS {' '.join(u.text.split())} EOS\tO {' '.join(u.tags)} {u.intent}" for u in utterances
    )


def _multiatis(utterances: Sequence[Utterance]) -> str:
    rows = (
        f"{u.id}\t{' '.join(u.text.split())}\t{' '.join(u.tags)}\t{u.intent}" for u in utterances
    )
    return _lines(["id\tutterance\tslot_labels\tintent", *rows])


_MTOP_NAMES = ("IN:", "SL:")
# Each in a file for each locale and partition.
FOREIGN: dict[str, ForeignFile] = {
    "MASSIVE": ForeignFile("jsonl", "{locale}.{partition}.jsonl", _massive),
    "SLURP": ForeignFile("slurp", "{locale}/{partition}.jsonl", _slurp),
    "MTOP": ForeignFile(
        "mtop",
        "{locale}/{partition}.txt",
        lambda rows: _mtop(rows, in_bytes=True, decoupled=True),
        _MTOP_NAMES,
    ),
    "MTOP, code points, whole parses": ForeignFile(
        "mtop",
        "{locale}/{partition}.tsv",
        lambda rows: _mtop(rows, in_bytes=False, decoupled=False),
        _MTOP_NAMES,
    ),
    "TOPv2": ForeignFile("top", "{locale}/home_{partition}.tsv", _topv2, _MTOP_NAMES),
    "TOP": ForeignFile("top", "{locale}/{partition}.tsv", _top, _MTOP_NAMES),
    "Snips": ForeignFile("snips", "{locale}/{partition}.json", _snips),
    "Snips data set": ForeignFile("snips", "{partition}/{locale}.json", _snips_data_set),
    "Rasa": ForeignFile("rasa", "{locale}/{partition}.yml", _rasa),
    "Rasa Markdown": ForeignFile("rasa", "{locale}/{partition}.md", _rasa_markdown),
    "xSID": ForeignFile("conll", "{locale}.{partition}.conll", _xsid),
    "ATIS": ForeignFile("iob_lines", "{locale}/{partition}.iob", _iob_lines),
    "MultiATIS++": ForeignFile("multiatis", "{partition}_{locale}.tsv", _multiatis),
}


def write(folder: Path, foreign: ForeignFile, utterances: Sequence[Utterance]) -> None:
    """Writes a corpus in a format, a file for each locale and partition."""
    for (locale, partition), rows in by_part(utterances).items():
        path = folder / foreign.path.format(locale=locale, partition=partition)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(foreign.content(rows), encoding="utf-8")


def by_part(utterances: Sequence[Utterance]) -> dict[tuple[str, str], list[Utterance]]:
    """Utterances by locale and partition."""
    parts: dict[tuple[str, str], list[Utterance]] = {}
    for u in utterances:
        parts.setdefault((u.locale, u.partition), []).append(u)
    return parts
