"""Dictionaries keep several translations, entries of several words, and the case they have."""

from __future__ import annotations

import gzip
import unicodedata
import zipfile
from pathlib import Path

import pytest

from massive_kit.data.lexicons.coverage import TextWords
from massive_kit.data.lexicons.files import lexicon_files, read_lemmas
from massive_kit.data.lexicons.lexicon import Entry, Lexicon
from massive_kit.errors import DataError, MissingDataError, UsageError


def read(path: Path | str, source: str = "en-US") -> Lexicon:
    (file,) = lexicon_files([str(path)], source)
    return file.read()


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_columns_with_tabs(tmp_path: Path) -> None:
    text = "\ufeffalarm\tWecker\tx\nalarm\tAlarm\nwake up\taufwachen\n\nPolish\tpolnisch\r\n"
    lexicon = read(write(tmp_path / "en-de.tsv", text + "polish\tpolieren\npolish\tpolieren"))
    assert (lexicon.source, lexicon.target, lexicon.name) == ("en-US", "de-DE", "en-de.tsv")
    assert lexicon.translations("alarm") == ("Wecker", "Alarm")
    assert lexicon.translations("Polish") == ("polnisch",)
    assert lexicon.translations("polish") == ("polieren",)
    assert lexicon.translations("POLISH") == ("polnisch", "polieren")
    assert lexicon.translations("wake") == ()
    words = ["please", "wake", "up", "alarm"]
    assert list(lexicon.longest_entries(words)) == [
        Entry(0, 1, ()),
        Entry(1, 3, ("aufwachen",)),
        Entry(3, 4, ("Wecker", "Alarm")),
    ]


def test_words_that_are_not_in_nfc_have_the_entry_that_coverage_counts(tmp_path: Path) -> None:
    lexicon = read(write(tmp_path / "vi-en.tsv", "phát nhạc\tplay music\nphát\tplay"), "vi-VN")
    words = unicodedata.normalize("NFD", "Phát nhạc").split()
    assert TextWords.of([words]).coverage(lexicon).entries == 2
    assert lexicon.entry_at(words, 0) == Entry(0, 2, ("play music",))
    assert lexicon.translations(words[0]) == ("play",)


def test_columns_with_white_space_packed(tmp_path: Path) -> None:
    path = write(tmp_path / "en-fr.0-5000.txt.gz", gzip.compress(b"the le\nthe la\n"))
    assert read(path).translations("the") == ("le", "la")


@pytest.mark.parametrize(
    ("forwards", "backwards", "others", "is_refused"),
    [
        (0, 9, 0, False),
        (0, 10, 0, True),
        (10, 20, 0, False),
        (10, 21, 0, True),
        # Words that happen to be written alike are a small share.
        (0, 10, 191, False),
        (0, 10, 190, True),
    ],
)
def test_a_dictionary_of_the_other_direction_is_refused(
    forwards: int, backwards: int, others: int, is_refused: bool, tmp_path: Path
) -> None:
    wanted = [f"word{number}" for number in range(30)]
    lines = [f"{word}\twort\n" for word in wanted[:forwards]]
    # Spaces of any kind around a word are none of it.
    lines += [f"wort\t{word}\u00a0\n" for word in wanted[:backwards]]
    lines += ["wort\tanderes\n"] * others
    (file,) = lexicon_files([str(write(tmp_path / "en-de.tsv", "".join(lines)))], "en-US")
    assert len(file.read().entries) == forwards + 1
    if not is_refused:
        assert len(file.read(wanted).entries) == forwards
        return
    with pytest.raises(DataError) as caught:
        file.read(wanted)
    (problem,) = caught.value.problems
    assert problem.found == (
        f"{backwards} of its pairs translate into a word of the en-US text, and only {forwards}"
        " from one"
    )


def test_all_mistakes_are_told(tmp_path: Path) -> None:
    lines = b"a\tb\none two three\nsolo\n\t\tx\n\xff\tb\na\tb\x1bc\n"
    with pytest.raises(DataError) as caught:
        read(write(tmp_path / "en-de.tsv", lines))
    told = [(problem.line, problem.found) for problem in caught.value.problems]
    assert told == [
        (2, "3 words without a tab"),
        (3, "1 word without a tab"),
        (4, "an empty column"),
        (5, "text that is not UTF-8"),
        (6, "a control character"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x1f\x8b\x08broken", "gzip"),
        (b"x" * 70_000, "a line of more than"),
        (gzip.compress(b"x" * 70_000 + b"\n"), "a line of more than"),
        (b"<TEI><entry>", "no element found"),
        (b"<TEI/>", "no `entry`"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><TEI/>', "a declaration of an entity"),
        (b"<a>" * 200, "elements 100 deep"),
    ],
)
def test_what_may_be_meant_to_harm(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / "en-de.txt", content))


TEI = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE TEI SYSTEM "freedict-P5.dtd">
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body>
<entry><form><orth>wake up</orth><orth>awake</orth></form>
<sense><cit type="trans"><quote>aufwachen</quote></cit>
<cit type="trans"><quote>erwachen <emph>geh</emph></quote></cit>
<cit type="example"><quote>I wake up.</quote><cit type="trans"><quote>Ich wache.</quote></cit></cit>
</sense></entry>
<entry><form><orth>empty</orth></form></entry>
<entry><form><orth>old</orth></form><trans><tr>alt</tr></trans></entry>
</body></text></TEI>"""


def test_freedict(tmp_path: Path) -> None:
    lexicon = read(write(tmp_path / "eng-deu.tei", TEI))
    assert lexicon.target == "de-DE"
    assert lexicon.entries == {
        "wake up": ("aufwachen", "erwachen geh"),
        "awake": ("aufwachen", "erwachen geh"),
        "old": ("alt",),
    }


PANLEX = {
    "langvar.csv": "id,lang_code,var_code\n1,eng,0\n2,deu,0\n3,fra,4\n4,deu,1\n",
    "expr.csv": "id,langvar,txt\n10,1,dog\n20,2,Hund\n21,2,Köter\n30,3,chien\n31,4,Hond\n",
    "denotation.csv": "meaning,expr\n5,10\n5,20\n6,10\n6,21\n7,10\n7,21\n6,30\n6,31\n",
}


def panlex(folder: Path, **changed: str) -> Path:
    folder.mkdir()
    for name, text in PANLEX.items():
        write(folder / name, changed.get(name.partition(".")[0], text))
    return folder


def test_panlex(tmp_path: Path) -> None:
    folder = panlex(tmp_path / "export")
    assert read(f"de-DE={folder}").entries == {"dog": ("Köter", "Hund")}
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"panlex-20990101-csv/{file.name}")
    (packed,) = lexicon_files([f"fr={tmp_path / 'p.zip'}"], "en-US")
    assert (packed.target, packed.read().entries) == ("fr-FR", {"dog": ("chien",)})


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("expr", "id,txt\n", "columns id, txt; expected langvar"),
        ("expr", "id,langvar,txt\n1\n", "1 cells in line 2"),
        ("langvar", "id,lang_code,var_code\n1,eng,0\n", "no variety of the language of de-DE"),
        ("denotation", 'meaning,expr\n"' + "x" * 70_000, "field larger than"),
    ],
)
def test_broken_panlex(tmp_path: Path, table: str, text: str, message: str) -> None:
    folder = panlex(tmp_path / "export", **{table: text})
    with pytest.raises(DataError, match=message):
        read(f"de-DE={folder}")


def test_languages_by_name(tmp_path: Path) -> None:
    names = ("de-DE.tsv.gz", "en-ja.txt", "README.md", "english_lemmas.tsv.gz", "en-US.tsv")
    for name in names:
        write(tmp_path / name, "a\tb\n")
    files = lexicon_files([str(tmp_path)], "en-US")
    assert [(file.target, file.path.name) for file in files] == [
        ("de-DE", "de-DE.tsv.gz"),
        ("ja-JP", "en-ja.txt"),
    ]
    named = lexicon_files([f"sw={tmp_path / 'english_lemmas.tsv.gz'}"], "en-US")
    assert named[0].target == "sw-KE"
    # A locale that no table knows is taken at its word.
    assert lexicon_files([f"qu-PE={tmp_path / 'en-ja.txt'}"], "en-US")[0].target == "qu-PE"


def test_all_wrong_names_are_told(tmp_path: Path) -> None:
    for name in ("de-DE.tsv", "en-de.txt", "en-zh.txt", "fr-de.txt", "words.txt", "de-en.txt"):
        write(tmp_path / name, "a\tb\n")
    (tmp_path / "none").mkdir()
    names = ["de-DE.tsv", "en-de.txt", "en-zh.txt", "fr-de.txt", "words.txt", "gone.txt", "none"]
    with pytest.raises(MissingDataError) as caught:
        lexicon_files([str(tmp_path / name) for name in names], "en-US")
    told = str(caught.value).replace(f"{tmp_path}/", "")
    assert told == (
        "en-de.txt and de-DE.tsv are both of de-DE; 'zh' can be more than one locale; put the one"
        " that is meant before the file; fr-de.txt is of fr-FR, and the rows of en-US; words.txt"
        " says no language; put it before: de-DE=words.txt; gone.txt not found; none holds no"
        " lexicon such as de-DE.tsv.gz or en-de.txt"
    )
    with pytest.raises(UsageError, match="no lexicon; name files with --lexicon"):
        lexicon_files([], "en-US")


def test_only_what_is_wanted(tmp_path: Path) -> None:
    path = write(tmp_path / "en-de.txt", "Dog Hund\ncat Katze\n")
    (file,) = lexicon_files([str(path)], "en-US")
    assert file.read({"dog"}).entries == {"Dog": ("Hund",)}
    assert len(file.sha256) == 64


def test_lemmas(tmp_path: Path) -> None:
    assert read_lemmas(write(tmp_path / "l.tsv", "alarms\talarm\n")) == {"alarms": "alarm"}
    with pytest.raises(DataError, match="no line"):
        read_lemmas(write(tmp_path / "l.tsv", ""))
    with pytest.raises(MissingDataError, match="not found"):
        read_lemmas(tmp_path / "gone.tsv")
