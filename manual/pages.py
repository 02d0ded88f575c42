"""The pages of the manual, and where the files of the repository stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Pages that stay where a reader of the repository looks for them.
_ELSEWHERE = {
    "baselines/README.md": "recipes.md",
    "leaderboard/README.md": "leaderboard.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "massive_kit/languages/typology/README.md": "licences/typology.md",
    "massive_kit/languages/world/LICENCE.md": "licences/world.md",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the manual.

    Attributes:
        path: Its file in the manual, such as `tutorials/first_board.md`.
        text: Markdown; links lead to files of the manual.
    """

    path: str
    text: str


def places(root: Path = ROOT) -> dict[str, str]:
    """Where each Markdown file of the repository that is a page stands in the manual."""
    pages = {name: place for name, place in _ELSEWHERE.items() if (root / name).is_file()}
    for path in sorted((root / "docs").rglob("*.md")):
        pages[path.relative_to(root).as_posix()] = path.relative_to(root / "docs").as_posix()
    for path in sorted((root / "data_cards").rglob("*.md")):
        card = path.relative_to(root / "data_cards").as_posix()
        pages[f"data_cards/{card}"] = f"cards/{card}"
    return pages
