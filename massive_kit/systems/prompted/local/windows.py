"""How far back the layers of a model see: to the beginning of a text, or through a window."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedConfig

# As `transformers` calls layers.
_FULL, _SLIDING = "full_attention", "sliding_attention"
_IN_PARTS = {"chunked_attention", "local"}


@dataclass(frozen=True, slots=True)
class Windows:
    """How far back the layers of a model see.

    Attributes:
        width: How many tokens a layer with a window sees, the token itself among them; `None` where
            no layer has a window.
        is_mixed: Whether other layers see the whole text.
    """

    width: int | None
    is_mixed: bool

    @classmethod
    def of(cls, config: PreTrainedConfig) -> Windows:
        """Those of a model.

        Raises:
            ValueError: Its layers see parts of a text that no window says.
        """
        config = config.get_text_config()
        kinds = {*(getattr(config, "layer_types", None) or ())}
        # GPT-Neo's name for them.
        if (kinds | {*(getattr(config, "attention_layers", None) or ())}) & _IN_PARTS:
            raise ValueError("some of its layers see a text in parts")
        width = getattr(config, "sliding_window", None)
        if not width or (kinds and _SLIDING not in kinds):
            return cls(None, is_mixed=False)
        return cls(int(width), is_mixed=bool(kinds - {_SLIDING}))

    def mask(
        self, leads: Tensor, positions: Tensor, earlier: Tensor, dtype: torch.dtype
    ) -> Tensor | dict[str, Tensor]:
        """What the model takes as its attention mask.

        Args:
            leads: Shape (rows, new, all), whether a token (third) leads to a new one (second), or
                is that one.
            positions: Shape (rows, new), where each new token stands in its text.
            earlier: Shape (rows, all), where each token stands in its text.
            dtype: The number format of the model.
        """
        if self.width is None:
            return _closed(leads, dtype)
        is_near = positions[:, :, None] - earlier[:, None] < self.width
        near = _closed(leads & is_near, dtype)
        return {_FULL: _closed(leads, dtype), _SLIDING: near} if self.is_mixed else near


def _closed(seen: Tensor, dtype: torch.dtype) -> Tensor:
    mask = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
    return mask.masked_fill_(~seen, torch.finfo(dtype).min)[:, None]
