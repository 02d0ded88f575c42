"""An encoder that learns from text: a body with a head that computes nothing it need not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from transformers.configuration_utils import PreTrainedConfig
from transformers.utils import ModelOutput

from massive_kit.engine.encoder_bodies import ModelOnBody, body_config, new_body
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.language_modelling.heads import TextHead, mean_loss


class LanguageEncoderConfig(PreTrainedConfig):
    """Configuration of a `LanguageEncoder`.

    Attributes:
        body: The encoder's own configuration, as a mapping with `model_type`.
        classes: How many labels are told apart; `None` where they are subwords.
    """

    model_type = "massive_language_encoder"

    def __init__(
        self, body: dict[str, Any] | None = None, classes: int | None = None, **kwargs: Any
    ) -> None:
        self.body = body or {}
        self.classes = classes
        super().__init__(**kwargs)


@dataclass
class LanguageOutput(ModelOutput):
    """What a `LanguageEncoder` returns.

    Attributes:
        loss: Scalar.
        logits: Shape (labelled places, classes), in the order of the places.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None


class LanguageEncoder(ModelOnBody):
    """An encoder with a head for text."""

    config_class = LanguageEncoderConfig

    def __init__(self, config: LanguageEncoderConfig, body: nn.Module | None = None) -> None:
        super().__init__(config)
        if body is None:
            body = new_body(body_config(config.body))
        self.body = body
        rows, width = self.get_input_embeddings().weight.shape
        self.head = TextHead(
            int(body.config.hidden_size),
            width,
            rows if config.classes is None else config.classes,
            tied=config.classes is None,
        )
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor,
        places: Tensor | None = None,
    ) -> LanguageOutput:
        """The loss, and the logits where there are labels; no others are computed.

        Args:
            input_ids: Shape (batch, subwords).
            attention_mask: Shape (batch, subwords), 1 on real subwords.
            labels: Shape (batch, subwords); `NO_LABEL` where nothing is to be told.
            places: Where something is, in the batch laid flat; without them it is looked for.
        """
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        labels = labels.flatten()
        if places is None:
            places = (labels != NO_LABEL).nonzero().squeeze(1)
        logits = self.head(hidden.flatten(0, 1)[places], self.get_input_embeddings().weight)
        return LanguageOutput(loss=mean_loss(logits, labels[places]), logits=logits)

    def get_output_embeddings(self) -> None:
        """None of its own: those of the input stand in for them."""
