"""From the repository to a folder that opens in a browser."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from manual.commands import command_pages
from manual.files import file_pages, schema_files
from manual.links import relinked
from manual.navigation import INDEX, navigation
from manual.pages import ROOT, Page, places
from manual.python_face import python_page
from manual.sections import moved

# What Sphinx and its theme leave out for those who hear a page or move on it by keyboard.
_NAMED = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    '<aside class="toc-drawer no-toc">': '<aside class="toc-drawer no-toc" aria-hidden="true">',
    '<th class="head"><p></p></th>': "<td></td>",
    "<pre><span></span>": '<pre tabindex="0"><span></span>',
    '<div id="search-results"></div>': '<h1>Search</h1>\n<div id="search-results"></div>',
}


def written_pages(root: Path = ROOT) -> list[Page]:
    """The pages that people wrote, with links that hold in the manual."""
    known = places(root)
    texts = {
        place: relinked((root / source).read_text(encoding="utf-8"), source, place, known)
        for source, place in known.items()
    }
    pages = moved(texts)
    pages[INDEX] = navigation(pages[INDEX])
    for place in pages:
        # So many that each would be lost among the others; a card leads to them.
        if place.startswith("cards/languages/"):
            pages[place] = f"---\norphan: true\n---\n\n{pages[place]}"
    return [Page(place, text) for place, text in pages.items()]


def all_pages(root: Path = ROOT) -> list[Page]:
    """All pages, those made from the code among them."""
    written = written_pages(root)
    return [*written, *command_pages(written), *file_pages(), python_page()]


def stage(folder: Path, root: Path = ROOT) -> int:
    """Writes what Sphinx reads into an empty folder, and returns how many pages that are."""
    pages = all_pages(root)
    for page in pages:
        _write(folder / page.path, page.text)
    for name, text in schema_files().items():
        _write(folder / name, text)
    if (root / "docs" / "images").is_dir():
        shutil.copytree(root / "docs" / "images", folder / "images")
    return len(pages)


def build(out: Path, work: Path) -> int:
    """Builds the manual; a warning, such as of a link that leads nowhere, is an error.

    Args:
        out: The folder for the site, which is made anew.
        work: A folder for what is in between.

    Returns:
        What Sphinx ended with.
    """
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
    count = stage(work / "source")
    print(f"{count} pages, which take a minute or less", file=sys.stderr)  # noqa: T201 - what is going on
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    command += ["-c", str(Path(__file__).parent), "-d", str(work / "doctrees")]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(  # noqa: S603 - our own command line
        [*command, str(work / "source"), str(out)], env=environment, check=False
    )
    for page in out.rglob("*.html"):
        name_parts(page)
    return done.returncode


def name_parts(page: Path) -> None:
    """Names the parts of a built page for those who hear it."""
    text = page.read_text(encoding="utf-8")
    for part, named in _NAMED.items():
        text = text.replace(part, named)
    page.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of `python -m manual`."""
    parser = argparse.ArgumentParser(prog="python -m manual", description="Builds the manual.")
    parser.add_argument("--out", type=Path, default=Path("build/manual"), help="for the site")
    out: Path = parser.parse_args(arguments).out
    code = build(out, out.with_name(out.name + ".work"))
    if code == 0:
        print((out / "index.html").resolve().as_uri())  # noqa: T201 - what it is run for
    sys.exit(code)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
