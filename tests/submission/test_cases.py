"""Every kind of bad input gets its codes, and nothing but a report."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from massive_kit.submission import rendering
from massive_kit.submission.reading import read_predictions
from massive_kit.submission.rules import RULES
from tests.submission.cases import ALL, CASES, Case, good, tarred, tiny_index, zipped

INDEX = tiny_index()


def place(case: Case, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    files = case.files()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder if case.folder else folder / next(iter(files))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_gets_its_codes_and_no_others(case: Case, tmp_path: Path) -> None:
    path = place(case, tmp_path / "in")
    report = read_predictions([path], INDEX, allow_errors=True).report
    assert set(report.counts) == case.codes
    for render in (rendering.text, rendering.as_json, rendering.github):
        text = render(report, "tiny")
        # However long the name of the folder is that stands before each file.
        assert len(text.replace(str(tmp_path), "")) < 100_000
        assert all(c.isprintable() or c in "\n\u200c" for c in text)


def test_there_are_at_least_forty_kinds() -> None:
    assert len(CASES) >= 40


def test_every_rule_has_a_case() -> None:
    covered = {code for case in CASES for code in case.codes}
    # These need more rows, the texts of the data set, or a bundle; they have tests of their own.
    elsewhere = {"MK902", "MK906", "MK907", "MK908", "MK910", "MK911", "MK912"}
    elsewhere |= {rule.code for rule in RULES if rule.code.startswith("MK5")}
    assert {rule.code for rule in RULES} == covered | elsewhere


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ALL, id="as written"),
        pytest.param(ALL.rstrip(b"\n"), id="no newline at the end"),
        pytest.param(ALL.replace(b"\n", b"\r\n"), id="lines end as on Windows"),
        pytest.param(b"".join(reversed(good())), id="in another order"),
        pytest.param(
            zipped({f"{i}.jsonl": b"".join(good()[3 * i : 3 * i + 3]) for i in range(3)}),
            id="zip of one file a locale",
        ),
        pytest.param(zipped({"a/p.jsonl": ALL, "__MACOSX/._p.jsonl": b"\0"}), id="zip from a Mac"),
        pytest.param(
            tarred({f"{i}.jsonl": b"".join(good()[3 * i : 3 * i + 3]) for i in range(3)}),
            id="tar of one file a locale",
        ),
        pytest.param(
            gzip.compress(tarred({"./._p.jsonl": b"\0", "./p.jsonl.gz": gzip.compress(ALL)})),
            id="tar.gz from a Mac",
        ),
    ],
)
def test_good_files_are_valid(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(content)
    predictions = read_predictions([path], INDEX)
    assert predictions.report.counts == {}
    assert predictions.columns.row_labels(0) == ["Other", "Other", "Other", "time", "time"]
    assert predictions.columns.row_labels(3) == ["date", "date", "Other", "Other", "Other"]
    assert predictions.present.all()
