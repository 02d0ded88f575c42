"""Bad inputs with the codes that they must get; the benchmark prints their messages too."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.languages import LanguageTable
from massive_kit.submission.index import TaskIndex

Row = dict[str, Any]

ROWS: tuple[Row, ...] = (
    {
        "id": "0",
        "locale": "de-DE",
        "utt": ["wecke", "mich", "um", "fünf", "uhr"],
        "pred_intent": "alarm_set",
        "pred_slots": [["fünf uhr", "time"]],
        "pred_annot_utt": "wecke mich um [time : fünf uhr]",
    },
    {"id": "3", "locale": "de-DE", "pred_intent": "audio_volume_mute", "pred_annot_utt": "leise"},
    {
        "id": "8",
        "locale": "de-DE",
        "pred_intent": "play_music",
        "pred_annot_utt": "spiele [artist_name : abba] jetzt",
    },
    {
        "id": "0",
        "locale": "ja-JP",
        "pred_intent": "weather_query",
        "pred_annot_utt": "[date : 明 日] の 天 気",
    },
    {
        "id": "3",
        "locale": "ja-JP",
        "pred_intent": "audio_volume_mute",
        "pred_annot_utt": "音 を 消 し て",
    },
    {"id": "8", "locale": "ja-JP", "pred_intent": "play_music", "pred_annot_utt": "BGMを流して"},
    {
        "id": "0",
        "locale": "sl-SL",
        "pred_intent": "alarm_set",
        "pred_annot_utt": "zbudi me ob [time : petih]",
    },
    {"id": "3", "locale": "sl-SL", "pred_intent": "audio_volume_mute", "pred_annot_utt": "utihni"},
    {
        "id": "8",
        "locale": "sl-SL",
        "pred_intent": "play_music",
        "pred_annot_utt": "predvajaj [artist_name : abba]",
    },
)
# BGM is one token and を, 流, し, て are one each; written together they are none but characters.
ROWS[5]["pred_annot_utt"] = "BGM を 流 し て"
COUNTS = (5, 1, 3, 5, 5, 5, 4, 1, 2)
TEXTS = (
    "wecke mich um fünf uhr",
    "leise",
    "spiele abba jetzt",
    "明 日 の 天 気",
    "音 を 消 し て",
    "BGM を 流 し て",
    "zbudi me ob petih",
    "utihni",
    "predvajaj abba",
)


def tiny_index(*, texts: bool = False) -> TaskIndex:
    """A zero-shot task of three rows in each of three locales."""
    return TaskIndex(
        task="tiny",
        setting="zero-shot",
        partition="test",
        locales=("de-DE", "ja-JP", "sl-SL"),
        locale=np.repeat(np.arange(3, dtype=np.int16), 3),
        ids=np.array([row["id"] for row in ROWS], dtype=object),
        token_counts=np.array(COUNTS, np.int32),
        character_locales=frozenset({"ja-JP"}),
        inventory=Inventory.massive(),
        languages=LanguageTable.shipped(),
        train_locales=("en-US",),
        other_ids={"train": frozenset({"1", "2"})},
        texts=list(TEXTS) if texts else None,
    )


def line(row: Any) -> bytes:
    """A JSON line."""
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def good() -> list[bytes]:
    """The lines of a valid file."""
    return [line(row) for row in ROWS]


def changed(at: int, **values: Any) -> bytes:
    """A file whose line `at` (from 0) has other values; `None` takes a field away."""
    lines = good()
    row = {**ROWS[at], **values}
    lines[at] = line({key: value for key, value in row.items() if value is not None})
    return b"".join(lines)


def replaced(at: int, raw: bytes) -> bytes:
    """A file whose line `at` is these bytes."""
    lines = good()
    lines[at] = raw + b"\n"
    return b"".join(lines)


def edited(at: int, old: bytes, new: bytes) -> bytes:
    """A file with bytes of line `at` exchanged."""
    lines = good()
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    return b"".join(lines)


def respelled(**locales: str) -> bytes:
    """A file that calls locales by other names."""
    raw = b"".join(good())
    for given, locale in locales.items():
        raw = raw.replace(locale.encode(), given.encode())
    return raw


def zipped(
    members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, encrypted: bool = False
) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.filename = name  # as it is, whatever this system's separator
            info.compress_type = method
            archive.writestr(info, content)
    raw = bytearray(out.getvalue())
    if encrypted:
        raw[raw.index(b"PK\x03\x04") + 6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def tarred(members: dict[str, bytes | tarfile.TarInfo]) -> bytes:
    """A tar of these files, or of members as they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            raw = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return out.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """A member of a tar that is a link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def squeezed(size: int, unit: bytes = b"\0" * (1 << 16)) -> bytes:
    """A gzip that unpacks to `size` bytes and more."""
    pack = zlib.compressobj(9, wbits=31)
    parts = [pack.compress(unit) for _ in range(size // len(unit) + 1)]
    return b"".join([*parts, pack.flush()])


@dataclass(frozen=True, slots=True)
class Case:
    """A bad input.

    Attributes:
        name: What is bad about it.
        codes: Which rules it must break; no other error may be told beside them.
        files: Makes its files; one named `predictions.jsonl` or so, or several for a folder.
    """

    name: str
    codes: frozenset[str]
    files: Callable[[], dict[str, bytes]]

    @property
    def folder(self) -> bool:
        """Whether it is handed in as a folder."""
        return len(self.files()) != 1 or self.name.startswith("folder")


CASES: list[Case] = []


def case(name: str, codes: str, content: Callable[[], bytes], file: str = "p.jsonl") -> None:
    """Adds a case of one file."""
    CASES.append(Case(name, frozenset(codes.split()), lambda: {file: content()}))


def folder_case(name: str, codes: str, files: Callable[[], dict[str, bytes]]) -> None:
    """Adds a case of a folder."""
    CASES.append(Case(f"folder: {name}", frozenset(codes.split()), files))


ALL = b"".join(good())

case("empty file", "MK101", lambda: b"")
case("blank lines only", "MK101 MK904", lambda: b"\n \n\t\n")
case("Latin-1 umlaut", "MK102 MK405", lambda: edited(0, "fünf uhr]".encode(), b"f\xfcnf uhr]"))
case("byte order mark", "MK103 MK405", lambda: b"\xef\xbb\xbf" + ALL)
case("one JSON list", "MK104", lambda: json.dumps(list(ROWS)).encode())
case("one JSON list of 300 kB", "MK104", lambda: json.dumps([*ROWS] * 300).encode())
case("one JSON list of 3 MB", "MK104", lambda: json.dumps([*ROWS] * 3000).encode())
case("one JSON list, zipped", "MK104", lambda: gzip.compress(json.dumps([*ROWS] * 900).encode()))
case("a JSON list over lines", "MK104", lambda: b"[" + b",".join(good()) + b"]")
case("a JSON list cut off", "MK104", lambda: json.dumps(list(ROWS)).encode()[:-9])
case("pretty-printed JSON list", "MK104", lambda: json.dumps(ROWS, indent=2).encode())
case("pretty-printed JSON", "MK104", lambda: json.dumps(ROWS[0], indent=2).encode())
case("Parquet", "MK105", lambda: b"PAR1\x15\x04" + bytes(50))
case("UTF-16", "MK105", lambda: ALL.decode().encode("utf-16"))
case("UTF-16 without a mark", "MK105", lambda: ALL.decode().encode("utf-16-le"))
case("HTML error page", "MK105", lambda: b"<!DOCTYPE html><title>404</title>\n")
case("xz", "MK105", lambda: lzma.compress(ALL))
case("CSV", "MK201 MK406", lambda: b"id,locale,pred_intent\n0,de-DE,alarm_set\n")
case("gzip bomb of zeros", "MK106 MK107", lambda: squeezed(64 << 20), "p.jsonl.gz")
case("gzip bomb of one huge line", "MK106 MK107", lambda: squeezed(64 << 20, b"x" * 65536))
case("one line without end", "MK107", lambda: b'{"id": "' + b"9" * 600_000)
case("long line among good ones", "MK107", lambda: replaced(4, b'{"a": "' + b"b" * 400_000 + b'"}'))
case("ten times too many lines", "MK108", lambda: b"{\n" * 20_001)
case("gzip cut off", "MK109", lambda: gzip.compress(ALL, mtime=0)[:-30])
case("gzip with wrong checksum", "MK109", lambda: gzip.compress(ALL, mtime=0)[:-8] + bytes(8))
case("gzip and then something", "MK109", lambda: gzip.compress(ALL, mtime=0) + b"more")
case(
    "gzip of a byte a part",
    "MK109",
    lambda: squeezed(1, b"x") * 10_000 + gzip.compress(b"x" * 300_000, mtime=0),
)
case("gzip of 11,000 empty members", "MK109", lambda: gzip.compress(b"", mtime=0) * 11_000)
case("zip cut off", "MK110", lambda: zipped({"p.jsonl": ALL})[:-40], "p.zip")
case("zip with a password", "MK110 MK112", lambda: zipped({"p.jsonl": ALL}, encrypted=True))
case(
    "zip compressed by LZMA",
    "MK110 MK112",
    lambda: zipped({"p.jsonl": ALL}, method=zipfile.ZIP_LZMA),
)
case("zip with ../ path", "MK111 MK112", lambda: zipped({"../../p.jsonl": ALL}))
case("zip with absolute path", "MK111 MK112", lambda: zipped({"/etc/p.jsonl": ALL}))
case("zip with backslash path", "MK111 MK112", lambda: zipped({"a\\p.jsonl": ALL}))
case("zip with a bidi name", "MK111 MK112", lambda: zipped({"p\u202elnosj.jsonl": ALL}))
case("zip without predictions", "MK112 MK909", lambda: zipped({"readme.txt": b"hello"}))
case("empty zip", "MK105", lambda: zipped({}))
case("zip in a zip", "MK105", lambda: zipped({"p.gz": zipped({"p.jsonl": ALL})}))
case("zip bomb", "MK106 MK107", lambda: zipped({"p.jsonl": b"0" * (20 << 20)}))
case("tar cut off", "MK110", lambda: tarred({"p.jsonl": ALL})[:700], "p.tar")
case("tar.gz cut off", "MK109", lambda: gzip.compress(tarred({"p.jsonl": ALL}))[:-30], "p.tar.gz")
case("tar with a damaged header", "MK110", lambda: b"q" + tarred({"p.jsonl": ALL})[1:], "p.tar")
case("tar with ../ path", "MK111 MK112", lambda: tarred({"../../p.jsonl": ALL}), "p.tar")
case("tar with absolute path", "MK111 MK112", lambda: tarred({"/etc/p.jsonl": ALL}), "p.tar")
case("tar with a link", "MK110 MK112", lambda: tarred({"": link("p.jsonl", "/etc/passwd")}))
case("tar without predictions", "MK112 MK909", lambda: tarred({"readme.txt": b"hello"}))
case("tar in a tar", "MK105", lambda: tarred({"p.gz": tarred({"p.jsonl": ALL})}))
case("tar in a zip", "MK105", lambda: zipped({"p.gz": tarred({"p.jsonl": ALL})}))
case("tar bomb", "MK106 MK107", lambda: gzip.compress(tarred({"p.jsonl": b"0" * (20 << 20)})))
case("tar of 1,001 files", "MK113", lambda: tarred({f"{i}.jsonl": b"" for i in range(1001)}))
case("zip of 1,001 files", "MK113", lambda: zipped({f"{i}.jsonl": b"" for i in range(1001)}))

case("truncated line", "MK201 MK405", lambda: edited(0, b'"wecke mich um', b""))
case("single quotes", "MK201 MK405", lambda: replaced(0, str(ROWS[0]).encode()))
case("trailing comma", "MK201 MK405", lambda: edited(1, b"}", b",}"))
case("two objects on one line", "MK201 MK405", lambda: replaced(1, good()[1].strip() * 2))
case("NUL byte", "MK201 MK405", lambda: edited(1, b"leise", b"le\0se"))
case("a string", "MK202 MK405", lambda: replaced(1, b'"leise"'))
case("null", "MK202 MK405", lambda: replaced(1, b"null"))
case("nested 10,000 deep", "MK203 MK405", lambda: replaced(1, b'{"id":' * 10_000))
case("lone surrogate", "MK204 MK405", lambda: edited(1, b"leise", b"\\ud83d"))
case("1e999", "MK205 MK405", lambda: edited(1, b'"3"', b"1e999"))
case("NaN", "MK205 MK405", lambda: edited(1, b'"leise"', b"NaN"))
case("key twice", "MK206", lambda: edited(1, b"{", b'{"id": "8", '))
case("key twice in disguise", "MK206", lambda: edited(1, b"{", b'{"\\u0069d": "8", '))
case("no pred_intent", "MK207", lambda: changed(1, pred_intent=None))
case("intent for pred_intent", "MK207 MK903", lambda: changed(1, pred_intent=None, intent="x"))
case("no locale", "MK207 MK405", lambda: changed(1, locale=None))
case("id as a number", "MK208 MK405", lambda: changed(1, id=3))
case("id as a list", "MK208 MK405", lambda: changed(1, id=["3"]))
case("utt as a string", "MK208", lambda: changed(0, utt="wecke mich um fünf uhr"))
case("utt of numbers", "MK208", lambda: changed(0, utt=[1, 2, 3, 4, 5]))
case("pred_slots as an object", "MK208", lambda: changed(0, pred_slots={"time": "fünf uhr"}))
case("1,001 slots", "MK208", lambda: changed(0, pred_slots=[["a", "date"]] * 1001))
case("1,001 fields", "MK208 MK903", lambda: changed(1, **{f"k{n}": 0 for n in range(1001)}))
case("pred_slots without slot", "MK208", lambda: changed(0, pred_slots=[["fünf uhr"]]))

case("unknown intent", "MK301", lambda: changed(1, pred_intent="audio_volume_mutes"))
case("intent in capitals", "MK301", lambda: changed(1, pred_intent="AUDIO_VOLUME_MUTE"))
case("intent of 100 kB", "MK301", lambda: changed(1, pred_intent="x" * 100_000))
case("unknown slot", "MK302", lambda: changed(2, pred_annot_utt="spiele [artist : abba] jetzt"))
case("Other as a slot", "MK302", lambda: changed(2, pred_annot_utt="spiele [Other : abba] jetzt"))
case("'[' alone", "MK303", lambda: changed(2, pred_annot_utt="spiele [artist_name : abba jetzt"))
case("']' alone", "MK303", lambda: changed(2, pred_annot_utt="spiele abba] jetzt"))
case(
    "'[' and 200,000 spaces",
    "MK303",
    lambda: changed(2, pred_annot_utt="spiele [artist_name :" + " " * 200_000 + "abba"),
)
case("200,000 times '['", "MK303", lambda: changed(2, pred_annot_utt="[" * 200_000))
case("brackets crossed", "MK303", lambda: changed(2, pred_annot_utt="a ] b [date : x"))
case(
    "slot in a slot",
    "MK304",
    lambda: changed(2, pred_annot_utt="spiele [artist_name : [date : abba]] jetzt"),
)
case("empty slot", "MK305", lambda: changed(2, pred_annot_utt="spiele [artist_name : ] abba jetzt"))
case("no colon", "MK306", lambda: changed(2, pred_annot_utt="spiele [artist_name abba] jetzt"))
case(
    "no colon, in the words of another rule",
    "MK306",
    lambda: changed(2, pred_annot_utt="spiele [this is empty] jetzt"),
)
case("no slot name", "MK306", lambda: changed(2, pred_annot_utt="spiele [ : abba] jetzt"))
case("a token too few", "MK307", lambda: changed(2, pred_annot_utt="[artist_name : abba] jetzt"))
case("a token too many", "MK307", lambda: changed(1, pred_annot_utt="sei leise"))
case("empty text", "MK307", lambda: changed(1, pred_annot_utt=""))
case("a character too few", "MK307", lambda: changed(4, pred_annot_utt="音を消して下さい"))
case("utt too short", "MK308", lambda: changed(0, utt=["wecke", "mich"]))
case(
    "two slots in one token",
    "MK310",
    lambda: changed(1, pred_annot_utt="[time : lei][date : se]"),
)
case("pred_slots disagree", "MK309", lambda: changed(0, pred_slots=[["uhr", "time"]]))
case("pred_slots empty", "MK309", lambda: changed(0, pred_slots=[]))

case("unknown locale", "MK401 MK405", lambda: changed(1, locale="xx-YY"))
case("de_DE beside de-DE", "MK407", lambda: changed(1, locale="de_DE"))
case("language without region beside de-DE", "MK407", lambda: changed(1, locale="de"))
case("jp for ja-JP", "MK401 MK405", lambda: changed(4, locale="jp"))
case("bidi characters", "MK401 MK405", lambda: changed(1, locale="de-DE\u202e\u0007"))
case("training locale", "MK402", lambda: ALL + line({**ROWS[1], "locale": "en-US"}))
case("locale of another task", "MK402", lambda: ALL + line({**ROWS[1], "locale": "ca-ES"}))
case("unknown id", "MK403 MK405", lambda: changed(1, id="99999"))
case("id of the train partition", "MK403 MK405", lambda: changed(1, id="2"))
case("id with zeros", "MK403 MK405", lambda: changed(1, id="0003"))
case("row twice", "MK404", lambda: ALL + line(ROWS[1]))
case("file twice", "MK404", lambda: ALL + ALL)
case("missing row", "MK405", lambda: b"".join(good()[1:]))
case("missing locale", "MK406", lambda: b"".join(good()[:6]))
case("one row only", "MK405 MK406", lambda: good()[0])

folder_case("empty", "MK112", dict)
folder_case("nothing to read", "MK112 MK909", lambda: {"a.txt": b"hello"})
folder_case("the same locale in two files", "MK404", lambda: {"a.jsonl": ALL, "b.jsonl": good()[0]})
folder_case(
    "one file damaged",
    "MK109",
    lambda: {"a.jsonl": ALL, "b.jsonl.gz": gzip.compress(ALL, mtime=0)[:40]},
)

case("alias of a locale", "MK901", lambda: ALL.replace(b"sl-SL", b"sl-SI"))
case("all locales spelled otherwise", "MK901", lambda: ALL.replace(b"-", b"_"))
case("languages without regions", "MK901", lambda: respelled(de="de-DE", jpn="ja-JP", sl="sl-SL"))
case("alias beside the name", "MK407", lambda: changed(7, locale="sl-SI"))
case("unknown field", "MK903", lambda: changed(1, confidence=0.9))
case("blank line between", "MK904", lambda: good()[0] + b"\n" + b"".join(good()[1:]))
case(
    "space in a token",
    "MK905",
    lambda: changed(
        2,
        utt=["spiele", "ab ba", "jetzt"],
        pred_annot_utt="spiele [artist_name : ab ba] jetzt",
    ),
)
