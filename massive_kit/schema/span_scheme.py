"""The span schemes, by name; `massive_kit.data.span_schemes` says what they mean."""

from __future__ import annotations

from typing import Literal

SpanScheme = Literal["runs", "brackets"]
