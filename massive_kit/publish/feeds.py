"""Atom feed, sitemap, robots."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from markupsafe import Markup, escape

from massive_kit.publish import cells
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.text import safe_text

_NEWEST = 50


def feed_files(model: BoardModel, listed: Sequence[str]) -> dict[str, str]:
    """The files by name; a sitemap needs absolute addresses, so it needs a base URL."""
    files = {"feed.xml": atom(model), "robots.txt": robots(model), ".nojekyll": ""}
    if model.base_url:
        files["sitemap.xml"] = sitemap(model, listed)
    return files


def atom(model: BoardModel) -> str:
    """The newest systems as an Atom feed; dates are the manifests', never the clock's."""
    entries = sorted(
        model.versions, key=lambda entry: (entry.manifest.date, entry.key), reverse=True
    )[:_NEWEST]
    updated = entries[0].manifest.date.isoformat() if entries else "2022-04-20"
    feed_id = uuid.uuid5(uuid.NAMESPACE_URL, model.base_url or model.board.title)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{escape(safe_text(model.board.title))}</title>",
        f"<id>urn:uuid:{feed_id}</id>",
        f"<updated>{updated}T00:00:00Z</updated>",
        f'<link rel="self" href="{escape(model.base_url)}feed.xml"/>',
        f'<link href="{escape(model.base_url)}index.html"/>',
        *(_atom_entry(model, entry, feed_id) for entry in entries),
        "</feed>\n",
    ]
    return "\n".join(map(str, parts))


def _atom_entry(model: BoardModel, entry: Entry, feed_id: uuid.UUID) -> Markup:
    manifest = entry.manifest
    score = entry.headline(model.board)
    summary = f"{entry.scores.task} ({entry.scores.setting})"
    if score:
        summary += f": {cells.in_sentence(model.board.metric)} {cells.percent(score.value)}"
    return Markup(
        "<entry><title>{title}</title><id>urn:uuid:{id}</id><updated>{date}T00:00:00Z</updated>"
        '<author><name>{team}</name></author><link href="{href}"/><summary>{summary}</summary>'
        "</entry>"
    ).format(
        title=safe_text(f"{manifest.title} ({manifest.version})"),
        id=uuid.uuid5(feed_id, entry.key),
        date=manifest.date.isoformat(),
        team=safe_text(manifest.team),
        href=model.base_url + entry.page,
        summary=safe_text(summary),
    )


def sitemap(model: BoardModel, listed: Sequence[str]) -> str:
    """All pages."""
    urls = "\n".join(
        f"<url><loc>{escape(model.base_url + path)}</loc></url>" for path in sorted(listed)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{urls}\n</urlset>\n"
    )


def robots(model: BoardModel) -> str:
    """Everyone may read everything."""
    lines = ["User-agent: *", "Allow: /"]
    if model.base_url:
        lines.append(f"Sitemap: {model.base_url}sitemap.xml")
    return "\n".join(lines) + "\n"
