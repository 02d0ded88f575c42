"""The application's group of commands, whose errors speak plain English."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

# What pydantic, by which Typer reads options, puts before every message of a wrong value.
_PYDANTIC = "Value error, "


class PlainErrors(TyperGroup):
    """Commands whose wrong options are told without the words of the library beneath."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that is asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            message = getattr(error, "message", None)
            if isinstance(message, str) and message.startswith(_PYDANTIC):
                error.message = message.removeprefix(_PYDANTIC)  # type: ignore[attr-defined]  # it is there
            raise
