"""Cells and columns that several pages share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.languages import Group
from massive_kit.publish import cells, paths
from massive_kit.publish.board_model import BoardModel, Standing
from massive_kit.publish.entries import Entry, averaged_over
from massive_kit.publish.tables import SEVERAL, BoardCell, BoardColumn
from massive_kit.publish.text import safe_text
from massive_kit.schema.resources import RESOURCES

_OPEN_WEIGHTS = {True: "open", False: "not open", None: "not given"}
RANK = BoardColumn(
    "rank",
    "Rank",
    "number",
    ("rank", "rank_best", "rank_worst"),
    hint="Place by score, and the ranks that paired tests leave open",
)
SYSTEM = BoardColumn("system", "System", "head", ("system",))
SIZE = BoardColumn("parameters", "Parameters", "number", ("parameters",), first="descending")
DATE = BoardColumn("date", "Date", "text", ("date",), first="descending")
# So many rows are seen at a glance, without search and filters.
FEW = 8
SIZES = ("up to 100 M", "100 M to 350 M", "350 M to 1 B", "1 B to 10 B", "over 10 B")
_SIZE_ENDS = (1e8, 3.5e8, 1e9, 1e10)
UNTESTED = Markup(
    '<span title="by score alone: no test can be made">\u2020</span>'
    '<span class="vh"> by score alone</span>'
)
SAW_MASSIVE = Markup(
    ' <span class="mark" title="MASSIVE was seen before the training that the setting is about, as'
    ' declared">saw MASSIVE</span>'
)
UNTESTED_NOTE = (
    "\u2020 Place by score alone: a paired test needs the statistics of both systems, and numbers"
    " copied from print have none. No test is claimed."
)
BAND_NOTE = (
    "The small range after a place names the ranks that paired tests leave open; systems that"
    " share it cannot be told apart."
)


def notes(standings: Sequence[Standing]) -> list[str]:
    """What the marks at ranks mean, where there are any."""
    banded = any(standing.low != standing.high for standing in standings)
    untested = any(standing.by_score_alone for standing in standings)
    return [BAND_NOTE] * banded + [UNTESTED_NOTE] * untested


def mean_notes(model: BoardModel, entries: Sequence[Entry]) -> list[str]:
    """Which averages run over some of the languages alone, since the others have no such score."""
    notes = []
    for metric in model.metrics:
        fewer: dict[tuple[int, int], list[str]] = {}
        for entry in entries:
            over, languages = averaged_over(entry, metric), len(entry.scores.averaged)
            if over < languages:
                fewer.setdefault((over, languages), []).append(safe_text(entry.manifest.title))
        notes += [
            f"{cells.heading(metric)} is over {over} of {counted(languages, 'language')}, as the"
            f" others have no such score: {', '.join(titles)}."
            for (over, languages), titles in fewer.items()
        ]
    return notes


def rank(standing: Standing) -> BoardCell:
    """The place of a system, and its band; a dash where it has no score to rank by."""
    if not standing.scored:
        return BoardCell(cells.MISSING, (None, None, None))
    band = Markup("")
    if standing.by_score_alone:
        band = UNTESTED
    elif standing.low != standing.high:
        band = Markup("{}\u2013{}").format(standing.low, standing.high)
    html = Markup('<b>{}</b> <span class="band">{}</span>').format(standing.place, band)
    return BoardCell(html, (standing.place, standing.low, standing.high), standing.place)


def system(model: BoardModel, entry: Entry, root: str) -> BoardCell:
    """A system's name, which leads to its page, with its team below."""
    return model.once(("system", entry.key, root), lambda: _system(entry, root))


def _system(entry: Entry, root: str) -> BoardCell:
    cell = cells.link(entry.manifest.title, root + entry.page, entry.manifest.team)
    return BoardCell(cell.html + marks(entry), (entry.key,), cell.sort)


def marks(entry: Entry) -> Markup:
    """Small labels: where the numbers come from, what was used or seen, open weights."""
    html = Markup("")
    if entry.published:
        html += Markup(' <span class="mark">published, original scorer</span>')
    if entry.scores.compat:
        html += Markup(' <span class="mark">compat {}</span>').format(entry.scores.compat)
    for resource in entry.manifest.resources:
        html += Markup(' <span class="mark" title="{}">{}</span>').format(
            RESOURCES[resource], resource
        )
    if entry.manifest.pretraining and entry.manifest.pretraining.massive:
        html += SAW_MASSIVE
    if entry.manifest.open_weights:
        html += Markup(' <span class="mark open">open weights</span>')
    return html


def facets(model: BoardModel, entry: Entry) -> Mapping[str, str]:
    """What a system can be filtered by."""
    return model.once(("facets", entry.key), lambda: _facets(entry))


def _facets(entry: Entry) -> Mapping[str, str]:
    total = entry.manifest.parameters.total
    return {
        "setting": entry.setting,
        "size": size_class(total) if total else "",
        "weights": _OPEN_WEIGHTS[entry.manifest.open_weights],
        "kind": entry.manifest.architecture,
        "resources": SEVERAL.join(entry.manifest.resources) or "none",
        "massive": _saw_massive(entry),
    }


def _saw_massive(entry: Entry) -> str:
    declared = entry.manifest.pretraining
    if declared is None or declared.massive is None:
        return "not declared"
    return "seen" if declared.massive else "not seen"


FACETS = {
    "setting": "Setting",
    "resources": "Resources",
    "massive": "MASSIVE before",
    "size": "Size",
    "weights": "Weights",
    "kind": "Architecture",
}


def size_class(total: int) -> str:
    """Which size filter a parameter count falls under."""
    return next(
        (name for name, end in zip(SIZES, _SIZE_ENDS, strict=False) if total <= end), SIZES[-1]
    )


def language(model: BoardModel, locale: str, root: str) -> BoardCell:
    """A language in English and in its own script, which leads to its page."""
    return model.once(("language", locale, root), lambda: _language(model, locale, root))


def _language(model: BoardModel, locale: str, root: str) -> BoardCell:
    known = model.language(locale)
    html = Markup('<a href="{}"><bdi>{}</bdi></a> {} <code>{}</code>').format(
        root + paths.language_page(locale),
        safe_text(known.name),
        autonym(model, locale),
        safe_text(locale),
    )
    return BoardCell(html, (locale,), f"{safe_text(known.name).casefold()} {locale}")


def autonym(model: BoardModel, locale: str, tag: str = "span") -> Markup:
    """A language's own name, marked up in that language and direction."""
    known = model.language(locale)
    if known.autonym in (known.name, locale):
        return Markup("")
    direction = "rtl" if known.right_to_left else "ltr"
    return Markup('<{0} class="autonym" lang="{1}" dir="{2}">{3}</{0}>').format(
        tag, language_tag(model, locale), direction, safe_text(known.autonym)
    )


def language_tag(model: BoardModel, locale: str) -> str:
    """The BCP 47 tag that makes a browser choose the right glyphs, such as `zh-Hant`."""
    code = locale.split("-", 1)[0]
    script = model.language(locale).get("script")
    if not code.isascii() or not code.isalpha():
        return "und"
    return f"{code}-{script}" if script and script.isascii() and script.isalpha() else code


def language_facets(model: BoardModel, locale: str) -> Mapping[str, str]:
    """What a language can be filtered by."""
    return model.once(("language facets", locale), lambda: _language_facets(model, locale))


def _language_facets(model: BoardModel, locale: str) -> Mapping[str, str]:
    known = model.language(locale)
    return {by: safe_text(known.get(by) or "") for by in model.board.groupings}


def group(model: BoardModel, by: str, name: str | None, root: str) -> BoardCell:
    """The value of a grouping, which leads to its page if it has one."""
    return model.once(("group", by, name, root), lambda: _group(model, by, name, root))


def _group(model: BoardModel, by: str, name: str | None, root: str) -> BoardCell:
    if not name:
        return cells.text(None)
    page = paths.group_page(by, name)
    if page not in model.group_pages:
        return cells.text(name)
    return cells.link(name, root + page)


def single_mark(head: BoardCell, languages: int) -> BoardCell:
    """The head of a group's row, marked where its mean is that of one language."""
    if languages != 1:
        return head
    return replace(head, html=head.html + Markup(' <span class="mark">one language</span>'))


def flags(model: BoardModel, locale: str) -> list[str]:
    """What keeps a language's slot F1 from being compared with others."""
    known = model.language(locale)
    flags_of = {
        "spaces by annotators": known.artificial_spacing,
        "scored by character": known.character_scored,
    }
    return [flag for flag, holds in flags_of.items() if holds]


def flag_marks(model: BoardModel, locale: str) -> BoardCell:
    """The flags of a language."""
    raised = flags(model, locale)
    html = Markup(" ").join(Markup('<span class="mark">{}</span>').format(flag) for flag in raised)
    return BoardCell(html, ("; ".join(raised),), "; ".join(raised) or None)


def best_columns(model: BoardModel, score: str) -> list[BoardColumn]:
    """One column per section for the best value of a score; `score` names it for a reader."""
    columns = []
    for ranked in model.sections:
        section = ranked.section
        column = cells.estimate_column(
            model.board.metric,
            title=f"Best, {safe_text(section.title)}",
            hint=f"Best {score} of any system",
        )
        names = (f"best_{section.id}", f"best_{section.id}_low", f"best_{section.id}_high")
        columns.append(replace(column, key=f"best-{section.id}", fields=names))
    return columns


def label(name: str) -> str:
    """A column of the language table as people read it: `word_order` as `Word order`."""
    words = safe_text(name).replace("_", " ")
    return (words[:1].upper() + words[1:]).replace("massive", "MASSIVE")


def group_title(model: BoardModel, members: Group) -> str:
    """A group as people read it; a script by its name, with its code in brackets."""
    name = safe_text(members.name)
    if members.by == "script" and members.locales:
        script_name = model.language(members.locales[0]).get("script_name")
        return f"{safe_text(script_name)} ({name})" if script_name else name
    return name
