"""The joint model: any encoder body, a head for the intent and a head for the slots.

Loadable without the rest of the kit's machinery:

    from massive_kit.systems.encoder.joint_model import JointModel
    model = JointModel.from_pretrained("RUN/model")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel
from transformers.configuration_utils import PreTrainedConfig
from transformers.utils import ModelOutput

from massive_kit.engine.encoder_bodies import ModelOnBody, body_config, new_body
from massive_kit.engine.packed_rows import first_position, read_packed
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.encoder.pooling import pool, pool_packed

if TYPE_CHECKING:
    from massive_kit.systems.alignment.losses import AuxiliaryLosses
    from massive_kit.systems.encoder.soft_targets import SoftLosses

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
}


class JointConfig(PreTrainedConfig):
    """Configuration of a `JointModel`.

    Attributes:
        body: The encoder's own configuration, as a mapping with `model_type`.
        intents: Their names, in the order of the logits.
        labels: The token labels, in the order of the logits: `Other`, then the slots, or `B-` and
            then `I-` of the slots where touching spans of one slot are two.
        pooling: first, mean or max.
        intent_head: layers, width, activation, dropout.
        slot_head: The same.
        slot_loss: Weight of the slots' loss.
        label_smoothing: Of both losses.
        placement: How tokens were placed on subwords.
        max_pieces: Most subwords an utterance may have.
        character_locales: Locales whose tokens are characters.
        allowed_labels: For each intent the labels that may be predicted with it; without them
            intent and labels are predicted one by one.
    """

    model_type = "massive_joint"

    def __init__(
        self,
        body: dict[str, Any] | None = None,
        intents: list[str] | None = None,
        labels: list[str] | None = None,
        pooling: str = "mean",
        intent_head: dict[str, Any] | None = None,
        slot_head: dict[str, Any] | None = None,
        slot_loss: float = 1.0,
        label_smoothing: float = 0.0,
        placement: str = "raw_text",
        max_pieces: int = 512,
        character_locales: list[str] | None = None,
        allowed_labels: list[list[int]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.body = body or {}
        self.intents = intents or []
        self.labels = labels or []
        self.pooling = pooling
        self.intent_head = intent_head or {}
        self.slot_head = slot_head or {}
        self.slot_loss = slot_loss
        self.label_smoothing = label_smoothing
        self.placement = placement
        self.max_pieces = max_pieces
        self.character_locales = character_locales or []
        self.allowed_labels = allowed_labels
        if allowed_labels is not None:
            _check_allowed(allowed_labels, len(self.intents), len(self.labels))
        super().__init__(**kwargs)

    def body_config(self) -> PreTrainedConfig:
        """The encoder's configuration as an object."""
        return body_config(self.body)


@dataclass
class JointOutput(ModelOutput):
    """What `JointModel` returns.

    Attributes:
        loss: Scalar, where labels were given.
        intent_logits: Shape (batch, intents); `None` where the model knows no intents.
        slot_logits: Shape (batch, subwords, labels).
        hidden_states: Those of the embeddings and of each layer, where they are asked for; each of
            shape (batch, subwords, width).
    """

    loss: Tensor | None = None
    intent_logits: Tensor | None = None
    slot_logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None


class JointModel(ModelOnBody):
    """An encoder with joint intent and slot heads, as the paper's encoder systems."""

    config_class = JointConfig

    def __init__(self, config: JointConfig, body: nn.Module | None = None) -> None:
        super().__init__(config)
        self.body = body if body is not None else new_body(config.body_config())
        width = int(config.body_config().hidden_size)
        # A corpus may have slots alone.
        self.intent = (
            Classifier(width, len(config.intents), **config.intent_head) if config.intents else None
        )
        self.slots = Classifier(width, len(config.labels), **config.slot_head)
        # What is learnt besides while the model is trained, and is no part of it afterwards.
        self.auxiliary: AuxiliaryLosses | None = None
        self.soft_losses: SoftLosses | None = None
        self._first_position = first_position(self.body)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        text_mask: Tensor | None = None,
        intent_labels: Tensor | None = None,
        slot_labels: Tensor | None = None,
        auxiliary: Mapping[str, Mapping[str, Tensor]] | None = None,
        intent_shift: Tensor | None = None,
        row_weights: Tensor | None = None,
        output_hidden_states: bool = False,
        row_numbers: Tensor | None = None,
        row_positions: Tensor | None = None,
    ) -> JointOutput:
        """Logits, and the loss where labels are given.

        Rows that are packed, as `packed_batch` makes them, have their labels with them; subwords
        then stand in sequences, where there is a batch of rows otherwise.

        Args:
            input_ids: Shape (batch, subwords).
            attention_mask: Shape (batch, subwords), 1 on real subwords.
            text_mask: The same without special subwords; what the intent is pooled over. Default:
                `attention_mask`.
            intent_labels: Shape (batch,); `NO_LABEL` where unknown.
            slot_labels: Shape (batch, subwords); `NO_LABEL` on subwords that speak for no token.
            auxiliary: What is read besides, by objective, where `self.auxiliary` or
                `self.soft_losses` learn by some.
            intent_shift: Shape (batch, width), what is added to the vector that the intent is read
                from.
            row_weights: Shape (batch,), how much the labels of each row count; all alike without.
            output_hidden_states: Whether the body's hidden states are wanted.
            row_numbers: Of packed rows, shape (sequences, subwords), which row a subword is of; how
                many there are where it fills up.
            row_positions: The same, the place of a subword within its row.
        """
        besides = None if intent_labels is None else self.auxiliary
        soft = None if intent_labels is None else self.soft_losses
        reads_layers = any(losses and losses.reads_layers for losses in (besides, soft))
        asked = {"output_hidden_states": True} if reads_layers or output_hidden_states else {}
        mask = attention_mask if text_mask is None else text_mask
        assert mask is not None
        if row_numbers is None or row_positions is None:
            output = self.body(input_ids=input_ids, attention_mask=attention_mask, **asked)
            logits = self._logits(output.last_hidden_state, mask, intent_shift)
        else:
            assert intent_labels is not None
            places = row_numbers, row_positions
            output = read_packed(self.body, input_ids, *places, self._first_position, **asked)
            logits = self._packed_logits(
                output.last_hidden_state, mask, *places, len(intent_labels)
            )
        intent_logits, slot_logits = logits.intent_logits, logits.slot_logits
        assert slot_logits is not None
        loss = None
        if intent_labels is not None and slot_labels is not None:
            smoothing = self.config.label_smoothing
            if intent_logits is not None:
                loss = _loss(intent_logits, intent_labels, smoothing, row_weights)
            of_subwords = None
            if row_weights is not None:
                of_subwords = _subword_weights(row_weights, slot_labels, row_numbers).flatten()
            slots = _loss(slot_logits.flatten(0, 1), slot_labels.flatten(), smoothing, of_subwords)
            slots = self.config.slot_loss * slots
            loss = slots if loss is None else loss + slots
        if soft is not None and soft.reads_layers:
            logits.hidden_states = output.hidden_states
        # Pairs that take turns do so with all that is learnt of the labels.
        soft_first = besides is not None and besides.turns is not None
        if soft is not None and soft_first:
            loss = _sum(loss, soft(self, logits, auxiliary or {}))
        if besides is not None:
            loss = besides(self.body, auxiliary or {}, output, mask, intent_labels, loss)
        if soft is not None and not soft_first:
            loss = _sum(loss, soft(self, logits, auxiliary or {}))
        states = output.hidden_states if output_hidden_states else None
        return JointOutput(
            loss=loss,
            intent_logits=intent_logits,
            slot_logits=slot_logits,
            hidden_states=states,
        )

    def logits(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        text_mask: Tensor,
        *,
        output_hidden_states: bool = False,
    ) -> JointOutput:
        """What the heads say, without a loss; arguments as in `forward`."""
        asked = {"output_hidden_states": True} if output_hidden_states else {}
        output = self.body(input_ids=input_ids, attention_mask=attention_mask, **asked)
        logits = self._logits(output.last_hidden_state, text_mask, None)
        if output_hidden_states:
            logits.hidden_states = output.hidden_states
        return logits

    def _logits(self, hidden: Tensor, mask: Tensor, intent_shift: Tensor | None) -> JointOutput:
        intent_logits = None
        if self.intent is not None:
            pooled = pool(hidden, mask, self.config.pooling)
            moved = pooled if intent_shift is None else pooled + intent_shift.to(pooled.dtype)
            intent_logits = self.intent(moved)
        return JointOutput(intent_logits=intent_logits, slot_logits=self.slots(hidden))

    def _packed_logits(
        self, hidden: Tensor, mask: Tensor, row_numbers: Tensor, row_positions: Tensor, count: int
    ) -> JointOutput:
        intent_logits = None
        if self.intent is not None:
            intent_logits = self.intent(
                pool_packed(hidden, mask, row_numbers, row_positions, count, self.config.pooling)
            )
        return JointOutput(intent_logits=intent_logits, slot_logits=self.slots(hidden))

    def intent_vectors(
        self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor
    ) -> Tensor:
        """What the intent is read from, before any shift; arguments as in `forward`.

        Returns:
            Shape (batch, width).
        """
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return pool(hidden, text_mask, self.config.pooling)


class Classifier(nn.Module):
    """Hidden layers and a linear one, with dropout before each."""

    def __init__(
        self,
        inputs: int,
        classes: int,
        *,
        layers: int = 0,
        width: int | None = None,
        activation: str = "gelu",
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        for _ in range(layers):
            modules += [
                nn.Dropout(dropout),
                nn.Linear(inputs, width or inputs),
                _ACTIVATIONS[activation](),
            ]
            inputs = width or inputs
        self.layers = nn.Sequential(*modules, nn.Dropout(dropout), nn.Linear(inputs, classes))

    def forward(self, hidden: Tensor) -> Tensor:
        """Logits, shape (..., classes)."""
        logits: Tensor = self.layers(hidden)
        return logits


def _check_allowed(allowed: list[list[int]], intents: int, labels: int) -> None:
    # `Other`, the first label, goes with every intent, so that something always can be predicted.
    fits = len(allowed) == intents and all(
        0 in intent_labels and all(0 <= label < labels for label in intent_labels)
        for intent_labels in allowed
    )
    if not fits:
        raise ValueError("allowed_labels do not fit the intents and labels")


def _loss(
    logits: Tensor, labels: Tensor, smoothing: float, weights: Tensor | None = None
) -> Tensor:
    total = functional.cross_entropy(
        logits.float(),
        labels,
        label_smoothing=smoothing,
        ignore_index=NO_LABEL,
        reduction="sum" if weights is None else "none",
    )
    if weights is not None:
        total = (total * weights).sum()
    # A batch without any label has no loss, where the mean would be no number. Rows that are not
    # sure do not count for more where a batch has no others.
    return total / (labels != NO_LABEL).sum().clamp(min=1)


def _sum(loss: Tensor | None, more: Tensor) -> Tensor:
    return more if loss is None else loss + more


def _subword_weights(weights: Tensor, labels: Tensor, row_numbers: Tensor | None) -> Tensor:
    if row_numbers is None:
        return weights.unsqueeze(1).expand_as(labels)
    # What fills up has no label.
    return functional.pad(weights, (0, 1))[row_numbers]


AutoConfig.register(JointConfig.model_type, JointConfig, exist_ok=True)
AutoModel.register(JointConfig, JointModel, exist_ok=True)
