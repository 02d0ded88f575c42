"""Inflection tables: what differs between two forms, and where an utterance allows which."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from massive_kit.data.morphology.features import CHANGES, change_between, features_of
from massive_kit.data.morphology.files import morphology_files
from massive_kit.data.morphology.inflecting import inflections
from massive_kit.data.morphology.paradigms import Paradigms
from massive_kit.data.rewriting import Phrase
from massive_kit.errors import DataError, MissingDataError, UsageError

TABLE = """\
spille\tspill\tV;IMP
spille\tspiller\tV;IND;PRS

ga\tgib\tV;IMP;2;SG
ga\tgebt\tV;2;PL;IMP
ga\tgeben\tV;NFIN\textra
Haus\tHaus\tN;NOM/ACC;SG
Haus\tHauses\tN;GEN;SG
Haus\tHäuser\tN;NOM;PL
Haus\tim Haus\tN;DAT;SG
"""


@pytest.fixture
def paradigms(tmp_path: Path) -> Paradigms:
    path = tmp_path / "de-DE.tsv.gz"
    path.write_bytes(gzip.compress(TABLE.encode()))
    return Paradigms.read(path)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("V;IMP;2;SG", "V;2;PL;IMP", "imperative"),
        ("V;2;SG;IMP;MASC", "V;2;SG;IMP;FEM", "imperative"),
        ("V;IMP;2;SG;INFM", "V;IMP;2;SG;POL", "imperative"),
        ("V;IMP;2;SG", "V;IMP;1;PL", None),
        ("V;POS;IMP;2;SG", "V;NEG;IMP;2;SG", None),
        ("V;IMP", "V;NFIN", "mood"),
        ("V;NFIN", "V;IMP;2;SG", "mood"),
        ("V;NFIN", "V;IMP;2;PL", None),
        ("V;NFIN", "V;IMP;2;SG;FEM", None),
        ("V;IMP;2;SG", "V;IND;PRS;2;SG", None),
        ("N;MASC;SG", "N;FEM+MASC;INDF;PL", "number"),
        ("N", "N;PL", "number"),
        ("N;DEF;MASC", "N;DEF;PL", "number"),
        ("N;DEF;SG", "N;INDF;PL", None),
        ("N;NOM/ACC;SG", "N;GEN/DAT;SG", "case"),
        ("N;NOM/ACC;SG", "N;ACC;SG", None),
        ("N;NOM;SG", "N;GEN;PL", None),
        ("N;SG;PSSD", "N;PL;PSSD", "number"),
        ("N;SG", "N;GEN;SG", None),
        ("ADJ;SG", "ADJ;PL", None),
        ("V;IMP", "N;SG", None),
    ],
)
def test_by_what_two_forms_differ(before: str, after: str, change: str | None) -> None:
    assert change_between(features_of(before), features_of(after)) == change


def test_a_table(paradigms: Paradigms) -> None:
    assert [(v.after.form, v.change) for v in paradigms.variants("Gib")] == [
        ("gebt", "imperative"),
        ("geben", "mood"),
    ]
    assert [(v.after.form, v.change) for v in paradigms.variants("HAUS")] == [
        ("Hauses", "case"),
        ("Häuser", "number"),
    ]
    # The citation form of Norwegian is the infinitive, which its table does not hold.
    assert [v.after.form for v in paradigms.variants("spill")] == ["spille"]
    assert [v.after.form for v in paradigms.variants("spille")] == ["spill"]
    assert paradigms.variants("nichts") == ()
    assert paradigms.is_verb("spiller")
    assert not paradigms.is_verb("Haus")


def test_all_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\tb\na\t\tV\n\xff\tb\tV\na\tb\t;;\na\tb\tV;IMP\n")
    with pytest.raises(DataError) as caught:
        Paradigms.read(path)
    assert [(problem.line, problem.found) for problem in caught.value.problems] == [
        (1, "2 columns"),
        (2, "an empty column"),
        (3, "text that is not UTF-8"),
        (4, "features ';;'"),
    ]
    path.write_bytes(b"\n")
    with pytest.raises(DataError, match="no line"):
        Paradigms.read(path)
    with pytest.raises(MissingDataError):
        Paradigms.read(tmp_path / "y")


def changed(paradigms: Paradigms, *phrases: Phrase) -> list[str]:
    return [
        " ".join(word for phrase in inflection.applied(phrases) for word in phrase.words)
        for inflection in inflections(phrases, paradigms, CHANGES, never=("person",))
    ]


def test_the_first_verb_and_words_in_slots(paradigms: Paradigms) -> None:
    row = [Phrase(("bitte", "Gib", "spill")), Phrase(("haus",), "place"), Phrase(("haus",))]
    assert changed(paradigms, *row) == [
        "bitte Gebt spill haus haus",
        "bitte Geben spill haus haus",
        "bitte Gib spill hauses haus",
        "bitte Gib spill häuser haus",
    ]
    assert changed(paradigms, Phrase(("Haus",), "person")) == []
    # An infinitive is a request where it comes first, and not after a modal.
    assert changed(paradigms, Phrase(("geben", "x"))) == ["gib x"]
    assert changed(paradigms, Phrase(("muss", "geben"))) == []


def test_files_by_name(tmp_path: Path) -> None:
    for name in ("nb-NO.tsv.gz", "de", "README.md"):
        (tmp_path / name).write_text("x")
    locales = ("de-DE", "nb-NO", "fi-FI")
    files = morphology_files([str(tmp_path)], locales)
    assert [(locale, path.name) for locale, path in files.items()] == [
        ("de-DE", "de"),
        ("nb-NO", "nb-NO.tsv.gz"),
    ]
    assert [*morphology_files([f"fin={tmp_path / 'README.md'}"], locales)] == ["fi-FI"]
    (tmp_path / "e").mkdir()
    names = [f"{tmp_path}/de", f"de={tmp_path}/README.md", f"{tmp_path}/README.md", "x", "e"]
    names[-1] = f"{tmp_path}/e"
    with pytest.raises(UsageError) as caught:
        morphology_files(names, locales)
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "README.md and de are both of de-DE; README.md is of none of the locales here; put the one"
        " that is meant before it: de-DE=README.md; x not found; e holds no table of de-DE, nb-NO,"
        " fi-FI"
    )
    with pytest.raises(UsageError, match="name files with --morphology"):
        morphology_files([], locales)
