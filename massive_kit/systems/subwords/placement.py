"""Which subword speaks for a token; the command line names the choices before it loads pydantic."""

from __future__ import annotations

from enum import StrEnum


class Placement(StrEnum):
    """Which subword of an utterance speaks for a token.

    `first`: the first subword of the token, which may be the mark of a space (the reference's way).
    `first_with_text`: the first subword that carries text. `raw_text`: as `first_with_text`, but
    over the utterance as it is written, so that ja-JP and zh are not cut into characters first; a
    token takes the subword that covers it.
    """

    first = "first"
    first_with_text = "first_with_text"
    raw_text = "raw_text"
