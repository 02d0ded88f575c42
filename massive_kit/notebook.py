"""Results as tables: a pandas data frame, and what a notebook shows of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Notebooks show the beginning and the end of a longer table.
_SHOWN_ROWS = 60


class ShownAsTable:
    """Anything that a notebook shows as a table."""

    __slots__ = ()

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """The result as a pandas data frame."""

    def _repr_html_(self) -> str:
        # Text of utterances and labels comes from anywhere; pandas escapes it.
        return str(self.to_frame().to_html(max_rows=_SHOWN_ROWS, escape=True, index=False))
