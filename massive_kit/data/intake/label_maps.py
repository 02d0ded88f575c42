"""Labels that come as integers: the hub's ClassLabel order, and the original's map files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

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


@dataclass(frozen=True, slots=True)
class LabelMaps:
    """What the integers of a source mean.

    Attributes:
        intents: By integer.
        scenarios: By integer.
        tags: By integer, token labels of sources that carry `ner_tags` as integers.
    """

    intents: Sequence[str] = HUB_INTENTS
    scenarios: Sequence[str] = HUB_SCENARIOS
    tags: Sequence[str] = ()


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


def maps_of_parquet(schema: pa.Schema, default: LabelMaps) -> LabelMaps:
    """The ClassLabel names that `datasets` writes into a Parquet file, else the default's."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return default
    tags = features.get("ner_tags")
    if isinstance(tags, dict):
        tags = tags.get("feature", tags)
    return LabelMaps(
        _names(features.get("intent")) or default.intents,
        _names(features.get("scenario")) or default.scenarios,
        _names(tags) or default.tags,
    )


def _names(feature: Any) -> tuple[str, ...]:
    names = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(names, dict):
        names = [names[key] for key in sorted(names, key=int)]
    return tuple(names) if isinstance(names, list) else ()
