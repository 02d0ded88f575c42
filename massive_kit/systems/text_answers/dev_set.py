"""The dev set of a model that writes answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedModel

from massive_kit.engine.distributed_dev import DevShare, RowValues
from massive_kit.engine.evaluation import DevReport
from massive_kit.engine.session import Session
from massive_kit.systems.dev_scores import score_dev
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts
from massive_kit.systems.text_answers.writer import Writer


@dataclass(frozen=True, slots=True)
class TextDevSet:
    """The dev set, and what of it this process predicts.

    Attributes:
        whole: All rows.
        share_rows: The rows that this process predicts.
        share: Which rows these are.
        writer: The model that is trained.
    """

    whole: LabelledTexts
    share_rows: LabelledTexts
    share: DevShare
    writer: Writer

    @classmethod
    def of(cls, dev: LabelledTexts, writer: Writer, session: Session) -> TextDevSet:
        """The dev set, shared out by the lengths of its answers."""
        share = session.dev_share(np.diff(dev.target_offsets), dev.token_offsets)
        return cls(dev, dev.taken(share.rows), share, writer)

    def report(self, model: PreTrainedModel) -> DevReport:
        """The scores of what the writer writes."""
        # The writer holds the same model.
        del model
        values = self.share.joined(predicted(self.writer, self.share_rows))
        labels = PredictedLabels(values.per_row, values.ragged)
        return score_dev(self.whole, labels, self.writer.inventory)


def predicted(writer: Writer, dev: LabelledTexts) -> RowValues:
    """The intent and the token labels that a model writes for each row; -1 and `Other` for none."""
    inventory = writer.inventory
    intents = np.full(len(dev), -1, np.int32)
    labels = np.zeros(len(dev.labels), np.int16)
    for i, answer in enumerate(writer.answers(dev.tokens)):
        if answer is not None:
            intents[i] = inventory.intent_index[answer.intent]
            row_labels = [inventory.label_index[label] for label in answer.labels]
            labels[dev.token_offsets[i] : dev.token_offsets[i + 1]] = row_labels
    return RowValues(intents, labels)
