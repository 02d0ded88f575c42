"""Programs that a run's text went through before it was read, such as a romaniser."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from massive_kit.data.store import Store
from massive_kit.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)


def training_software(facts: Mapping[str, Any]) -> list[str]:
    """The programs that made the training text of a run, or of one it started from.

    Args:
        facts: As `run.json` has them.
    """
    named = list(facts.get("data", {}).get("train", {}).get("software", ()))
    for parent in facts.get("parents", ()):
        named += training_software(parent)
    return [*dict.fromkeys(map(str, named))]


def warn_of_other_text(run: RunFolder, store: Store | None) -> None:
    """Warns where a run is to read text that was made otherwise than what it was trained on.

    Args:
        run: The run.
        store: Where the text is from; `None` where somebody types it.
    """
    learnt = run.data().get("train", {}).get("software", [])
    lineage = None if store is None else store.lineage
    read = [] if lineage is None else [*dict.fromkeys(lineage.all_software())]
    # Of several processes the first one speaks.
    if {*learnt} != {*read} and os.environ.get("RANK", "0") == "0":
        where = "what is typed" if store is None else store.name
        _LOG.warning(
            "%s was trained on text %s, and %s is text %s; `massive-kit data derive romanise`"
            " writes in Latin letters",
            run.path,
            _through(learnt),
            where,
            _through(read),
        )


def _through(software: list[str]) -> str:
    return f"through {', '.join(software)}" if software else "as it was written"
