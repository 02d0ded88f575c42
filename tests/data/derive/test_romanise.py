"""Utterances in Latin letters: labels and tokens stay, the program stands in the lineage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.romanise import Romanise
from massive_kit.data.romanising import Romaniser
from massive_kit.data.store import Store
from massive_kit.data.tokens import split
from massive_kit.errors import MissingDataError, MissingExtraError
from tests.data.hand_made import made_store

TABLE = {"ነ": "na", "ገ": "ga", "音": "yin", "量": "liang", "十": "1 0", "ー": "", "ß": "ss"}


class Letters:
    """Writes the letters that it knows."""

    def __init__(self) -> None:
        self.codes: set[str | None] = set()

    def romanize_string(self, s: str, lcode: str | None = None) -> str:
        self.codes.add(lcode)
        return "".join(TABLE.get(letter, letter) for letter in s)


@pytest.fixture
def romaniser() -> Romaniser:
    return Romaniser("letters 1", Letters())


def test_a_token_stays_one_token(romaniser: Romaniser) -> None:
    # A number that is written with a space, a mark that is written with nothing, and signs.
    tokens = ["olly", "ነገ", "十", "ー", "Straße", "é", "。"]
    expected = ["olly", "naga", "10", "ー", "Straße", "é", "。"]
    for characters in (False, True):
        assert romaniser.tokens(tokens, "am-ET", characters=characters) == expected


def test_a_language_is_named_as_romanisers_name_it(romaniser: Romaniser) -> None:
    for locale in ("fa-IR", "am-ET", "qaa"):
        romaniser.tokens(["ነ"], locale, characters=False)
        romaniser.tokens(["ገ"], locale, characters=False)
    assert isinstance(romaniser.program, Letters)
    assert romaniser.program.codes == {"fas", "amh", "qaa"}


def test_annotation_stays(romaniser: Romaniser, tmp_path: Path) -> None:
    rows = {
        "am-ET": {"1": ("alarm_set", "[date : ነገ] [date : ነ ገ] ok")},
        "ja-JP": {"1": ("play_music", "olly [song_name : 音量]。")},
        "de-DE": {"1": ("play_music", "laß [song_name : es]")},
    }
    store = made_store(tmp_path, rows, scheme="brackets")
    derived = derive(store, Romanise(romaniser=romaniser), tmp_path / "out", name="out")
    made = {locale: derived.store.read("train", [locale]).to_pylist()[0] for locale in rows}
    assert made["am-ET"]["annot_utt"] == "[date : naga] [date : na ga] ok"
    assert made["ja-JP"]["utt"] == "olly yin liang 。"
    assert made["de-DE"]["utt"] == "laß es"
    for locale, row in made.items():
        (before,) = store.read("train", [locale]).to_pylist()
        for kept in ("id", "intent", "labels", "boundaries", "slot_method", "judgments"):
            assert row[kept] == before[kept]
        assert split(row["utt"], characters=locale == "ja-JP") == row["tokens"]
    facts = derived.report.facts["languages"]
    assert facts["am-ET"] == {"tokens": 4, "romanised": 3, "distinct": 4, "distinct_after": 4}
    assert facts["de-DE"]["romanised"] == 0


def test_the_program_stands_in_the_lineage_and_is_no_resource(
    romaniser: Romaniser, demo_store: Store, tmp_path: Path
) -> None:
    derived = derive(
        demo_store,
        Romanise(("test",), romaniser),
        tmp_path / "out",
        name="out",
        locales=["am-ET", "ja-JP"],
    ).store
    lineage = Store.open(derived.path).lineage
    assert lineage is not None
    assert (lineage.software, lineage.resources) == (("letters 1",), ())
    assert "through letters 1" in lineage.lines()[0]
    same = ("train", ["am-ET"])
    assert derived.content_hash(*same) == demo_store.content_hash(*same)
    for locale in ("am-ET", "ja-JP"):
        old, new = (store.read("test", [locale]) for store in (demo_store, derived))
        assert new.column("labels") == old.column("labels")
        lengths = [[len(row) for row in part.column("tokens").to_pylist()] for part in (old, new)]
        assert lengths[0] == lengths[1]
    with pytest.raises(MissingDataError, match="no partition heldout"):
        Romanise(("heldout",), romaniser).derivation([demo_store], ["am-ET"])


def test_without_uroman_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uroman", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'massive-kit\[romanise\]'"):
        Romanise()


@pytest.mark.slow
def test_uroman_itself() -> None:
    pytest.importorskip("uroman")
    romaniser: Any = Romaniser.uroman()
    assert romaniser.name.startswith("uroman 1.")
    written = romaniser.tokens(["ፕለይ", "ปลุก", "Über", "7"], "am-ET", characters=False)
    assert written[1:] == ["pluk", "Über", "7"]
    assert written[0].isascii()
    assert romaniser.tokens([*"音量"], "ja-JP", characters=True) == ["yin", "liang"]
