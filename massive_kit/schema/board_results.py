"""`results.json` of a board: every version of every system, with its place and scores."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.metrics import Average, ChosenMean, Metric
from massive_kit.schema.scores import LocaleScores, MeanScores
from massive_kit.schema.subset_name import SubsetName
from massive_kit.schema.task import Setting


class BoardRank(Strict):
    """The place of a system in its section.

    Attributes:
        place: Its place by score, from 1.
        best: The best rank that paired tests leave open; `null` where nothing can be tested.
        worst: The worst one.
    """

    place: int = Field(ge=1)
    best: int | None = Field(default=None, ge=1)
    worst: int | None = Field(default=None, ge=1)


class BoardResult(Strict):
    """One version of one system.

    Attributes:
        system: Short name of the system.
        version: Its version, whose scores never change.
        title: What the board calls it.
        team: Who made it.
        task: The task that it was scored on.
        setting: The setting that it is ranked in.
        subset: The part of the test set that it was scored on; `null` for the whole.
        date: Day on which it was made.
        section: The section of the board that ranks it; `null` for a version that a newer one
            replaced.
        rank: Its place there; `null` without a section, or without the score that ranks.
        signature: One line that names all that can change a score; scores with equal signatures may
            be compared.
        page: Its page, relative to this file.
        scores: Its `scores.json`, with groups, intents and slots, relative to this file.
        manifest: Its `manifest.yaml`, relative to this file.
        averaged: The locales that averages run over.
        averages: The scores under each kind of average, in 0..1.
        means: The scores under further means over languages, in 0..1; of versions that have a
            section.
        locales: The scores of each locale, in 0..1.
    """

    system: str
    version: str
    title: str
    team: str
    task: str
    setting: Setting
    subset: SubsetName | None = None
    date: dt.date
    section: str | None
    rank: BoardRank | None
    signature: str
    page: str
    scores: str
    manifest: str
    averaged: list[str]
    averages: dict[Average, MeanScores]
    means: dict[ChosenMean, MeanScores]
    locales: dict[str, LocaleScores]


class BoardResults(Strict):
    """All results of a board.

    Attributes:
        format: Version of this file's format.
        board: Title of the board.
        version: Version of the board's release, where it has one.
        date: Day of the board's release, by default that of its newest system.
        url: Where the board stands, where that is known.
        made_with: The version of massive-kit that wrote this file.
        metric: The metric that ranks.
        average: The average over languages that ranks.
        results: Every version of every system, older ones too.
    """

    format: Literal[1] = 1
    board: str
    version: str | None = None
    date: dt.date | None = None
    url: str | None = None
    made_with: str
    metric: Metric
    average: Average
    results: list[BoardResult]
