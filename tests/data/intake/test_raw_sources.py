"""Sources of any format: recognised by content, told in one sentence where they are not."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massive_kit.data.intake import formats
from massive_kit.data.intake.importing import Imported, import_source
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.errors import DataError, MissingDataError, UsageError

# Words of a line with a tag each, and the intent behind a tab.
TAGGED = """
from massive_kit.data.intake.foreign_rows import ForeignRow

TITLE = "tagged words"


def recognises(head):
    return bool(head.lines) and all("\\t" in line and "/" in line for line in head.lines)


def read_rows(files):
    [file] = files
    for number, line in enumerate(file.lines(), 1):
        words, _, intent = line.partition("\\t")
        pairs = [word.split("/") for word in words.split()]
        mistakes = [] if all(len(pair) == 2 for pair in pairs) else ["a word without its tag"]
        yield ForeignRow(
            number,
            line,
            intent=intent,
            tokens=[pair[0] for pair in pairs],
            tags=[pair[-1] for pair in pairs],
            mistakes=mistakes,
            notes=["shouted"] if line.isupper() else [],
        )
"""
# Words in one file, tags in another.
SPLIT = """
from massive_kit.data.intake.foreign_rows import ForeignRow

TITLE = "words and tags apart"


def groups(heads):
    by_path = {head.path: head for head in heads}
    for path, head in by_path.items():
        tags = path.with_suffix(".tags")
        if path.suffix == ".words" and tags in by_path:
            yield head, by_path[tags]


def read_rows(files):
    words, tags = files
    for number, (line, marks) in enumerate(zip(words.lines(), tags.lines()), 1):
        yield ForeignRow(number, line, intent="say", tokens=line.split(), tags=marks.split())
"""
LINE = "weck/O um/O fünf/B-time uhr/I-time\talarm_set\n"
JSON = '{"id":"1","locale":"de-DE","partition":"test","utt":"hallo"}\n'


@pytest.fixture(autouse=True)
def _more_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "tagged.py").write_text(TAGGED)
    (more / "apart.py").write_text(SPLIT)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(more)])
    for name in ("tagged", "apart"):
        monkeypatch.delitem(sys.modules, f"{formats.__name__}.{name}", raising=False)


def corpus(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def imported(
    source: Path,
    *,
    skip_bad: bool = False,
    form: str | None = None,
    locale: str | None = None,
    partition: str | None = None,
) -> Imported:
    options = SourceOptions(form, locale, partition)
    target = source.parent / "store"
    return import_source(source, target, name="x", options=options, skip_bad=skip_bad)


def annotated(result: Imported, partition: str, locale: str) -> list[tuple[str, str]]:
    rows = result.store.read(partition, [locale]).to_pylist()
    return [(row["id"], row["annot_utt"]) for row in rows]


def test_files_of_one_format_with_all_that_lies_beside(tmp_path: Path) -> None:
    source = corpus(
        tmp_path / "c",
        de__train_dot_txt=LINE * 2,
        de__valid_dot_txt=LINE,
        README="A corpus.",
        LICENSE_dot_txt="CC BY",
    )
    result = imported(source)
    assert result.formats == {"tagged": 2}
    assert result.tag_scheme == "IOB2 (B-slot, I-slot)"
    assert [Path(name).name for name in result.ignored] == ["LICENSE.txt", "README"]
    assert annotated(result, "train", "de-DE") == [
        ("1", "weck um [time : fünf uhr]"),
        ("2", "weck um [time : fünf uhr]"),
    ]
    assert annotated(result, "dev", "de-DE") == [("1", "weck um [time : fünf uhr]")]


def test_a_guide_with_examples_in_another_format_is_a_document(tmp_path: Path) -> None:
    guide = "Rasa has it like this:\n\n## intent: wake\n- at [six](time)\n"
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE, README_dot_md=guide)
    result = imported(source)
    assert result.formats == {"tagged": 1}
    assert [Path(name).name for name in result.ignored] == ["README.md"]
    # Where there is nothing else, Markdown is the data.
    (source / "de" / "test.txt").unlink()
    assert imported(source, locale="de", partition="test").formats == {"rasa": 1}


def test_a_token_with_white_space_is_counted(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "locale": "de-DE", "partition": "test", "intent": "x"}
        | {"tokens": tokens, "ner_tags": ["O", "B-time"]}
        for number, tokens in enumerate([["um", "5\u00a0Uhr"], ["um", "fünf"]])
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    result = imported(corpus(tmp_path / "c", x_dot_jsonl=lines))
    assert {text: [Path(at).name for at in places] for text, places in result.notes.items()} == {
        "a token held white space, and now is several": ["x.jsonl:1"]
    }


def test_a_foreign_row_is_told_in_words_of_its_own(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE + "weck/O mich/O\t\n")
    with pytest.raises(DataError, match=r"test\.txt:2: tags but no intent"):
        imported(source)
    with pytest.raises(UsageError, match="--partition: partition is 'a/b'; expected train, dev"):
        imported(source, partition="a/b")


def test_files_that_belong_together(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", en__test_dot_words="go home\n", en__test_dot_tags="O place\n")
    result = imported(source)
    assert result.formats == {"apart": 1}
    assert annotated(result, "test", "en-US") == [("1", "go [place : home]")]


def test_the_tag_scheme_is_that_of_the_whole_corpus(tmp_path: Path) -> None:
    # By itself, the second file could have slots called I-time.
    source = corpus(
        tmp_path / "c", de__train_dot_txt=LINE, de__test_dot_txt="um/O fünf/I-time\tx\n"
    )
    with pytest.raises(DataError, match=r"test\.txt:1: token 2 has 'I-time' after 'O'"):
        imported(source)


def test_ids_by_position_stay_unique(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test__a_dot_txt=LINE * 2, de__test__b_dot_txt=LINE)
    ids = [name for name, _ in annotated(imported(source), "test", "de-DE")]
    assert ids == ["a-1", "a-2", "b-1"]


def test_what_neither_row_nor_path_says_is_asked_for_once(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", corpus_dot_txt=LINE * 3)
    with pytest.raises(DataError) as caught:
        imported(source)
    assert [problem.todo for problem in caught.value.problems] == [
        "give it with `data import --locale en-US`, or put it into the path",
        "give it with `data import --partition test`, or put it into the path",
    ]
    result = imported(source, locale="de-DE", partition="valid")
    assert len(annotated(result, "dev", "de-DE")) == 3


def test_an_option_fills_what_paths_leave_open(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE, test_dot_txt=LINE)
    assert imported(source, locale="en").store.locales == ("de-DE", "en-US")
    # A file by itself is what the command line says.
    assert imported(source / "de" / "test.txt", locale="en").store.locales == ("en-US",)


def test_an_option_says_which_locale_of_a_language_a_path_means(tmp_path: Path) -> None:
    header = "id\tutterance\tslot_labels\tintent\n"
    zh, de = f"{header}1\t五 点\tB-time I-time\twake\n", f"{header}1\tum fünf\tO B-time\twake\n"
    source = corpus(tmp_path / "c", test_ZH_dot_tsv=zh, test_DE_dot_tsv=de)
    with pytest.raises(DataError, match="'ZH' can be more than one locale"):
        imported(source, locale="ja-JP")
    result = imported(source, locale="zh-CN")
    assert result.store.locales == ("de-DE", "zh-CN")
    assert result.remarks == []
    rows = '{"id":"1","locale":"en","partition":"test","utt":"hi","annot_utt":"hi","intent":"x"}'
    other = corpus(tmp_path / "e", eng_dot_testb_dot_jsonl=rows)
    assert imported(other, locale="en-GB").store.locales == ("en-GB",)


def test_an_option_that_is_not_used_is_told(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de_dot_train_dot_txt=LINE)
    assert imported(source, locale="fr", partition="test").remarks == [
        "--locale fr was not used: every row or path names its own",
        "--partition test was not used: every row or path names its own",
    ]
    assert imported(source, locale="de", partition="Training").remarks == []


def test_locales_that_the_language_table_lacks_are_told(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", gsw__test_dot_txt=LINE, de__test_dot_txt=LINE)
    (remark,) = imported(source).remarks
    assert remark.startswith("the language table lacks gsw: groups by language family")


def test_predictions_are_no_corpus(tmp_path: Path) -> None:
    row = {"id": "1", "locale": "de-DE", "utt": ["an"], "pred_intent": "x", "pred_annot_utt": "an"}
    source = corpus(tmp_path / "c", p_dot_jsonl=json.dumps(row) + "\n")
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "p.parquet")
    for path in (source, source / "p.jsonl", tmp_path / "p.parquet"):
        with pytest.raises(DataError, match="predictions, and no corpus; `validate` and `eval`"):
            imported(path, partition="test")
    # A store of theirs would have no labels, which is told in any case.
    assert imported(source / "p.jsonl", form="jsonl", partition="test").remarks == [
        "no row has a label, neither an intent nor annotated slots"
    ]


def test_one_sentence_for_a_format_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("id,text\n" * 10_000)
    with pytest.raises(DataError) as caught:
        imported(path)
    [problem] = caught.value.problems
    assert problem.found.startswith("in no known format; it begins with 'id,text id,text")
    assert "conll" in str(problem.expected)
    assert str(problem.expected).endswith("tagged or top")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv", "text,label\na,b\n", r"separated by commas, 'text,label.*name annot_utt, or utt"),
        ("x.csv", "text;utt\na;b\n", "separated by semicolons, .*; save it with tabs between"),
        ("x.csv", "text\tlabel\na\tb\n", "separated by tabs, .* must name annot_utt"),
        ("x.tsv", "text\na\n", "a table of one column"),
        ("x.jsonl", '\n{"utt": "a", "s": NaN}\n', r"line 2 is not JSON: .* \(byte 19\)"),
    ],
)
def test_what_a_file_lacks_is_told(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=reason):
        imported(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[\n"x"]', "a JSON list"),
        ('{"text": "x", "label": 1}\n', "without utt and annot_utt; the columns are text, label"),
        ('{\n "model": "x"\n}', "JSON in no known format; rows must be one object per line"),
        (JSON.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"\x00\x01\x02", "neither text"),
        (b"", "holds no data"),
    ],
)
def test_other_contents_have_a_sentence_too(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    if not content:
        (tmp_path / "c").mkdir()
        with pytest.raises(MissingDataError, match=reason):
            imported(tmp_path / "c")
        return
    with pytest.raises(DataError, match=reason):
        imported(corpus(tmp_path / "c", x_dot_jsonl=content))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_usual_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.jsonl").write_bytes((JSON * 1).replace("\n", "\r\n").encode(encoding))
    assert imported(tmp_path / "x.jsonl").store.total_rows == 1
    (tmp_path / "test.txt").write_bytes(LINE.replace("\n", "\r\n").encode(encoding))
    assert annotated(imported(tmp_path / "test.txt", locale="de"), "test", "de-DE") == [
        ("1", "weck um [time : fünf uhr]")
    ]


def test_a_row_that_is_not_utf8_is_told_alone(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE.encode() + LINE.encode("latin-1"))
    with pytest.raises(DataError) as caught:
        imported(source)
    [problem] = caught.value.problems
    assert (problem.line, problem.found[:22]) == (2, "text that is not UTF-8")


def test_rejected_rows_are_kept_as_they_were(tmp_path: Path) -> None:
    bad = "weck um/O fünf/B-time\talarm_set"
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE + bad + "\n" + LINE.upper())
    result = imported(source, skip_bad=True)
    assert result.rejects is not None
    assert f'"row":"{bad.replace(chr(9), chr(92) + "t")}"' in result.rejects.read_text()
    assert result.notes == {"shouted": [f"{source}/de/test.txt:3"]}
    # The bad row keeps its number, so that other languages' ids still go with these.
    assert [name for name, _ in annotated(result, "test", "de-DE")] == ["1", "3"]


def test_commas_between_columns_are_told(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", x_dot_csv="utterance,slot_labels,intent\na,O,b\n")
    with pytest.raises(DataError, match=r"separated by commas, 'utterance,.*save it with tabs"):
        imported(source)


def test_two_formats_at_once_are_refused(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE, x_dot_jsonl=JSON)
    with pytest.raises(DataError, match="files of several formats: JSON lines"):
        imported(source)
    assert imported(source, form="jsonl").formats == {"jsonl": 1}
    assert imported(source, form="tagged").formats == {"tagged": 1}
    with pytest.raises(UsageError, match="no format 'x'; there are apart, "):
        imported(source, form="x")


def test_a_locale_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", test_dot_txt=LINE)
    with pytest.raises(UsageError, match=r"--locale: .*'Japanese' is not a locale code; did you"):
        imported(source, locale="Japanese")


def test_a_cut_off_file_is_told(tmp_path: Path) -> None:
    whole = gzip.compress("".join(LINE.replace("um", f"u{i}") for i in range(9000)).encode())
    source = corpus(tmp_path / "c", de__test_dot_txt_dot_gz=whole[:-20])
    with pytest.raises(DataError, match=r"test\.txt\.gz: the file is broken: "):
        imported(source)


def test_a_format_that_is_forced(tmp_path: Path) -> None:
    source = corpus(tmp_path / "c", de__test_dot_txt=LINE + "what is this", README_dot_md="x")
    with pytest.raises(DataError, match="in no known format"):
        imported(source)
    with pytest.raises(DataError, match=r"test\.txt:2: a word without its tag"):
        imported(source, form="tagged")


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("called", [True, False])
def test_archives_of_any_kind(tmp_path: Path, kind: str, called: bool) -> None:
    path = tmp_path / (f"x.{kind}" if called else "x.bin")
    members = {"de/train.txt": LINE, "de/test.txt": LINE * 2, "__MACOSX/._x": "", "NOTICE": "x"}
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(path, f"w:{kind[4:]}") as tar:  # type: ignore[call-overload]  # any mode
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content.encode())
                tar.addfile(info, io.BytesIO(content.encode()))
    result = imported(path)
    assert result.formats == {"tagged": 2}
    assert list(result.ignored) == [f"{path.name}:NOTICE"]
    assert result.store.total_rows == 3
