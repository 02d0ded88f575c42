"""seq.in, seq.out and label."""

from __future__ import annotations

from pathlib import Path

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import seq_folders
from massive_kit.data.intake.source_files import SourceFile

SAMPLES = Path(__file__).parent.parent / "samples"
WORDS, TAGS, INTENTS = "at six\nno rain\n", "O B-time\nO O\n", "wake\nrain\n"


def rows_of(**content: str) -> list[ForeignRow]:
    names = {"words": "seq.in", "tags": "seq.out", "intents": "label"}
    files = [SourceFile.of_bytes(names[key], text.encode()) for key, text in content.items()]
    return list(seq_folders.read_rows(files))


def test_the_three_files_of_a_folder_belong_together() -> None:
    paths = sorted(path for path in (SAMPLES / "atis").rglob("*") if path.is_file())
    files = {
        str(path.relative_to(SAMPLES)): SourceFile.of_bytes(
            str(path.relative_to(SAMPLES)), path.read_bytes()
        )
        for path in paths
    }
    groups = seq_folders.groups([file.head() for file in files.values()])
    names = [[str(head.path) for head in group] for group in groups]
    assert names == [
        ["atis/train/seq.in", "atis/train/seq.out", "atis/train/label"],
        ["atis/valid/seq.in", "atis/valid/seq.out", "atis/valid/label"],
    ]
    rows = list(seq_folders.read_rows([files[name] for name in names[0]]))
    assert [(row.line, row.intent) for row in rows] == [
        (1, "atis_train"),
        (2, "atis_ferry"),
        (3, "atis_fare#atis_train"),
    ]
    assert rows[1].tokens == ["which", "ferry", "[", "early", "]", "goes", "to", "lakeside"]
    assert rows[1].tags is not None
    assert rows[1].tags[3:] == ["B-depart_time.period_of_day", "O", "O", "O", "B-toloc.city_name"]
    assert not any(row.mistakes for row in rows)


def test_they_may_stand_side_by_side_and_others_are_left_alone() -> None:
    names = ["b/train.label", "b/train.seq.in", "b/train.seq.out", "c/label", "d/test.seq.in"]
    heads = [SourceFile.of_bytes(name, b"x\n").head() for name in names]
    assert [[head.name for head in group] for group in seq_folders.groups(heads)] == [
        ["train.seq.in", "train.seq.out", "train.label"],
        ["test.seq.in"],
    ]


def test_line_ends_and_a_mark_at_the_start_do_not_matter() -> None:
    plain = rows_of(words=WORDS, tags=TAGS, intents=INTENTS)
    windows = rows_of(
        words="\ufeff" + WORDS.replace("\n", "\r\n"),
        tags=TAGS.removesuffix("\n"),
        intents=INTENTS.replace("\n", "\r\n") + "\r\n",
    )
    assert plain == windows
    assert [(row.tokens, row.tags, row.intent) for row in plain] == [
        (["at", "six"], ["O", "B-time"], "wake"),
        (["no", "rain"], ["O", "O"], "rain"),
    ]


def test_words_alone_have_no_labels() -> None:
    assert [(row.tokens, row.tags, row.intent) for row in rows_of(words=WORDS)] == [
        (["at", "six"], None, None),
        (["no", "rain"], None, None),
    ]


def test_a_mistake_is_told_with_its_line() -> None:
    rows = rows_of(
        words="at six\n\nat six\nno rain\nno rain\n",
        tags="O B-time O\nO\nO B-time\nO O\n",
        intents="wake\nwake\n \nrain\nrain\n",
    )
    assert [row.mistakes for row in rows] == [
        ["2 words in seq.in and 3 tags in seq.out"],
        ["no words in seq.in", "0 words in seq.in and 1 tags in seq.out"],
        ["no intent in label"],
        [],
        ["seq.out ended before line 5; are lines missing?"],
    ]
    assert rows[0].source == "at six\nO B-time O\nwake"
