"""What labels mean: each of MASSIVE's has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.demo import open_demo
from massive_kit.data.inventory import Inventory
from massive_kit.errors import ConfigError
from massive_kit.schema.label_descriptions import load_label_descriptions


def test_every_label_of_massive_has_a_line_and_no_other() -> None:
    massive, lines = Inventory.massive(), load_label_descriptions()
    assert tuple(lines.intents) == massive.intents
    assert tuple(lines.slots) == massive.slots
    described = [*lines.intents.values(), *lines.slots.values()]
    assert len({*described}) == len(described)
    # A prompt holds all of them.
    assert max(map(len, described)) <= 120
    assert all(not line.endswith(".") and "|" not in line for line in described)


def test_those_of_a_corpus_are_taken_in_its_order() -> None:
    demo = open_demo().inventory
    lines = load_label_descriptions().of(demo.intents, [*demo.slots, "no such slot"])
    assert [*lines.intents] == [name for name in demo.intents if name in lines.intents]
    assert "no such slot" not in lines.slots


def test_a_wrong_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data_cards"
    folder.mkdir()
    monkeypatch.setenv("MASSIVE_KIT_ROOT", str(tmp_path))
    (folder / "labels.yaml").write_text("intents: {alarm_set: 5}\nslot: {}\n")
    with pytest.raises(ConfigError) as caught:
        load_label_descriptions()
    assert "did you mean 'slots'?" in str(caught.value)
    assert "intents.alarm_set is 5" in str(caught.value)
    (folder / "labels.yaml").write_text("intents:\n  alarm_set: >\n    Sets an\n    alarm\n")
    assert load_label_descriptions().intents == {"alarm_set": "Sets an alarm"}
