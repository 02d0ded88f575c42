"""What cells of the board say of numbers."""

from __future__ import annotations

import pytest

from massive_kit.publish import cells


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        (1_230_000, "1.23 M"),
        (117_700_000, "118 M"),
        (999_499_999, "999 M"),
        (999_600_000, "1 B"),
        (1_300_000_000, "1.3 B"),
        (1_500_000_000_000, "1,500 B"),
    ],
)
def test_a_count_of_parameters_is_short(total: int, shown: str) -> None:
    assert cells.size(total).replace("\u00a0", " ") == shown
