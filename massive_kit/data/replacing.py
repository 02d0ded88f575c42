"""When a store of one name may take the place of another."""

from __future__ import annotations

from pathlib import Path

from massive_kit.counted import counted
from massive_kit.data.lineage import Lineage
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError, UsageError
from massive_kit.files import jsonio


def refuse_other_data(target: Path, new: Store) -> None:
    """Refuses an import where there is a store with other rows or labels.

    Args:
        target: Where the new store will be.
        new: The new store, wherever it is for now.

    Raises:
        UsageError: There is another store.
    """
    old = _store_at(target)
    if old is None:
        return
    same = (old.lineage, old.hash, old.inventory) == (None, new.hash, new.inventory)
    if not same:
        raise _refusal(old, target)


def refuse_other_lineage(target: Path, lineage: Lineage) -> None:
    """Refuses to derive a store where there is one that was not made in the same way.

    Args:
        target: Where the new store will be.
        lineage: How the new store will be made.

    Raises:
        UsageError: There is another store.
    """
    old = _store_at(target)
    if old is not None and (old.lineage is None or _step(old.lineage) != _step(lineage)):
        raise _refusal(old, target)


def _store_at(folder: Path) -> Store | None:
    """The store in a folder, or `None` where none can be read: there is nothing to lose."""
    try:
        return Store.open(folder)
    except (MissingDataError, DataError):
        return None


def _step(lineage: Lineage) -> str:
    """What was done to what, without what only newer versions of the package record."""
    runs = [run.to_json() for run in lineage.runs]
    parents = [(parent.name, parent.hash) for parent in lineage.parents]
    return jsonio.dumps(
        {
            "transform": lineage.transform,
            "parameters": dict(lineage.parameters),
            "runs": runs,
            "parents": parents,
        }
    )


def _refusal(old: Store, folder: Path) -> UsageError:
    origin = "imported"
    if old.lineage is not None:
        parents = " and ".join(parent.name for parent in old.lineage.parents)
        origin = f"made by {old.lineage.transform}" + (f" of {parents}" if parents else "")
    rows = counted(old.total_rows, "utterance")
    return UsageError(
        f"the store {folder.name} exists and holds other data ({origin}, {rows} in"
        f" {counted(len(old.locales), 'locale')}); choose another --name, or give --replace"
    )
