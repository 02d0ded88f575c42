"""What is said of a source on the command line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.partition_names import canonical_partition, partition_problem
from massive_kit.data.intake.recognition import check_format
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What is said of a source on the command line.

    Attributes:
        format: Its format, by the name of the module; `None` to recognise it.
        locale: For rows whose file and path say none, or its language alone.
        partition: For rows whose file and path say none.
        maps: What integers in place of labels mean.
        languages: The language table.
    """

    format: str | None = None
    locale: str | None = None
    partition: str | None = None
    maps: LabelMaps = field(default_factory=LabelMaps)
    languages: LanguageTable = field(default_factory=LanguageTable.shipped)

    def unused(self, parts: Mapping[str, Collection[str]]) -> Iterator[str]:
        """What to tell of a locale or partition that no row was given.

        Args:
            parts: The partitions of each locale that came of the source.
        """
        because = "every row or path names its own"
        if self.locale and self.languages.match(self.locale).locale not in parts:
            yield f"--locale {self.locale} was not used: {because}"
        partitions = {name for names in parts.values() for name in names}
        if self.partition and canonical_partition(self.partition) not in partitions:
            yield f"--partition {self.partition} was not used: {because}"

    def check(self) -> None:
        """Refuses what no source can be.

        Raises:
            UsageError: There is no such format or locale, or no partition can be called that.
        """
        if self.format is not None:
            check_format(self.format)
        match = self.languages.match(self.locale) if self.locale else None
        if match is not None and match.problem:
            raise UsageError("; ".join(filter(None, (f"--locale: {match.problem}", match.hint))))
        if self.partition and (problem := partition_problem(self.partition)):
            raise UsageError(f"--partition: {problem}")
