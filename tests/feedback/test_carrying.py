"""What was said in one language labels text of another, by ids or by vectors, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from massive_kit.data.derivation import Derived, derive
from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import LabellingRun, UsedResource
from massive_kit.data.parallel_text import check_overlap
from massive_kit.data.pseudo_label import Guess
from massive_kit.data.resources import used_resources
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError
from massive_kit.feedback.carrying import Carrying, Match, Matcher, ParallelIds
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.nearest_texts import NearestTexts
from massive_kit.feedback.rephrased_texts import RephrasedText
from massive_kit.feedback.rephrases import Rephrases
from massive_kit.schema.resources import Resource
from massive_kit.schema.task import load_task

IDS = IdSplit(0.5, 0)
LABELS = UsedResource("target-labels", ("store demo",), None, ("en-US",), IDS)
RUN = LabellingRun("runs/half", (LABELS,), {"run": "runs/half"})


@dataclass(frozen=True)
class Reader:
    """Reads a slot in the first word of each row."""

    slot: str

    def guesses(self, locale: str, rows: pa.Table) -> Sequence[Guess]:
        del locale
        return [
            Guess("nothing", [self.slot, *["Other"] * (len(tokens) - 1)], 1.0)
            for tokens in rows["tokens"].to_pylist()
        ]


def said(store: Store, locale: str) -> list[RephrasedText]:
    """All train texts of a locale, which mean what they mean."""
    rows = DataSplit(store, "train", (locale,)).read(["utt", "tokens", "labels", "intent"])
    return [
        RephrasedText(
            row["utt"],
            Interpretation.of_tokens(row["intent"], row["tokens"], row["labels"], characters=False),
            "confirmed",
            3,
            3,
        )
        for row in rows.to_pylist()
    ]


def carried(store: Store, target: Path, matcher: Matcher, ids: IdSplit | None = IDS) -> Derived:
    transform = Rephrases(
        {"de-DE": said(store, "de-DE")},
        RUN,
        ("en-US",),
        (),
        into=("sw-KE",),
        by="ids",
        parallel_ids=None if ids is None else ids.to_json(),
        carrying=Carrying(matcher, Reader("date")),
    )
    return derive(store, transform, target, name="said")


def test_ids_carry_labels_where_the_run_has_not_learnt_them(
    demo_store: Store, tmp_path: Path
) -> None:
    derived = carried(demo_store, tmp_path / "said", ParallelIds(demo_store, "train", IDS))
    rows = derived.store.read("train", ["sw-KE"]).to_pylist()
    counts = derived.report.facts["languages"]["sw-KE"]
    assert counts["carried"] == len(rows) > 0
    assert counts["matched"] == counts["carried"] + counts["other_slots"] + counts["known"]
    gold = {
        row["id"]: row for row in demo_store.read("train", ["sw-KE"], ["id", "intent"]).to_pylist()
    }
    for row in rows:
        origin = row["id"].removesuffix("-said")
        assert IDS.holds(origin)
        assert row["intent"] == gold[origin]["intent"]
        slots = [slot for slot in row["labels"] if slot != "Other"]
        # The run's own reading where a value is not in the words, if the slots are the same.
        assert slots in ([], ["date"]) or len(slots) > 0
    # No label of these ids is left in the language that the run has learnt.
    english = derived.store.read("train", ["en-US"], ["id"])["id"].to_pylist()
    assert english
    assert not any(IDS.holds(name) for name in english)
    lines = (derived.store.path / "confidences.tsv").read_text(encoding="utf-8").splitlines()
    assert sum("carried from de-DE" in line for line in lines) == len(rows)


def test_what_was_carried_by_ids_is_parallel_text(demo_store: Store, tmp_path: Path) -> None:
    store = carried(demo_store, tmp_path / "said", ParallelIds(demo_store, "train", IDS)).store
    assert store.lineage is not None
    used = [*store.lineage.used("said")]
    assert {one.resource for one in used} == {
        "unlabelled-text",
        "feedback",
        "parallel-text",
        "target-labels",
    }
    (pairs,) = (one for one in used if one.resource == "parallel-text")
    assert pairs.ids == IDS
    data = lay_task(load_task("demo-zeroshot-open"), demo_store, train_store=store)
    chain = (*used_resources(data), *used)
    check_overlap(chain, data.train)
    # A base that has learnt the labels of these ids is refused.
    base = replace(LABELS, by=("run runs/all",), ids=None)
    with pytest.raises(ConfigError, match="in pairs lend their labels"):
        check_overlap((*chain, base), data.train)


@dataclass(frozen=True)
class Everything:
    """Every text means the first row."""

    resource: Resource | None = None

    def matches(
        self, locale: str, texts: Sequence[str], target: str, rows: pa.Table
    ) -> Iterator[Match]:
        del locale, target, rows
        yield from (Match(place, 0, 0.5 + place / 1_000) for place in range(len(texts)))


def test_of_several_texts_the_surest_speaks(demo_store: Store, tmp_path: Path) -> None:
    derived = carried(demo_store, tmp_path / "said", Everything(), None)
    counts = derived.report.facts["languages"]["sw-KE"]
    assert (counts["matched"], counts["carried"] + counts["other_slots"]) == (1, 1)
    assert derived.store.lineage is not None
    assert "parallel-text" not in {one.resource for one in derived.store.lineage.used("said")}
    rows = demo_store.rows("train", ["en-US"])
    assert derived.store.rows("train", ["en-US"]) == rows


@dataclass(frozen=True)
class Lengths:
    """Vectors that say how long a text is."""

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.array([len(text) for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_nearest_texts_are_nearest_to_each_other() -> None:
    rows = pa.table({"utt": ["abcd", "ab", "abc", "abcde"]})
    matcher = NearestTexts(Lengths(), 0.5)  # type: ignore[arg-type]  # all that it is asked for
    texts = ["xxx", "xx", "xxxx", "xxxxx"]
    matches = {match.text: match.row for match in matcher.matches("de-DE", texts, "sw-KE", rows)}
    assert matches == {0: 2, 1: 1, 2: 0, 3: 3}
    # Of two that are the same, one is nearest to nothing.
    twice = [*matcher.matches("de-DE", [*texts, "xx"], "sw-KE", rows)]
    assert 4 not in {match.text for match in twice}
    far = NearestTexts(Lengths(), 1.0)  # type: ignore[arg-type]  # as above
    assert not [*far.matches("de-DE", [], "sw-KE", rows)]
