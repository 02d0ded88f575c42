"""What tests on a GPU train: a tiny model of each kind, of nothing but the demo corpus."""

from __future__ import annotations

from typing import Any

import pytest

from massive_kit.schema.recipe import Recipe
from tests.small_systems import BODY


@pytest.fixture(scope="session")
def families(recipes: dict[str, Recipe]) -> dict[str, dict[str, Any]]:
    """The recipe of each, as a mapping."""
    names = ("encoder", "mt5 encoder", "mt5 text-to-text", "decoder")
    values = {name: recipes[name].model_dump(mode="json") for name in names}
    encoder = values["encoder"]
    values["packed encoder"] = encoder | {"model": encoder["model"] | {"packing": 128}}
    # All weights are trained: adapters need a package more.
    values["decoder"]["model"]["lora"] = None
    values["pretraining"] = {
        "kind": "pretraining",
        "title": "tiny",
        "model": {"architecture": "encoder", "config": BODY, "tokenizer": {"vocabulary": 1000}},
        "objective": {"name": "mlm"},
        "training": {"log_steps": 5},
    }
    return values
