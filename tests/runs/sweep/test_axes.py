"""What `--over` says, and the grid of it."""

from __future__ import annotations

import pytest

from massive_kit.errors import UsageError
from massive_kit.runs.sweep.axes import parse_axes, points


def test_the_last_axis_is_the_fastest_and_points_name_folders() -> None:
    axes = parse_axes(["optimiser.lr=1e-4,3e-4", "data.per_intent=0,all"])
    assert [point.name for point in points(axes)] == [
        "lr-1e-4_per_intent-0",
        "lr-1e-4_per_intent-all",
        "lr-3e-4_per_intent-0",
        "lr-3e-4_per_intent-all",
    ]
    first = points(axes)[0]
    assert first.overrides == ["optimiser.lr=1e-4"]
    assert first.data == {"per_intent": "0"}


def test_a_comma_within_brackets_ends_no_value() -> None:
    (axis,) = parse_axes(["objective.auxiliary={mlm: 0.1, contrast: 1},{}"])
    assert axis.values == (("{mlm: 0.1, contrast: 1}",), ("{}",))


def test_keys_may_go_together() -> None:
    (axis,) = parse_axes(["data.per_intent,training.epochs=1:20,50:{a: b}"])
    assert [point.values for point in points([axis])] == [
        (("data.per_intent", "1"), ("training.epochs", "20")),
        (("data.per_intent", "50"), ("training.epochs", "{a: b}")),
    ]
    assert points([axis])[0].without(axis).values == ()
    with pytest.raises(UsageError, match="'5' does not fit"):
        parse_axes(["a,b=1:2,5"])


def test_names_of_folders_hold_no_path() -> None:
    (point,) = points(parse_axes(["model.base=../../etc/passwd"]))
    assert "/" not in point.name
    assert not point.name.startswith(".")


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_axes(["lr", "optimiser.lr=1,1", "a=1", "a=2"])
    for part in ("--over 'lr'", "stands there twice", "--over a: given twice"):
        assert part in str(caught.value)


def test_points_that_would_share_a_folder_are_told() -> None:
    with pytest.raises(UsageError, match="share the folder"):
        points(parse_axes(["model.base=a/b,a-b"]))
