"""What `data import` tells of what it took, changed and left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from massive_kit.cli.console import err
from massive_kit.counted import counted
from massive_kit.errors import escape_invisible

if TYPE_CHECKING:
    from massive_kit.data.intake.importing import Imported

# Names or places in a message.
_SOME = 5


def report_import(imported: Imported) -> None:
    """Prints it on stderr."""
    from massive_kit.data.intake.formats import formats

    for name, files in imported.formats.items():
        _say(f"{files:,} {'file' if files == 1 else 'files'} of {formats()[name].TITLE}")
    for given, locale in imported.read_as.items():
        _say(f"the locale {given!r} is read as {locale}")
    if imported.tag_scheme:
        _say(f"tag scheme: {imported.tag_scheme}")
    if imported.store.inventory.scheme == "brackets":
        _say("span scheme: brackets (touching spans of one slot stay apart)")
    for remark in imported.remarks:
        _say(remark)
    for text, places in imported.notes.items():
        _say(f"{len(places):,} {'row' if len(places) == 1 else 'rows'}: {text} ({_some(places)})")
    if imported.ignored:
        _say(f"left out, as not in a format that was looked for: {_some(imported.ignored)}")
    if imported.rejects:
        _say(f"{counted(imported.rejected, 'bad row')} left out, in {imported.rejects}")


def import_json(imported: Imported) -> dict[str, Any]:
    """The same for machines."""
    store = imported.store
    return {
        "name": store.name,
        "path": str(store.path),
        "rows": store.total_rows,
        "locales": list(store.locales),
        "rejected": imported.rejected,
        "rejects": str(imported.rejects) if imported.rejects else None,
        "read_as": dict(imported.read_as),
        "formats": dict(imported.formats),
        "tag_scheme": imported.tag_scheme,
        "span_scheme": store.inventory.scheme,
        "ignored": list(imported.ignored),
        "remarks": list(imported.remarks),
        "notes": {text: len(places) for text, places in imported.notes.items()},
    }


def _say(text: str) -> None:
    err.print(escape_invisible(text), markup=False, soft_wrap=True)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SOME
    return ", ".join(names[:_SOME]) + (f" and {more:,} more" if more > 0 else "")
