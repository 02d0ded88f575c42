"""Self-training: a finished run labels text, and a store keeps what it is sure of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from massive_kit.data.derivation import Derived, derive
from massive_kit.data.inventory import Inventory
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.pseudo_label import Guess, PseudoLabel
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import facts_of_parents, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.systems.interface import ConfidentSystem, PromptedSystem, System, Utterance


@dataclass(frozen=True, slots=True)
class RunThatLabels:
    """A finished run whose labels rows get.

    Attributes:
        sources: The locales whose labels it has learnt.
        run: What it is and what it used.
    """

    sources: tuple[str, ...]
    run: LabellingRun


def labelling_run(path: Path) -> RunThatLabels:
    """What is known of the run in a directory; its system is not loaded.

    Raises:
        MissingDataError: The directory holds no finished run.
        UsageError: It has learnt no labels.
    """
    folder = RunFolder(path)
    used = run_resources(folder)
    sources = dict.fromkeys(
        locale
        for resource in used
        if resource.resource == "target-labels"
        for locale in resource.locales
    )
    if not sources:
        raise UsageError(f"{path} has learnt no labels; name a run that predicts")
    (facts,) = facts_of_parents([folder])
    return RunThatLabels(tuple(sources), LabellingRun(str(path), used, facts))


@dataclass(frozen=True, slots=True)
class RunTeacher:
    """A finished run that labels.

    Attributes:
        system: Its system; one that does not say how sure it is gives its labels as they are.
        inventory: The labels it knows.
        sources: The locales whose labels it has learnt.
        run: What it is and what it used.
        smoothing: With it, every row is read a second time, cut into other subwords.
        seed: Of these cuts.
    """

    system: System
    inventory: Inventory
    sources: tuple[str, ...]
    run: LabellingRun
    smoothing: float | None = None
    seed: int = 0

    @classmethod
    def load(cls, path: Path, overrides: Sequence[str] = ()) -> RunTeacher:
        """The run in a directory.

        Args:
            path: The run directory.
            overrides: As `load_system` takes them.

        Raises:
            MissingDataError: The directory holds no finished run.
            UsageError: It would ask a language model, or it has learnt no labels.
        """
        known = labelling_run(path)
        system = load_system(path, overrides)
        if isinstance(system, PromptedSystem):
            raise UsageError(
                f"{path} asks a language model, which this command does not; name a trained run"
            )
        return cls(system, system.inventory, known.sources, known.run)

    def guesses(self, locale: str, rows: pa.Table) -> list[Guess]:
        """What it says of rows of a locale."""
        columns = (rows[name].to_pylist() for name in ("id", "utt", "tokens"))
        utterances = [
            Utterance(identity, locale, text, tokens)
            for identity, text, tokens in zip(*columns, strict=True)
        ]
        if not isinstance(self.system, ConfidentSystem):
            # What could not be read is left out.
            return [
                Guess(answer.intent, answer.labels, float(not answer.failed), not answer.failed)
                for answer in self.system.predict(utterances)
            ]
        guesses = [
            Guess(said.prediction.intent, said.prediction.labels, said.confidence)
            for said in self.system.predict_confidently(utterances)
        ]
        if self.smoothing is None:
            return guesses
        again = self.system.predict_confidently(
            utterances, smoothing=self.smoothing, seed=self.seed
        )
        return [
            replace(guess, agreed=_same(guess, second.prediction))
            for guess, second in zip(guesses, again, strict=True)
        ]


def pseudo_label(
    store: Store,
    run: Path,
    target: Path,
    *,
    name: str,
    locales: Sequence[str] | None = None,
    overrides: Sequence[str] = (),
    agreement: float | None = None,
    seed: int = 0,
    overwrite: bool = True,
    progress: Callable[[str], None] | None = None,
    **choice: Any,
) -> Derived:
    """Writes a store of the rows that a run was trained on and of text that it labels.

    Args:
        store: The text, and the rows of the run's own locales.
        run: The run that labels.
        target: Folder of the new store.
        name: What the new store is called.
        locales: Only these; by default all that the store has.
        overrides: `key=value` changes to how the run predicts.
        agreement: As that of `PseudoLabel`.
        seed: As that of `PseudoLabel`.
        overwrite: As that of `derive`.
        progress: Called with each locale when it is written.
        choice: Further fields of `PseudoLabel`.

    Raises:
        MissingDataError: There is no such run, or the store lacks what is to be labelled.
        ConfigError: The run has other labels than the store.
        UsageError: The run cannot label, or a number is out of its range.
    """
    if agreement is not None and agreement <= 0:
        raise UsageError("--agreement is above 0; 0.3 to 0.7 are usual")
    teacher = replace(RunTeacher.load(run, overrides), smoothing=agreement, seed=seed)
    chosen = agreement is not None or choice.get("confidence", 0) > 0 or choice.get("share", 1) < 1
    if chosen and not isinstance(teacher.system, ConfidentSystem):
        kind = RunFolder(run).recipe().kind
        raise UsageError(
            f"{run} is of kind {kind}, which does not say how sure it is; leave --confidence,"
            " --share and --agreement out to take all its labels"
        )
    transform = PseudoLabel(teacher, agreement=agreement, seed=seed, **choice)
    return derive(
        store,
        transform,
        target,
        name=name,
        locales=locales,
        overwrite=overwrite,
        progress=progress,
    )


def _same(guess: Guess, prediction: Any) -> bool:
    return guess.intent == prediction.intent and [*guess.labels] == [*prediction.labels]
