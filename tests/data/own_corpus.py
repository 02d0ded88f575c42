"""A corpus unlike MASSIVE: other locales, labels, scripts and sizes; ids are not parallel."""

from __future__ import annotations

import json
from pathlib import Path

# Rows of each partition by locale; kk-KZ and chr-US have no training data.
SIZES = {
    "de-BA": {"train": 61, "dev": 7, "test": 23},
    "kk-KZ": {"dev": 5, "test": 13},
    "chr-US": {"dev": 3, "test": 17},
    "yue-HK": {"train": 29, "dev": 4, "test": 11},
}
_TEMPLATES = {
    "de-BA": [
        ("Home.Lights/ON", "moch s liacht im [Loc/Room.Name : {room}] o"),
        ("Home.Lights/OFF", "[Loc/Room.Name : {room}] finsta mocha um [When : {time}]"),
        ("Ask/Weather.v2", "wia wead s weda [When : {time}]"),
    ],
    "kk-KZ": [
        ("Home.Lights/ON", "[Loc/Room.Name : {room}] жарығын қос"),
        ("Home.Lights/OFF", "[When : {time}] [Loc/Room.Name : {room}] жарығын өшір"),
        ("Ask/Weather.v2", "[When : {time}] ауа райы қандай"),
    ],
    "chr-US": [
        ("Home.Lights/ON", "ᎠᏨᏍᏙᏗ [Loc/Room.Name : {room}] ᎭᏨᏍᏓ"),
        ("Home.Lights/OFF", "ᎭᏩᏢᏓ [Loc/Room.Name : {room}] [When : {time}]"),
        ("Ask/Weather.v2", "ᎦᏙ ᎤᏍᏗ ᎦᎾᏮ [When : {time}]"),
    ],
    "yue-HK": [
        ("Home.Lights/ON", "開 [Loc/Room.Name : {room}] 嘅燈"),
        ("Home.Lights/OFF", "[When : {time}] 熄 [Loc/Room.Name : {room}] 盞燈"),
        ("Ask/Weather.v2", "[When : {time}] 天氣點呀"),
    ],
}
_ROOMS = {
    "de-BA": ["kuchl", "stubn", "klo", "gang hint", "Kella"],
    "kk-KZ": ["ас үй", "жатын бөлме", "дәліз"],
    "chr-US": ["ᎠᏓᏍᏓᏴᏗ", "ᎧᎵᏎᏥ", "ᎦᎵᏦᏕ ᎭᏫᏂ"],
    "yue-HK": ["廚房", "睡房", "toilet"],
}
_TIMES = {
    "de-BA": ["heit auf d nocht", "moagn", "um 5e", "iatzt"],
    "kk-KZ": ["ертең", "бүгін кешке", "5-те"],
    "chr-US": ["ᎪᎯ ᎢᎦ", "ᏑᎾᎴᎢ"],
    "yue-HK": ["聽日", "今晚 8pm", "而家"],
}
LANGUAGES = """\
locale,language,script,script_name,direction,family,genus,scoring_unit,spacing,dialect group
de-BA,Bavarian,Latn,Latin,left to right,Indo-European,Germanic,word,natural,Upper German
kk-KZ,Kazakh,Cyrl,Cyrillic,left to right,Turkic,Turkic,word,natural,
chr-US,Cherokee,Cher,Cherokee,left to right,Iroquoian,Southern Iroquoian,word,natural,
yue-HK,Cantonese,Hant,Han (Traditional),left to right,Sino-Tibetan,Chinese,character,none,Yue
"""
TASK = """\
name: own-zeroshot
title: Lights and weather, from Bavarian to the rest
setting: zero-shot
data: [own]
train: {partition: train, locales: [de-BA]}
dev: {partition: dev}
test: {partition: test}
source_locale: de-BA
languages: languages.csv
"""


BOARD = """\
title: Lights and weather
lead: A corpus of our own.
languages: ../tasks/languages.csv
groupings: [genus, dialect group]
sections:
  - {id: all, title: All, tasks: ["own-*"]}
"""


def write_own_corpus(folder: Path, without: str | None = None) -> None:
    """Writes `raw/*.jsonl`, `tasks/own-zeroshot.yaml` with its `languages.csv`, and a board.

    Args:
        folder: Where.
        without: A column that no row has.
    """
    from massive_kit.data.notation import strip

    (folder / "raw").mkdir(parents=True)
    for locale, sizes in SIZES.items():
        lines = []
        number = 0
        for partition, size in sizes.items():
            for _ in range(size):
                templates, rooms = _TEMPLATES[locale], _ROOMS[locale]
                intent, template = templates[number % len(templates)]
                text = template.format(
                    room=rooms[number // 3 % len(rooms)],
                    time=_TIMES[locale][number // 2 % len(_TIMES[locale])],
                )
                utterance = strip(text)
                if locale == "yue-HK":
                    utterance = utterance.replace(" ", "")
                row = {
                    "id": f"{locale[:2]}{number:03}",
                    "locale": locale,
                    "partition": partition,
                    "intent": intent,
                    "utt": utterance,
                    "annot_utt": text,
                }
                row.pop(without or "", None)
                lines.append(json.dumps(row, ensure_ascii=False))
                number += 1
        (folder / "raw" / f"{locale}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, text in (
        ("tasks/languages.csv", LANGUAGES),
        ("tasks/own-zeroshot.yaml", TASK),
        ("leaderboard/board.yaml", BOARD),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
