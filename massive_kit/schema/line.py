"""One line of text in a file that people write."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from massive_kit.schema.patterns import ONE_LINE

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
