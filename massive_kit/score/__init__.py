"""Scores with intervals, from labels.

The package is also a function: `massive_kit.score(predictions, references)`. Python binds a
subpackage to its parent under its own name whenever any of its modules is imported, so a function
of that name would come and go; a package that can be called is always there.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massive_kit.schema.scores import Scores


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Scores:
        """As `massive_kit.score.api.score`."""
        from massive_kit.score.api import score

        return score(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
