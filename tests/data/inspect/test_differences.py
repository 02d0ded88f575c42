"""How two stores differ."""

from __future__ import annotations

from pathlib import Path

from massive_kit.data.inspect.differences import compare_stores
from tests.data.inspect.small_store import TEXTS, store_of


def test_differences(tmp_path: Path) -> None:
    a = store_of(tmp_path / "a")
    assert compare_stores(a, store_of(tmp_path / "b")) == []
    texts = [TEXTS[1], TEXTS[0], ("3", "test", "wake [person : bob]", "play_music")]
    texts += [("9", "test", "x", "alarm_set"), ("9", "dev", "x", "alarm_set")]
    parts = {part.partition: part for part in compare_stores(a, store_of(tmp_path / "c", texts))}
    assert parts["train"].moved
    assert parts["train"].changed == {}
    assert parts["test"].only_b == ("9",)
    assert parts["test"].changed == dict.fromkeys(("utt", "annot_utt", "tokens"), ("3",))
    assert parts["dev"].only_b == ("9",)
    assert parts["dev"].to_json()["only_b"] == {"count": 1, "ids": ["9"]}
