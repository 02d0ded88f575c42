"""Rewrites around a system: as it predicts, or over the files of its predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from massive_kit.data.inventory import Inventory
from massive_kit.data.span_schemes import runs_of, scheme_labels
from massive_kit.data.tokens import OTHER, annotate
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.mistakes import Mistakes
from massive_kit.feedback.predicted import PredictedUtterance, prediction_files, read_predicted
from massive_kit.feedback.rewriting import Rewriter, RewritingCounts
from massive_kit.files.atomic import atomic_file
from massive_kit.languages import LanguageTable
from massive_kit.systems.interface import Prediction, System, Utterance


@dataclass(frozen=True, slots=True)
class RewritingSystem:
    """Any system, whose interpretations are rewritten as it predicts.

    Attributes:
        system: The system.
        rewriter: The rewrites; its counts say what was changed.
    """

    system: System
    rewriter: Rewriter

    @property
    def character_locales(self) -> frozenset[str]:
        """Those of the system."""
        return self.system.character_locales

    @property
    def inventory(self) -> Inventory:
        """That of the system."""
        return self.system.inventory

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """What the system predicts, rewritten; a label that it does not know is not used.

        Raises:
            UnfinishedError: As that of the system.
        """
        for prediction in self.system.predict(utterances):
            yield self._rewritten(prediction)

    def _rewritten(self, prediction: Prediction) -> Prediction:
        utterance = prediction.utterance
        scheme = self.inventory.scheme
        if prediction.intent is None or prediction.failed:
            return prediction
        runs = runs_of(prediction.labels, scheme)
        slots = [run.label for run in runs for _ in range(run.start, run.end)]
        characters = utterance.locale in self.character_locales
        done = self.rewriter.rewritten(
            utterance.locale,
            Interpretation.of_tokens(
                prediction.intent,
                utterance.tokens,
                slots,
                [run.start for run in runs],
                characters=characters,
            ),
            utterance.tokens,
            characters=characters,
        )
        if done is None:
            return prediction
        labels = scheme_labels(done.words.labels, done.words.boundaries, scheme)
        known = {*self.inventory.labels}
        if done.target.intent not in self.inventory.intents or not known.issuperset(labels):
            return prediction
        return replace(prediction, intent=done.target.intent, labels=labels)


def apply_to_files(
    predictions: Path, target: Path, rewriter: Rewriter, languages: LanguageTable
) -> dict[str, RewritingCounts]:
    """Writes the predictions of files with rewrites, and gives what was changed by locale.

    Lines that are not rewritten stay as they are.

    Args:
        predictions: A file of predictions, or a folder of them.
        target: The file to write.
        rewriter: The rewrites.
        languages: What locales there are.

    Raises:
        MissingDataError: There are no predictions.
        DataError: Some are wrong; every mistake is told, and nothing is written.
    """
    mistakes = Mistakes()
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(target) as stream:
        for row in read_predicted(prediction_files(predictions), languages, mistakes):
            if not mistakes.total:
                stream.write(orjson.dumps(_line(row, rewriter)) + b"\n")
        mistakes.raise_if_any(f"{predictions} holds wrong predictions")
    return dict(sorted(rewriter.counts.items()))


def _line(row: PredictedUtterance, rewriter: Rewriter) -> dict[str, Any]:
    tokens = row.words.tokens
    done = rewriter.rewritten(row.locale, row.interpretation, tokens, characters=row.characters)
    if done is None:
        return dict(row.line)
    labels = scheme_labels(done.words.labels, done.words.boundaries, "brackets")
    changed: dict[str, Any] = {
        "pred_intent": done.target.intent,
        "pred_annot_utt": annotate(tokens, labels, "brackets"),
    }
    if "pred_slots" in row.line:
        changed["pred_slots"] = [
            [" ".join(tokens[start:end]), slot]
            for start, end, slot in runs_of(labels, "brackets")
            if slot != OTHER
        ]
    return {**row.line, **changed}
