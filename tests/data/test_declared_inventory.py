"""Labels that somebody declares: read from what people have, with every mistake told at once."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.declared_inventory import declared_inventory
from massive_kit.data.demo import open_demo
from massive_kit.data.home import stores
from massive_kit.data.intake.importing import import_data
from massive_kit.data.inventory import Inventory
from massive_kit.errors import ConfigError, MissingDataError
from tests.data.held_out_corpus import TRAIN, write_rows

LABELS = Inventory(("play", "alarm_set"), ("SL:TIME", "artist"), {"alarm_set": "alarm"}, "brackets")
FILES = {
    "as to_json": {
        "l.json": json.dumps(LABELS.to_json()),
    },
    "the index of a store": {
        "store.json": json.dumps({"format": 1, "parts": {}, "inventory": LABELS.to_json()})
    },
    "YAML": {
        "l.yaml": "intents: {play: null, alarm_set: alarm}\nslots: ['SL:TIME', artist]\n"
        "scheme: brackets\n"
    },
    "YAML in one line": {
        "l.yaml": "{intents: {play: , alarm_set: alarm}, slots: ['SL:TIME', artist],"
        " scheme: brackets}"
    },
    "with a byte order mark": {"l.json": "\ufeff" + json.dumps(LABELS.to_json())},
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / next(iter(files))


@pytest.mark.parametrize("name", FILES)
def test_a_file_declares_labels_in_its_order(name: str, tmp_path: Path) -> None:
    declared = declared_inventory(str(written(tmp_path, FILES[name])))
    assert declared.inventory == replace(LABELS, scheme="runs")
    assert declared.scheme == "brackets"
    assert declared.of_corpus(Inventory((), (), {})) == LABELS


@pytest.mark.parametrize("given", ["massive", "massive.intents", "massive.slots"])
def test_the_maps_of_the_original(given: str, tmp_path: Path) -> None:
    intents = {"1": "alarm_set", "0": "play"}
    slots = {"0": "time", "1": "Other", "2": "artist"}
    files = {"massive.intents": json.dumps(intents), "massive.slots": json.dumps(slots)}
    written(tmp_path, files)
    declared = declared_inventory(str(tmp_path / given))
    assert declared.inventory == Inventory(("play", "alarm_set"), ("time", "artist"), {})
    assert declared.scheme is None
    both = {"intents": intents, "slots": slots}
    file = written(tmp_path, {"both.json": json.dumps(both)})
    assert declared_inventory(str(file)).inventory == declared.inventory


def test_lists_leave_scenarios_and_scheme_to_the_data(tmp_path: Path) -> None:
    file = written(tmp_path, {"l.yml": "intents: [play, alarm_set]\nslots: [artist]\n"})
    corpus = Inventory(("alarm_set",), (), {"alarm_set": "alarm"}, "brackets")
    labels = declared_inventory(str(file)).of_corpus(corpus)
    assert labels == Inventory(
        ("play", "alarm_set"), ("artist",), {"alarm_set": "alarm"}, "brackets"
    )


def test_massive_and_stores_by_name(tmp_path: Path) -> None:
    assert declared_inventory("massive").inventory == Inventory.massive()
    assert declared_inventory("demo").inventory == open_demo().inventory
    store = import_data(write_rows(tmp_path / "train.jsonl", TRAIN), stores() / "tr", name="tr")
    for name in ("tr", str(store.path), str(store.path / "store.json")):
        declared = declared_inventory(name)
        assert declared.of_corpus(Inventory((), (), {})) == store.inventory
    with pytest.raises(MissingDataError, match=r"did you mean 'massive'"):
        declared_inventory("masive")
    with pytest.raises(MissingDataError, match=r"labels\.yaml"):
        declared_inventory("labels.yaml")


def test_several_are_joined_in_their_order(tmp_path: Path) -> None:
    files = {
        "a.yaml": "intents: {z: s, a: null}\nslots: [t]",
        "b.yaml": "intents: {m: null, a: q}\nslots: [r, t]\nscheme: brackets",
        "c.yaml": "intents: {z: other}\nslots: []\nscheme: runs",
    }
    written(tmp_path, files)
    first, second, third = (str(tmp_path / name) for name in files)
    declared = declared_inventory([first, second])
    assert declared.inventory == Inventory(("z", "a", "m"), ("t", "r"), {"z": "s", "a": "q"})
    assert declared.scheme == "brackets"
    with pytest.raises(ConfigError, match="do not fit together") as caught:
        declared_inventory([first, second, third])
    text = str(caught.value)
    assert "the scenario of 'z' is 'other'; expected 's' as before" in text
    assert "the span schemes brackets and runs" in text


WRONG = {
    "a key of another name": ("intent: [a]\nslots: []", ["unknown key 'intent'", "did you mean"]),
    "no slots": ("intents: [a]", ["the key 'slots' is missing"]),
    "what YAML reads as truth": ("intents: [on, play]\nslots: []", ["holds True", "in quotes"]),
    "a number": ("intents: [a]\nslots: [5]", ["slots holds 5"]),
    "a label twice": ("intents: [a, b, a]\nslots: [t, t]", ["holds 'a' twice", "holds 't' twice"]),
    "a name the notation cannot hold": ("intents: [a]\nslots: ['x[y', ' t']", ["'x[y'", "' t'"]),
    "text": ("intents: play\nslots: {a: b}", ["intents is 'play'", "slots is {'a': 'b'}"]),
    "a scheme of its own": ("intents: []\nslots: []\nscheme: IOB", ["runs, brackets"]),
    "a scenario that is a list": ("intents: {a: [b]}\nslots: []", ["the scenario of 'a'"]),
    "a gap in a map": ('{"intents": {"0": "a", "2": "b"}, "slots": []}', ["not 0, 1, 2"]),
    "one map alone": ('{"0": "a", "1": "b"}', ["unknown key '0'", "'intents' is missing"]),
    "a key twice": ('{"intents": ["a"],\n"intents": [], "slots": []}', ["twice"]),
    "a list": ("[a, b]", ["a list"]),
    "no text": ("", ["nothing in it"]),
    "deep": ("[" * 5000, ["deep"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_mistake_of_a_file_is_told(name: str, tmp_path: Path) -> None:
    text, words = WRONG[name]
    file = written(tmp_path, {"labels.yaml": text})
    with pytest.raises(ConfigError) as caught:
        declared_inventory(str(file))
    for word in (*words, "labels.yaml"):
        assert word in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["intents", "slots", "scheme", "slot"]), VALUES)
    | st.dictionaries(st.integers(0, 3).map(str), VALUES),
    st.booleans(),
)
def test_any_values_are_an_inventory_or_refused(values: dict[str, Any], as_yaml: bool) -> None:
    text = yaml.safe_dump(values) if as_yaml else json.dumps(values)
    declared = None
    with tempfile.TemporaryDirectory() as folder, suppress(ConfigError):
        declared = declared_inventory(str(written(Path(folder), {"l.yaml": text})))
    if declared is None:
        return
    inventory = declared.of_corpus(Inventory((), (), {}))
    assert Inventory.from_json(inventory.to_json()) == inventory
    assert len(set(inventory.labels)) == len(inventory.labels)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    with file.open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(ConfigError, match="too large"):
        declared_inventory(str(file))
