"""Cells and columns that several pages share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from massive_kit.languages import Group
from massive_kit.publish import cells, paths
from massive_kit.publish.model import Entry, Model, Standing
from massive_kit.publish.tables import Cell, Column
from massive_kit.publish.text import visible

RANK = Column(
    "rank",
    "Rank",
    "number",
    ("rank", "rank_best", "rank_worst"),
    hint="Place by score, and the ranks that paired tests leave open",
)
SYSTEM = Column("system", "System", "head", ("system",))
SIZE = Column("parameters", "Parameters", "number", ("parameters",), first="descending")
DATE = Column("date", "Date", "text", ("date",), first="descending")
# So many rows are seen at a glance, without search and filters.
FEW = 8
SIZES = ("up to 100 M", "100 M to 350 M", "350 M to 1 B", "1 B to 10 B", "over 10 B")
_SIZE_ENDS = (1e8, 3.5e8, 1e9, 1e10)
UNTESTED = Markup(
    '<span title="by score alone: no test can be made">\u2020</span>'
    '<span class="vh"> by score alone</span>'
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
    """What the marks beside ranks mean, as far as there are any."""
    banded = any(standing.low != standing.high for standing in standings)
    untested = any(standing.by_score_alone for standing in standings)
    return [BAND_NOTE] * banded + [UNTESTED_NOTE] * untested


def rank(standing: Standing) -> Cell:
    """The place of a system, and its band."""
    band = Markup("")
    if standing.by_score_alone:
        band = UNTESTED
    elif standing.low != standing.high:
        band = Markup("{}\u2013{}").format(standing.low, standing.high)
    html = Markup('<b>{}</b> <span class="band">{}</span>').format(standing.place, band)
    return Cell(html, (standing.place, standing.low, standing.high), standing.place)


def system(model: Model, entry: Entry, root: str) -> Cell:
    """A system's name, which leads to its page, with its team below."""
    return model.once(("system", entry.key, root), lambda: _system(entry, root))


def _system(entry: Entry, root: str) -> Cell:
    cell = cells.link(entry.manifest.title, root + entry.page, entry.manifest.team)
    return Cell(cell.html + marks(entry), (entry.key,), cell.sort)


def marks(entry: Entry) -> Markup:
    """Small labels: where the numbers come from, and whether the weights are open."""
    html = Markup("")
    if entry.published:
        html += Markup(' <span class="mark">published, original scorer</span>')
    if entry.scores.compat:
        html += Markup(' <span class="mark">compat {}</span>').format(entry.scores.compat)
    if entry.manifest.open_weights:
        html += Markup(' <span class="mark open">open weights</span>')
    return html


def facets(model: Model, entry: Entry) -> Mapping[str, str]:
    """What a system can be filtered by."""
    return model.once(("facets", entry.key), lambda: _facets(entry))


def _facets(entry: Entry) -> Mapping[str, str]:
    total = entry.manifest.parameters.total
    return {
        "setting": entry.scores.setting,
        "size": size_class(total) if total else "",
        "weights": "open" if entry.manifest.open_weights else "not open",
        "kind": entry.manifest.architecture,
    }


FACETS = {"setting": "Setting", "size": "Size", "weights": "Weights", "kind": "Architecture"}


def size_class(total: int) -> str:
    """Which size filter a parameter count falls under."""
    return next(
        (name for name, end in zip(SIZES, _SIZE_ENDS, strict=False) if total <= end), SIZES[-1]
    )


def language(model: Model, locale: str, root: str) -> Cell:
    """A language in English and in its own script, which leads to its page."""
    return model.once(("language", locale, root), lambda: _language(model, locale, root))


def _language(model: Model, locale: str, root: str) -> Cell:
    known = model.language(locale)
    html = Markup('<a href="{}"><bdi>{}</bdi></a> {} <code>{}</code>').format(
        root + paths.language_page(locale),
        visible(known.name),
        autonym(model, locale),
        visible(locale),
    )
    return Cell(html, (locale,), f"{visible(known.name).casefold()} {locale}")


def autonym(model: Model, locale: str, tag: str = "span") -> Markup:
    """A language's own name, marked up in that language and direction."""
    known = model.language(locale)
    if known.autonym in (known.name, locale):
        return Markup("")
    direction = "rtl" if known.right_to_left else "ltr"
    return Markup('<{0} class="autonym" lang="{1}" dir="{2}">{3}</{0}>').format(
        tag, language_tag(model, locale), direction, visible(known.autonym)
    )


def language_tag(model: Model, locale: str) -> str:
    """The BCP 47 tag that makes a browser choose the right glyphs, such as `zh-Hant`."""
    code = locale.split("-", 1)[0]
    script = model.language(locale).get("script")
    if not code.isascii() or not code.isalpha():
        return "und"
    return f"{code}-{script}" if script and script.isascii() and script.isalpha() else code


def language_facets(model: Model, locale: str) -> Mapping[str, str]:
    """What a language can be filtered by."""
    return model.once(("language facets", locale), lambda: _language_facets(model, locale))


def _language_facets(model: Model, locale: str) -> Mapping[str, str]:
    known = model.language(locale)
    return {by: visible(known.get(by) or "") for by in model.board.groupings}


def group(model: Model, by: str, name: str | None, root: str) -> Cell:
    """The value of a grouping, which leads to its page if it has one."""
    return model.once(("group", by, name, root), lambda: _group(model, by, name, root))


def _group(model: Model, by: str, name: str | None, root: str) -> Cell:
    if not name:
        return cells.text(None)
    page = paths.group_page(by, name)
    if page not in model.group_pages:
        return cells.text(name)
    return cells.link(name, root + page)


def flags(model: Model, locale: str) -> list[str]:
    """What keeps a language's slot F1 from being compared with others."""
    known = model.language(locale)
    found = []
    if known.artificial_spacing:
        found.append("spaces by annotators")
    if known.character_scored:
        found.append("scored by character")
    return found


def flag_marks(model: Model, locale: str) -> Cell:
    """The flags of a language."""
    own = flags(model, locale)
    html = Markup(" ").join(Markup('<span class="mark">{}</span>').format(flag) for flag in own)
    return Cell(html, ("; ".join(own),), "; ".join(own) or None)


def best_columns(model: Model, score: str) -> list[Column]:
    """A column a section for the best value of a score; `score` names it for a reader."""
    columns = []
    for ranked in model.sections:
        name = ranked.section.id
        columns.append(
            Column(
                f"best-{name}",
                f"Best, {visible(ranked.section.title)}",
                "number",
                (f"best_{name}", f"best_{name}_low", f"best_{name}_high"),
                hint=f"Best {score} of any system",
                first="descending",
            )
        )
    return columns


def label(name: str) -> str:
    """A column of the language table as people read it: `word_order` as `Word order`."""
    words = visible(name).replace("_", " ")
    return (words[:1].upper() + words[1:]).replace("massive", "MASSIVE")


def group_title(model: Model, one: Group) -> str:
    """A group as people read it; a script by its name, with its code behind."""
    name = visible(one.name)
    if one.by == "script" and one.locales:
        said = model.language(one.locales[0]).get("script_name")
        return f"{visible(said)} ({name})" if said else name
    return name
