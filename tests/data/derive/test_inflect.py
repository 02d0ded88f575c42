"""Variants of utterances: one word in another form, labels kept, and what was changed is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import Derived, derive
from massive_kit.data.derive.inflect import LIST, Inflect
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from tests.data.hand_made import annotated_by_id, made_store, written

GERMAN = {
    "1": ("alarm_set", "stell einen wecker"),
    "2": ("play_music", "spiel [song_name : lied] von [person : wolf]"),
    "3": ("alarm_set", "[date : morgen]"),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return made_store(tmp_path / "made", {"de-DE": GERMAN, "en-US": GERMAN})


@pytest.fixture
def table(tmp_path: Path) -> str:
    lines = ("stellen\tstell\tV;IMP;2;SG", "stellen\tstellt\tV;IMP;2;PL", "Lied\tLied\tN;NOM;SG")
    more = ("Lied\tLieder\tN;NOM;PL", "Wolf\tWolf\tN;NOM;SG", "Wolf\tWölfe\tN;NOM;PL")
    return str(written(tmp_path / "deu", *lines, *more))


def inflected(store: Store, folder: Path, table: str, **parameters: Any) -> Derived:
    return derive(store, Inflect(morphology=(table,), **parameters), folder / "out", name="out")


def test_variants_with_what_was_changed(store: Store, table: str, tmp_path: Path) -> None:
    derived = inflected(store, tmp_path, table, changes=("imperative", "number"))
    assert annotated_by_id(derived.store, "de-DE") == {
        **{name: text for name, (_, text) in GERMAN.items()},
        "1-inflect": "stellt einen wecker",
        "2-inflect": "spiel [song_name : lieder] von [person : wolf]",
    }
    assert annotated_by_id(derived.store, "en-US") == annotated_by_id(store, "en-US")
    lines = (derived.store.path / LIST).read_text().splitlines()
    assert lines[1:] == [
        "de-DE\ttrain\t1-inflect\tstell\tstellt\timperative\tstellen\tV;IMP;2;SG\tV;IMP;2;PL",
        "de-DE\ttrain\t2-inflect\tlied\tLieder\tnumber\tLied\tN;NOM;SG\tN;NOM;PL",
    ]
    counts = derived.report.facts["languages"]["de-DE"]
    assert (counts["rows"], counts["rows_inflected"], counts["number"]) == (3, 2, 1)
    lineage = derived.store.lineage
    assert lineage is not None
    assert lineage.resources == ("morphology",)
    assert lineage.parameters["morphology"][0]["name"] == "deu"


def test_choices(store: Store, table: str, tmp_path: Path) -> None:
    only = inflected(store, tmp_path, table, changes=("number",), never=(), originals=False)
    assert [*annotated_by_id(only.store, "de-DE")] == ["2-inflect"]
    both = inflected(store, tmp_path, table, variants=5, never=(), originals=False)
    assert [*annotated_by_id(both.store, "de-DE")] == [
        *("1-inflect1", "1-inflect2", "2-inflect1", "2-inflect2")
    ]
    with pytest.raises(UsageError, match="--change x; there are imperative, mood, number, case"):
        inflected(store, tmp_path, table, changes=("x",))
    with pytest.raises(UsageError, match="--variants 0 is not positive"):
        inflected(store, tmp_path, table, variants=0)
