"""What a UniMorph cell says of a form, and by what two forms differ.

The schema: Sylak-Glassman 2016, "The Composition and Use of the Universal Morphological Feature
Schema". Features are compared as sets, since their order differs between languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

# By what a variant differs: another imperative (number, gender, politeness), imperative or
# infinitive, the number of a noun, its case.
Change = Literal["imperative", "mood", "number", "case"]
CHANGES: tuple[Change, ...] = ("imperative", "mood", "number", "case")

_NUMBERS = frozenset({"SG", "PL", "DU", "TRI", "PAUC"})
_GENDERS = frozenset({"MASC", "FEM", "NEUT", "ANIM", "INAN"})
_CASES = frozenset(
    {"NOM", "ACC", "ERG", "ABS", "GEN", "DAT", "INS", "ESS", "LOC", "IN", "ALL", "ABL", "VOC"}
    | {"COM", "PRT", "TRANS", "FRML", "TERM", "PRIV", "PROL", "BEN", "CAUS", "EQTV", "PROP"}
    | {"INE", "ELA", "ILL", "ADE", "OBL"}
)
# What a table leaves out or names, and means the same by.
_UNMARKED = frozenset({"INDF", "NDEF", "ACT", "POS", "IND"})
_ALTERNATIVES = re.compile(r"[+/{}]")


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a cell, sorted by what they are about.

    Attributes:
        text: As the table has them.
        part_of_speech: Such as `V`, `N` or `V.PTCP`.
        numbers: One, or several where the form serves for all of them; none means singular.
        cases: Likewise; none where there is no case.
        genders: Likewise.
        others: All others but those that say the usual, such as `ACT`.
    """

    text: str
    part_of_speech: str
    numbers: frozenset[str]
    cases: frozenset[str]
    genders: frozenset[str]
    others: frozenset[str]

    @property
    def is_imperative(self) -> bool:
        """Whether it is the imperative of a verb."""
        return self.part_of_speech == "V" and "IMP" in self.others

    @property
    def is_infinitive(self) -> bool:
        """Whether it is the infinitive of a verb."""
        return self.part_of_speech == "V" and self.others == {"NFIN"}


@lru_cache(8192)
def features_of(text: str) -> Features:
    """The features of a cell, such as `V;IMP;2;SG`."""
    part, *tags = text.split(";")
    alternatives = [frozenset(filter(None, _ALTERNATIVES.split(tag))) for tag in tags]

    def about(kind: frozenset[str]) -> frozenset[str]:
        return frozenset().union(*(tag for tag in alternatives if tag and tag <= kind))

    known = _NUMBERS | _CASES | _GENDERS | _UNMARKED
    others = frozenset().union(*(tag for tag in alternatives if tag and not tag <= known))
    return Features(text, part, about(_NUMBERS), about(_CASES), about(_GENDERS), others)


def change_between(before: Features, after: Features) -> Change | None:
    """By what one form of a word differs from another; `None` where by something else, or more."""
    if before.part_of_speech != after.part_of_speech:
        return None
    if before.part_of_speech == "V":
        return _change_of_verb(before, after)
    if before.part_of_speech != "N" or before.others != after.others:
        return None
    if not _agree(before.genders, after.genders):
        return None
    singular = frozenset({"SG"})
    numbers = bool((before.numbers or singular) & (after.numbers or singular))
    cases = before.cases == after.cases or bool(before.cases & after.cases)
    if numbers == cases:
        return None
    if not cases and not (before.cases and after.cases):
        return None
    return "case" if numbers else "number"


def _change_of_verb(before: Features, after: Features) -> Change | None:
    if before.is_imperative and after.is_imperative:
        # The person stays: an imperative of another one asks for something else.
        rest = {"POL", "FORM", "INFM", "ELEV", "HUMB"}
        return "imperative" if before.others - rest == after.others - rest else None
    if (before.is_imperative and after.is_infinitive) or (
        before.is_infinitive and _addresses_one(after)
    ):
        return "mood" if "NEG" not in before.others | after.others else None
    return None


def _addresses_one(verb: Features) -> bool:
    return (
        verb.is_imperative
        and verb.numbers <= {"SG"}
        and verb.others <= {"IMP", "2"}
        and verb.genders != {"FEM"}
    )


def _agree(left: frozenset[str], right: frozenset[str]) -> bool:
    return not left or not right or bool(left & right)
