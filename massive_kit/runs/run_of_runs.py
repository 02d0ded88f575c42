"""A run that is made of finished ones without training, and keeps what they cost and used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from massive_kit import provenance
from massive_kit.data.lineage import UsedResource
from massive_kit.errors import MassiveKitError
from massive_kit.files.atomic import atomic_folder
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import facts_of_parents, run_resources
from massive_kit.runs.model_card import write_card
from massive_kit.runs.seen_rows import texts_as_json, texts_read
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import Facts, kind_of
from massive_kit.systems.recipes import seed_of


def check_free(out: Path) -> None:
    """Refuses a directory that holds something.

    Raises:
        MassiveKitError: It does, or is a file.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise MassiveKitError(f"{out} holds other files; choose another --out")


@dataclass(frozen=True, slots=True)
class RunOfRuns:
    """A run to be made of finished ones.

    Attributes:
        parents: The runs whose model it has; its seconds are the sum of theirs and its own.
        recipe: Its recipe.
        task: Its task, as `task.yaml` keeps it.
        data: What it was trained and selected on, as `data.json` keeps it.
        beside: What it uses that its parents did not.
        bases: Runs that it uses as they are.
    """

    parents: Sequence[RunFolder]
    recipe: Recipe
    task: dict[str, Any]
    data: dict[str, Any]
    beside: Sequence[UsedResource] = ()
    bases: Sequence[RunFolder] = ()

    def write(self, out: Path, write_model: Callable[[Path], Facts]) -> RunFolder:
        """Writes it into a new directory, all at once or not at all.

        Args:
            out: The directory.
            write_model: Writes the model into a new folder, and returns facts of it.
        """
        begin = time.monotonic()
        with atomic_folder(out) as new:
            folder = RunFolder(new)
            folder.model.mkdir()
            of_the_model = write_model(folder.model)
            facts = self._facts(time.monotonic() - begin) | of_the_model
            write_card(folder.model, facts)
            folder.write_recipe(self.recipe)
            folder.write_task(self.task)
            folder.write_data(self.data)
            folder.write_facts(facts)
        return RunFolder(out)

    def _facts(self, seconds: float) -> Facts:
        parent_facts = [parent.facts() for parent in self.parents]
        spent = sum(float(facts["seconds"]) for facts in parent_facts)
        listed = dict.fromkeys((*self.parents, *self.bases))
        # A configured run reads what its own recipe says, whatever its parent read.
        configured = self.parents if kind_of(self.recipe).configure_path else ()
        of_members = [] if configured else [*chain(*map(texts_read, self.parents))]
        return {
            "format": 1,
            "kind": self.recipe.kind,
            "title": self.recipe.title,
            "recipe": self.recipe.model_dump(mode="json"),
            "task": self.task["name"],
            "setting": self.task.get("setting", parent_facts[0].get("setting")),
            "data": self.data,
            "parents": facts_of_parents([*listed], configured),
            "resources": [used.to_json() for used in self._resources()],
            **texts_as_json(of_members),
            "seeds": _seeds(parent_facts),
            "versions": provenance.versions(),
            "revision": provenance.git_revision(),
            "hardware": provenance.hardware(),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(spent + seconds, 1),
        }

    def _resources(self) -> list[UsedResource]:
        used = [
            resource.through(f"run {parent.path}")
            for parent in self.parents
            for resource in run_resources(parent)
        ]
        return [*dict.fromkeys((*used, *self.beside))]


def _seeds(all_facts: Sequence[dict[str, Any]]) -> list[int]:
    seeds: list[int | None] = []
    for facts in all_facts:
        seeds += facts.get("seeds") or [seed_of(facts["recipe"])]
    return [seed for seed in dict.fromkeys(seeds) if seed is not None]
