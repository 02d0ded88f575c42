"""BibTeX for a system."""

from __future__ import annotations

import re

from massive_kit.publish.entries import Entry
from massive_kit.publish.text import latex, safe_link


def bibtex(entry: Entry, base_url: str = "") -> str:
    """An entry that names the system, its version and where it is described."""
    manifest = entry.manifest
    url = safe_link(manifest.paper) or safe_link(manifest.code)
    if url is None and base_url:
        url = base_url + entry.page
    fields = {
        "author": "{" + latex(manifest.team) + "}",
        "title": "{" + latex(manifest.title) + "}",
        "year": str(manifest.date.year),
        "version": latex(manifest.version),
        "note": latex(f"Task {manifest.task}, setting {manifest.setting}"),
    }
    if url:
        # A brace would end the field; no URL needs one.
        fields["url"] = url.replace("{", "%7B").replace("}", "%7D")
    key = re.sub(r"[^A-Za-z0-9-]+", "-", f"{manifest.system}-{manifest.version}")
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"
