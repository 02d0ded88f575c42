"""The accuracy gate: which locales fall, and what is lost."""

from __future__ import annotations

from massive_kit.exports.onnx.gate import GateLimits, GateResult, GateSample, Reading
from massive_kit.systems.interface import Utterance

RIGHT: Reading = ("alarm_set", ("Other", "time"))
WRONG: Reading = ("alarm_set", ("Other", "Other"))
OTHER: Reading = ("play_music", ("Other", "Other"))


def result(
    limits: GateLimits, *locales: tuple[str, bool, list[tuple[Reading, Reading]]]
) -> GateResult:
    """Of locales with or without labels, each row as the run and the export read it."""
    rows = [(name, labelled, pair) for name, labelled, pairs in locales for pair in pairs]
    sample = GateSample(
        tuple(Utterance(str(i), name, "at 5", ["at", "5"]) for i, (name, _, _) in enumerate(rows)),
        tuple(RIGHT if labelled else None for _, labelled, _ in rows),
    )
    before = [pair[0] for _, _, pair in rows]
    return GateResult.of(sample, before, [pair[1] for _, _, pair in rows], limits)


def test_a_locale_falls_that_is_read_otherwise() -> None:
    same, differs = (WRONG, WRONG), (WRONG, OTHER)
    gate = result(
        GateLimits(agreement=90),
        ("de-DE", False, [same] * 40),
        ("th-TH", False, [same] * 20 + [differs] * 20),
        ("sw-KE", False, [same] * 28 + [differs] * 12),
    )
    assert not gate.passed
    assert [part.locale for part in gate.fallen] == ["th-TH", "sw-KE"]
    assert gate.facts()["lowest_agreement"] == {"th-TH": 50.0}


def test_a_few_rows_that_differ_may_be_chance() -> None:
    rows = [(WRONG, WRONG)] * 5 + [(WRONG, OTHER)]
    assert result(GateLimits(agreement=90), ("de-DE", False, rows)).passed
    assert not result(GateLimits(agreement=100), ("de-DE", False, rows)).passed


def test_exact_match_is_counted_where_there_are_labels() -> None:
    lost, gained, same = (RIGHT, OTHER), (OTHER, RIGHT), (RIGHT, RIGHT)
    rows = [same] * 197 + [lost] * 2 + [gained]
    gate = result(GateLimits(agreement=0), ("en-US", True, rows), ("de-DE", False, [same]))
    assert gate.passed
    assert (gate.total.run_right, gate.total.lost, gate.total.gained) == (199, 2, 1)
    facts = gate.facts()
    assert (facts["exact_match_of_run"], facts["exact_match"]) == (99.5, 99.0)
    # Too much over all, but in no locale more than by chance.
    gate = result(GateLimits(agreement=0, loss=0.4), ("en-US", True, rows))
    assert not gate.passed
    assert not gate.fallen


def test_a_locale_falls_that_loses_more_than_by_chance() -> None:
    rows = [(RIGHT, RIGHT)] * 60 + [(RIGHT, OTHER)] * 8
    kept = [(RIGHT, RIGHT)] * 4000
    gate = result(GateLimits(agreement=0), ("ja-JP", True, rows), ("de-DE", True, kept))
    assert gate.total.loss < 0.5
    assert [part.locale for part in gate.fallen] == ["ja-JP"]
