"""The name of a part of a test set; `massive_kit.data.subset` makes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

# How many ids there are, and a hash of them.
SubsetName = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*@[0-9a-f]{8}$")]
