"""Labels that come as integers: the hub's ClassLabel order, and the original's map files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from massive_kit.data.intake.column_names import ALIASES
from massive_kit.errors import DataError, Problem

# The order of `AmazonScience/massive` (its loading script's `_INTENTS` and `_SCENARIOS`), in which
# its Parquet files, and rows that people wrote to JSON from them, count.
_INTENT_NAMES = """
    datetime_query iot_hue_lightchange transport_ticket takeaway_query qa_stock general_greet
    recommendation_events music_dislikeness iot_wemo_off cooking_recipe qa_currency
    transport_traffic general_quirky weather_query audio_volume_up email_addcontact takeaway_order
    email_querycontact iot_hue_lightup recommendation_locations play_audiobook lists_createoradd
    news_query alarm_query iot_wemo_on general_joke qa_definition social_query music_settings
    audio_volume_other calendar_remove iot_hue_lightdim calendar_query email_sendemail iot_cleaning
    audio_volume_down play_radio cooking_query datetime_convert qa_maths iot_hue_lightoff
    iot_hue_lighton transport_query music_likeness email_query play_music audio_volume_mute
    social_post alarm_set qa_factoid calendar_set play_game alarm_remove lists_remove transport_taxi
    recommendation_movies iot_coffee music_query play_podcasts lists_query
"""
_SCENARIO_NAMES = """
    social transport calendar play news datetime recommendation email iot general audio lists qa
    cooking takeaway music alarm weather
"""
HUB_INTENTS = tuple(_INTENT_NAMES.split())
HUB_SCENARIOS = tuple(_SCENARIO_NAMES.split())
_HUB = {"intent": HUB_INTENTS, "scenario": HUB_SCENARIOS}


@dataclass(frozen=True, slots=True)
class LabelMaps:
    """What the integers of a source mean, by column.

    Attributes:
        intents: By integer, as the command line says; `None` where it says nothing.
        tags: By integer, the tags of tokens, as the command line says.
        in_source: What the source itself says, by column.
    """

    intents: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    in_source: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def names(self, column: str) -> Sequence[str]:
        """The names for the integers of a column; none where they are not known.

        What the source says of its own integers goes before the command line. MASSIVE's own columns
        are in the hub's order where nobody says otherwise.
        """
        if column in self.in_source:
            return self.in_source[column]
        by_kind = {"intent": self.intents, "tags": self.tags}
        names = next((by_kind[kind] for kind in by_kind if column in ALIASES[kind]), None)
        return _HUB.get(column, ()) if names is None else names

    def remark(self, column: str) -> str | None:
        """What to tell of integers in a column that are read in the hub's order for want of names.

        `None` where their names are known, or where none are.
        """
        if column not in _HUB or self.names(column) is not _HUB[column]:
            return None
        more = "; --intent-map gives another" if column == "intent" else ""
        return f"the integers of {column!r} are read in the order of AmazonScience/massive{more}"


def read_map(path: Path) -> tuple[str, ...]:
    """A map of the original, `{"0": "alarm_set", ...}` (its `.intents` and `.slots` files).

    Raises:
        DataError: The file is not such a map.
    """
    try:
        value = orjson.loads(path.read_bytes())
        names = {int(key): name for key, name in value.items()}
    except (ValueError, AttributeError) as error:
        raise _not_a_map(path, str(error)) from None
    if sorted(names) != list(range(len(names))) or not all(
        isinstance(name, str) for name in names.values()
    ):
        raise _not_a_map(path, "its keys are not 0, 1, 2, ... with a name each")
    return tuple(names[key] for key in range(len(names)))


def _not_a_map(path: Path, reason: str) -> DataError:
    problem = Problem(str(path), reason, 'a map such as {"0": "alarm_set", "1": ...}')
    return DataError(f"{path} is not a label map", [problem])


def maps_of_schema(schema: pa.Schema, maps: LabelMaps) -> LabelMaps:
    """The maps with the ClassLabel names that `datasets` writes into its files."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        items = features.items()
    except (KeyError, ValueError, TypeError, AttributeError):
        return maps
    in_source = {column: names for column, of in items if (names := _names(of))}
    return replace(maps, in_source=in_source)


def _names(feature: Any) -> tuple[str, ...]:
    """The names of a ClassLabel, or of a list of them, which `datasets` writes in two ways."""
    if isinstance(feature, list) and feature:
        return _names(feature[0])
    if not isinstance(feature, dict):
        return ()
    names = feature.get("names")
    if names is None and isinstance(feature.get("feature"), dict):
        names = feature["feature"].get("names")
    if isinstance(names, dict):
        names = [names[key] for key in sorted(names, key=int)]
    return tuple(map(str, names)) if isinstance(names, list) else ()
