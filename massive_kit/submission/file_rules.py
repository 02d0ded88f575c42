"""What a prediction file is instead of JSON lines, by its first bytes."""

from __future__ import annotations

from massive_kit.files.hostile_tar import is_tar
from massive_kit.submission import rules
from massive_kit.submission.report import Violation

_UTF_16 = "UTF-16"
_BEFORE_JSON = b"\xef\xbb\xbf \t\r"
_SAVE_AS_UTF_8 = "save the file as UTF-8"
_FORMATS = {
    b"PAR1": "Parquet",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
    b"{\0": _UTF_16,
    b"\0{": _UTF_16,
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf": "7-Zip",
    b"ARROW1": "Arrow",
    b"\x80\x04\x95": "a Python pickle",
    b"\x89PNG": "an image",
    b"%PDF": "PDF",
    b"SQLite": "SQLite",
    b"PK\x05\x06": "an empty zip",
    b"PK\x03\x04": "a zip inside an archive",
    b"<!DOC": "HTML",
    b"<html": "HTML",
}


def other_format(start: bytes) -> Violation | None:
    """What is wrong with a file that begins with these bytes, if it is of another format."""
    known = (name for magic, name in _FORMATS.items() if start.startswith(magic))
    name = "a tar inside an archive" if is_tar(start) else next(known, None)
    if name is None:
        return None
    todo = _SAVE_AS_UTF_8 if name == _UTF_16 else "write one object per line"
    return Violation(rules.OTHER_FORMAT, f"this is {name}", "JSON lines", todo)


def is_list(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a JSON list."""
    return start.lstrip(_BEFORE_JSON).startswith(b"[")


def a_list() -> Violation:
    """What is said of a file that is one JSON list, however long it is."""
    return Violation(rules.NOT_LINES, "a list", "one object per line", "write it as JSON lines")
