"""What the official versions hold, so that a store that claims to be one can be held to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.errors import Problem

_FILE = Path(__file__).with_name("versions.json")


@dataclass(frozen=True, slots=True)
class Version:
    """An official version.

    Attributes:
        name: Such as `1.1`.
        locales: All of them.
        rows: Utterances of each partition, the same in every locale.
        content: The content hash of each locale's partitions, where they are known.
    """

    name: str
    locales: tuple[str, ...]
    rows: dict[str, int]
    content: dict[str, dict[str, str]]


@cache
def versions() -> dict[str, Version]:
    """The versions that are known, by name."""
    known = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Version(name, tuple(value["locales"]), value["rows"], value["content"])
        for name, value in known.items()
    }


def differences(store: Store) -> list[Problem]:
    """Where a store is not the version that it claims to be; nothing where it claims none."""
    if not store.version:
        return []
    version = versions().get(store.version)
    where = f"store {store.name}"
    if version is None:
        if store.version == "demo":
            return []
        claimed = f"claims to be version {store.version!r}, of which nothing is known here"
        return [Problem(where, claimed, " or ".join(versions()), severity="warning")]
    claim = f"as in MASSIVE {version.name}"
    missing, more = {*version.locales} - {*store.locales}, {*store.locales} - {*version.locales}
    problems = [Problem(where, f"{locale} is missing", claim) for locale in sorted(missing)]
    problems += [
        Problem(where, f"{locale} is not one of its locales", claim) for locale in sorted(more)
    ]
    if store.inventory != Inventory.massive():
        problems.append(Problem(where, "other intents or slots", claim))
    for locale in store.locales:
        if locale in version.locales:
            problems += _parts(store, version, locale, claim)
    return problems


def _parts(store: Store, version: Version, locale: str, claim: str) -> list[Problem]:
    problems = []
    parts = store.parts[locale]
    for partition in sorted({*version.rows, *parts}):
        where = f"{store.name}/{locale}/{partition}"
        expected = version.rows.get(partition, 0)
        rows = parts[partition].rows if partition in parts else 0
        content = version.content.get(locale, {}).get(partition)
        if rows != expected:
            problems.append(Problem(where, f"{rows:,} rows", f"{expected:,}, {claim}"))
        elif content and parts[partition].content != content:
            todo = "`massive-kit data diff` with a sound copy shows the rows"
            text = "other ids, intents or annotations"
            problems.append(Problem(where, text, claim, todo))
    return problems
