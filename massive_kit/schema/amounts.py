"""Whole numbers and days that a board can hold, draw and write as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, Field

# JSON readers, orjson among them, hold whole numbers in 64 bits.
WholeNumber = Annotated[int, Field(ge=-(2**63), lt=2**63)]
# The largest models of 2026 have some 10**13 parameters.
ParameterCount = Annotated[int, Field(gt=0, le=10**15)]

_FIRST_DAY = dt.date(2000, 1, 1)
_DAY = dt.timedelta(days=1)


def _plausible(day: dt.date) -> dt.date:
    # One day more, for time zones ahead of this machine's.
    today = dt.datetime.now(dt.UTC).date()
    if not _FIRST_DAY <= day <= today + _DAY:
        raise ValueError(f"a day from {_FIRST_DAY} to today, {today}")
    return day


# A day that has been; a year mistyped would stretch every axis of time on the board.
PastDay = Annotated[dt.date, AfterValidator(_plausible)]
