"""The one tree of errors.

MassiveKitError               exit code 1, one sentence
 ├── ContentError             carries all the problems found, with file and line
 │    ├── DataError           rows of a data set
 │    ├── ConfigError         tasks, recipes, manifests and other YAML
 │    ├── PredictionError     a prediction file
 │    └── SubmissionError     a submission bundle or a results tree
 ├── NotationError            brackets of one annotated utterance; whoever reads files catches it
 ├── TagError                 tags (B-time I-time O) of one utterance; caught likewise
 ├── MissingDataError         data, a run or a file is not found; names the command that gets it
 │    └── MissingModelError   a pretrained model is not on this machine; another may have it
 ├── MissingExtraError        an optional dependency is not installed
 ├── LabelsUnreachableError   labels were asked of a split that is text alone
 ├── TrainingError            a run cannot go on; names the option to change
 ├── UnfinishedError          predicting stopped before its end; what is predicted is kept
 └── UsageError               exit code 2, the command line is wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
NotationMistake = Literal["unbalanced", "nested", "empty", "malformed", "shared"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in something from outside, described so that its author can mend it.

    Attributes:
        where: The file (or other source) that holds the mistake.
        found: What is there.
        expected: What should be there, or `None` where `found` says it all.
        todo: What to do about it, or `None` where that is plain.
        line: Line number from 1, or `None` where the mistake has no line.
        code: The rule's code, such as `MK101`, or `None`.
        severity: Only an error makes a command fail.
        excerpt: The offending part of the source, or `None`.
    """

    where: str
    found: str
    expected: str | None = None
    todo: str | None = None
    line: int | None = None
    code: str | None = None
    severity: Severity = "error"
    excerpt: str | None = None

    @property
    def place(self) -> str:
        """The file and the line in it, with a colon between; or the file alone."""
        return self.where if self.line is None else f"{self.where}:{self.line}"

    def __str__(self) -> str:
        """The problem in one line."""
        text = f"{self.place}: {self.found}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.todo:
            text += f" ({self.todo})"
        return text


class MassiveKitError(Exception):
    """Base of all errors that this package raises on purpose."""

    exit_code = 1


class ContentError(MassiveKitError):
    """Something from outside is wrong; `problems` holds every mistake found.

    Attributes:
        problems: The mistakes, capped for memory where there are very many.
        total: The true number of mistakes.
    """

    def __init__(self, summary: str, problems: Sequence[Problem], total: int | None = None) -> None:
        super().__init__(summary)
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total

    def __str__(self) -> str:
        """The summary, then a line for each problem."""
        lines = [str(self.args[0]), *(f"  {problem}" for problem in self.problems[:20])]
        if self.total > len(lines) - 1:
            lines.append(f"  ... and {self.total - len(lines) + 1:,} more")
        return "\n".join(lines)


class DataError(ContentError):
    """Rows of a data set are wrong."""


class ConfigError(ContentError):
    """A task, recipe, manifest or other configuration is wrong."""


class PredictionError(ContentError):
    """A prediction file is wrong."""


class SubmissionError(ContentError):
    """A submission bundle or a tree of results is wrong."""


class NotationError(MassiveKitError):
    """The brackets of an annotated utterance cannot be read.

    Attributes:
        kind: What is wrong: a bracket lacks its partner, a slot is inside another, a slot
            has no value, brackets do not hold `slot : value`, or two slots share a token.
        offset: Where, in code points from 0.
    """

    def __init__(self, kind: NotationMistake, message: str, offset: int) -> None:
        super().__init__(f"{message} (character {offset + 1})")
        self.kind: NotationMistake = kind
        self.offset = offset


class TagError(MassiveKitError):
    """The tags of an utterance, or of a corpus, cannot be read."""


class MissingDataError(MassiveKitError):
    """Something that a command needs is not found."""


class MissingModelError(MissingDataError):
    """A pretrained model or its tokenizer is not found, or cannot be loaded, on this machine."""


class MissingExtraError(MassiveKitError):
    """An optional dependency is not installed."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs more packages: pip install 'massive-kit[{extra}]'")


class LabelsUnreachableError(MassiveKitError):
    """Labels were asked of a split that is text alone."""


class TrainingError(MassiveKitError):
    """A training run cannot go on."""


class UnfinishedError(MassiveKitError):
    """Predicting stopped before its end; what is predicted is kept."""


class UsageError(MassiveKitError):
    """The command line is wrong."""

    exit_code = 2


def escape_invisible(text: str) -> str:
    r"""Text with control, bidi and other invisible characters shown as `\u....`."""
    return "".join(
        character
        if character.isprintable() or character == "\u200c"
        else f"\\u{ord(character):04x}"
        for character in text
    )
