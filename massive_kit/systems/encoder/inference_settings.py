"""What an encoder does beside reading its own logits when it predicts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.systems.language_text import LanguageText
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.vote_settings import Centring


class IntentNeighbours(SentenceEncoderSettings):
    """Training rows that have a say in the intent: those nearest by a frozen encoder.

    Attributes:
        weight: Weight of their votes in the probabilities of the intents, where the model's own
            have the rest; or `dev`, the best of 0, 0.1, ... 0.9 on the task's dev set by
            `training.metric`.
        k: How many rows vote.
        temperature: How fast a row's weight falls with its distance: it is the exponential of its
            cosine over the temperature.
        centring: With it, each language's vectors are centred by the mean of its text; that text
            is the resource `unlabelled-text`.
    """

    weight: Annotated[float, Field(ge=0, le=1)] | Literal["dev"] = 0.5
    k: int = Field(default=20, ge=1, le=10_000)
    temperature: float = Field(default=0.05, gt=0)
    centring: Centring | None = None


class LabelRates(LanguageText):
    """Text without labels on which labels are to be as frequent as in the training rows.

    Attributes:
        partition: The partition that the text is taken from; its labels are not read.
        rows: Most utterances of a language, drawn at random.
        strength: How much of the way labels are moved there: 1 is all of it.
    """

    rows: int = Field(default=1000, ge=1)
    strength: float = Field(default=0.5, gt=0, le=1)


class TransitionSettings(Strict):
    """Reading labels as a chain.

    Attributes:
        weight: Of what stands beside a label, where what the model says of it has 1.
    """

    weight: float = Field(default=0.1, ge=0, le=1)


class Inference(Strict):
    """How a trained encoder predicts.

    Attributes:
        neighbours: With it, the intents of the nearest training rows are mixed into the model's own
            before intent and slots are decoded together; the vectors are saved with the run.
        centring: With it, the vector that the intent is read from is moved by the difference
            between the mean of its language's text and that of the languages trained on, which
            themselves stay; slots are read as ever. That text is the resource `unlabelled-text`;
            its means are saved with the run.
        label_rates: With it, intents and slots of languages whose labels were not learnt are moved
            to the rates that they have in the training rows. Their text is the resource
            `unlabelled-text`; what is added to the logits of each is saved with the run.
        transitions: With it, labels are read as a chain: those that stand beside each other in the
            training rows more often than by chance are likelier beside each other, in either order.
            How much more often they do is saved with the run.
    """

    neighbours: IntentNeighbours | None = None
    centring: Centring | None = None
    label_rates: LabelRates | None = None
    transitions: TransitionSettings | None = None
