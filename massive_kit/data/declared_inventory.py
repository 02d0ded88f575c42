"""The labels that a corpus is declared to have, where its rows may not show all of them.

A task declares them (`inventory:`), or `data import --inventory` does. What declares them is
`massive`, a store, or a file: JSON as `Inventory.to_json` gives it, YAML or JSON with `intents` and
`slots` as lists, or the original's two maps, `PREFIX.intents` and `PREFIX.slots`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from massive_kit.data.home import DEMO, stores
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import OTHER, name_problem
from massive_kit.data.span_schemes import SPAN_SCHEMES, SpanScheme
from massive_kit.data.store import INDEX, Store
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.schema.config import MAX_BYTES, parse_yaml

MASSIVE = "massive"
_MAPS = (".intents", ".slots")
_NUMBER = re.compile(r"[0-9]{1,6}")
_KEYS = ("intents", "slots", "scheme")
# Integers of labels are stored in 16 bits.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class DeclaredInventory:
    """An inventory that somebody declared.

    Attributes:
        where: What declares it, for messages.
        inventory: The labels, in the order declared.
        scheme: The span scheme, where that is declared, too.
    """

    where: str
    inventory: Inventory
    scheme: SpanScheme | None

    def of_corpus(self, corpus: Inventory) -> Inventory:
        """The labels declared for a corpus, whose scenarios and scheme fill what is not declared.

        Args:
            corpus: What the rows of the corpus show.
        """
        scenarios = {
            intent: scenario
            for intent in self.inventory.intents
            if (scenario := self.inventory.scenarios.get(intent, corpus.scenarios.get(intent)))
        }
        return replace(self.inventory, scenarios=scenarios, scheme=self.scheme or corpus.scheme)

    def lacks(self, corpus: Inventory) -> bool:
        """Whether a corpus may have labels that are not declared, or other scenarios."""
        return (
            not {*corpus.intents} <= {*self.inventory.intents}
            or not {*corpus.slots} <= {*self.inventory.slots}
            or any(
                self.inventory.scenarios.get(intent, scenario) != scenario
                for intent, scenario in corpus.scenarios.items()
            )
        )


def declared_inventory(names: str | Sequence[str]) -> DeclaredInventory:
    """The labels that a file, a store or `massive` declares; those of several are joined.

    Args:
        names: What declares them, by name or path. Labels have the order in which they come first.

    Raises:
        MissingDataError: There is no such file or store.
        ConfigError: A file is not an inventory; holds every mistake. Or several disagree.
    """
    several = [_declared(name) for name in ([names] if isinstance(names, str) else names)]
    if len(several) == 1:
        return several[0]
    where = ", ".join(declared.where for declared in several)
    inventories = [declared.inventory for declared in several]
    scenarios: dict[str, str] = {}
    problems = []
    for declared in several:
        for intent, scenario in declared.inventory.scenarios.items():
            if scenarios.setdefault(intent, scenario) != scenario:
                words = f"the scenario of {intent!r} is {scenario!r}"
                problems.append(Problem(declared.where, words, f"{scenarios[intent]!r} as before"))
    schemes = list(dict.fromkeys(d.scheme for d in several if d.scheme is not None))
    if len(schemes) > 1:
        problems.append(
            Problem(
                where,
                f"the span schemes {' and '.join(schemes)}",
                "one scheme",
                "import the data again with the same --scheme",
            )
        )
    if problems:
        raise ConfigError("the inventories do not fit together", problems)
    joined = Inventory(
        tuple(dict.fromkeys(intent for inventory in inventories for intent in inventory.intents)),
        tuple(dict.fromkeys(slot for inventory in inventories for slot in inventory.slots)),
        scenarios,
    )
    return DeclaredInventory(where, joined, schemes[0] if schemes else None)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """A hint at the declared label that somebody may have meant."""
    by_fold = {label.casefold(): label for label in known}
    near = difflib.get_close_matches(name[:100].casefold(), by_fold, n=1)
    return f"did you mean {by_fold[near[0]]!r}?" if near else None


def _declared(name: str) -> DeclaredInventory:
    # The demo corpus has MASSIVE's labels.
    if name in {MASSIVE, DEMO}:
        # Whoever imports data with another scheme says so.
        return DeclaredInventory(name, Inventory.massive(), None)
    path = Path(name)
    # A name first, as for `--data`.
    if path.name == name and (stores() / name / INDEX).is_file():
        return _of_store(Store.open(stores() / name))
    if (path / INDEX).is_file():
        return _of_store(Store.open(path))
    maps = path.with_suffix("") if path.suffix in _MAPS else path
    intents, slots = (maps.with_name(f"{maps.name}{suffix}") for suffix in _MAPS)
    if intents.is_file() or slots.is_file():
        return _of_maps(intents, slots)
    if path.is_file():
        return _of_file(path)
    near = nearest(name, [MASSIVE, *(folder.name for folder in stores().glob("*"))])
    raise MissingDataError(
        f"the inventory {name!r} is not found; expected a file, the name of a store, or {MASSIVE!r}"
        + (f" ({near})" if near else "")
    )


def _of_store(store: Store) -> DeclaredInventory:
    return DeclaredInventory(f"store {store.name}", store.inventory, store.inventory.scheme)


def _of_maps(intents: Path, slots: Path) -> DeclaredInventory:
    values = {}
    for key, path in zip(_KEYS, (intents, slots), strict=False):
        if not path.is_file():
            raise MissingDataError(f"{path}: no such file; it belongs to the other map")
        values[key] = _read(path)
    return _checked(values, f"{intents}, {slots.name}")


def _of_file(path: Path) -> DeclaredInventory:
    value = _read(path)
    # The index of a store holds its inventory.
    inner = value.get("inventory")
    return _checked(inner if isinstance(inner, dict) and "parts" in value else value, str(path))


def _read(path: Path) -> dict[str, Any]:
    size = path.stat().st_size
    if size > MAX_BYTES:
        problem = Problem(str(path), f"{size:,} bytes", f"at most {MAX_BYTES:,}")
        raise ConfigError(f"{path} is too large", [problem])
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        value = json.loads(raw, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        # YAML, or JSON whose mistake is told as one of YAML, with its line.
        return parse_yaml(raw, str(path))
    return value if isinstance(value, dict) else parse_yaml(raw, str(path))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands here twice")
    return values


def _checked(values: dict[str, Any], where: str) -> DeclaredInventory:
    problems: list[Problem] = []

    def refuse(mistake: str, expected: str | None = None, todo: str | None = None) -> None:
        problems.append(Problem(where, mistake, expected, todo))

    for key in values:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            todo = f"did you mean {near[0]!r}?" if near else None
            refuse(f"unknown key {key!r}", f"only {', '.join(_KEYS)}", todo)
    intents = _names("intents", values, refuse)
    slots = _names("slots", values, refuse)
    scenarios = {}
    given = values.get("intents")
    if isinstance(given, dict) and not _is_map(given):
        scenarios = {intent: scenario for intent, scenario in given.items() if scenario}
    scheme = values.get("scheme")
    if scheme is not None and scheme not in SPAN_SCHEMES:
        refuse(f"scheme is {scheme!r:.60}", f"one of {', '.join(SPAN_SCHEMES)}")
    if problems:
        raise ConfigError(f"{where} is not an inventory", problems)
    return DeclaredInventory(where, Inventory(intents, slots, scenarios), scheme)


def _names(key: str, values: dict[str, Any], refuse: Any) -> tuple[str, ...]:
    # The original's map of slots, and lists made of it, name what means no slot.
    listed = [name for name in _listed(key, values, refuse) if key == "intents" or name != OTHER]
    for name in listed:
        if problem := _intent_problem(name) if key == "intents" else name_problem(name):
            refuse(f"{key} holds {name!r:.60}: {problem}")
    repeated = [name for name, count in Counter(listed).items() if count > 1]
    if repeated:
        refuse(f"{key} holds {', '.join(map(repr, repeated[:10]))} twice", "each label once")
    if len(listed) > _MOST:
        refuse(f"{len(listed):,} {key}", f"at most {_MOST:,}")
    return tuple(listed)


def _listed(key: str, values: dict[str, Any], refuse: Any) -> list[str]:
    """The names of one kind, from a list, from a map of the original's, or from `to_json`."""
    given = values.get(key)
    if key not in values:
        refuse(f"the key {key!r} is missing", "a list of names, which may be empty")
        return []
    if isinstance(given, dict) and given and _is_map(given):
        by_number = {int(number): name for number, name in given.items()}
        if sorted(by_number) != list(range(len(by_number))):
            refuse(f"the keys of {key} are not 0, 1, 2, ...")
        return [by_number[number] for number in sorted(by_number)]
    if isinstance(given, dict) and key == "intents":
        for name, scenario in given.items():
            if scenario is not None and not isinstance(scenario, str):
                refuse(f"the scenario of {name!r:.60} is {scenario!r:.60}", "text, or null")
        given = list(given)
    if not isinstance(given, list):
        refuse(f"{key} is {given!r:.60}", "a list of names")
        return []
    for name in given:
        if not isinstance(name, str):
            refuse(f"{key} holds {name!r:.60}", "text", "put the name in quotes")
    return [name for name in given if isinstance(name, str)]


def _is_map(value: dict[Any, Any]) -> bool:
    return all(
        isinstance(key, str) and _NUMBER.fullmatch(key) is not None and isinstance(name, str)
        for key, name in value.items()
    )


def _intent_problem(name: str) -> str | None:
    if not name.strip():
        return "it is empty"
    if name != name.strip():
        return "it has white space around it"
    return "it holds a tab or a line break" if any(c in "\t\r\n" for c in name) else None
