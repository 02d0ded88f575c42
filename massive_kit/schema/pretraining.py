"""What the model behind a system saw before it was trained for its task, as declared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from massive_kit.schema.config import Strict
from massive_kit.schema.patterns import LANGUAGE_TAG

LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=40)]


class Pretraining(Strict):
    """What the pre-trained model, or the language model that was asked, had seen.

    Attributes:
        languages: Every language of its text, as `sw`, `zh-Hant` or `sw-KE`; what is not named here
            was not seen. Leave it out where it is not known.
        massive: Whether it had seen utterances or labels of MASSIVE, in any language and partition,
            before the training that the setting is about. Leave it out where it is not known.
    """

    languages: Annotated[list[LanguageTag], Field(max_length=8000)] | None = None
    massive: bool | None = None

    def saw(self, *tags: str) -> bool | None:
        """Whether it saw a language, by any of its tags; `None` where nothing is declared."""
        return None if self.languages is None else names_any(self.languages, tags)


def names_any(languages: Iterable[str], tags: Iterable[str]) -> bool:
    """Whether a list of languages names a language by any of its tags, such as `zh` or `zh-CN`."""
    named = {tag.casefold() for tag in languages}
    return any(tag.casefold() in named for tag in tags)
