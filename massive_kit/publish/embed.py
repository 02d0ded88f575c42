"""What other sites show of a board: the first places of a section as a fragment of HTML."""

from __future__ import annotations

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, release
from massive_kit.publish.board_model import BoardModel, RankedSection, Standing
from massive_kit.publish.text import safe_text

# So many places are read in passing; all of them are on the board.
MOST = 20


def path(ranked: RankedSection) -> str:
    """Where the fragment of a section lies: it is no page of the site, and so is called `.htm`."""
    return f"embed/{ranked.section.id}.htm"


def table(model: BoardModel, ranked: RankedSection) -> str:
    """The fragment: a table without script, style or anything to load.

    Its links are absolute, and are left out where it is not known where the board stands.
    """
    board, address = model.board, release.url(model)
    shown = ranked.standings[:MOST]
    rows = Markup("\n").join(_row(model, standing, address) for standing in shown)
    title = _linked(board.title, address and f"{_folder(address)}index.html#{ranked.section.id}")
    note = [f"{len(shown)} of {counted(len(ranked.standings), 'system')}"]
    day = release.date(model)
    note += [f"version {safe_text(board.version)}"] if board.version else []
    note += [day.isoformat()] if day else []
    note += [safe_text(board.licence)] if board.licence else []
    return Markup(
        '<figure class="massive-kit-board">\n<table>\n<caption>{caption}</caption>\n'
        '<thead><tr><th scope="col">Rank</th><th scope="col">System</th><th scope="col">Team</th>'
        '<th scope="col">{metric}</th><th scope="col">95 % interval</th></tr></thead>\n'
        "<tbody>\n{rows}\n</tbody>\n</table>\n<figcaption>{title}: {note}</figcaption>\n</figure>\n"
    ).format(
        caption=f"{safe_text(ranked.section.title)}, {cells.average_title(board.average)},"
        " in percent",
        metric=cells.heading(board.metric),
        rows=rows,
        title=title,
        note=", ".join(note),
    )


def _row(model: BoardModel, standing: Standing, address: str | None) -> Markup:
    entry = standing.entry
    score = entry.headline(model.board)
    rank = str(standing.place) if standing.scored else cells.DASH
    if standing.tested and standing.low != standing.high:
        rank += f" ({standing.low}{cells.DASH}{standing.high})"
    bounds = cells.DASH
    if score and score.low is not None and score.high is not None:
        bounds = f"{cells.percent(score.low)}{cells.DASH}{cells.percent(score.high)}"
    return Markup(
        '<tr><td>{}</td><th scope="row">{}</th><td><bdi>{}</bdi></td><td>{}</td><td>{}</td></tr>'
    ).format(
        rank,
        _linked(entry.manifest.title, address and _folder(address) + entry.page),
        safe_text(entry.manifest.team),
        cells.percent(score.value) if score else cells.DASH,
        bounds,
    )


def _linked(text: str, href: str | None) -> Markup:
    shown = Markup("<bdi>{}</bdi>").format(safe_text(text))
    return Markup('<a href="{}">{}</a>').format(href, shown) if href else shown


def _folder(address: str) -> str:
    return address if address.endswith("/") else address + "/"
