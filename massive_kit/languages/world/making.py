"""Makes `languages.csv` and `groups.csv` from public packages; nothing imports it.

How the shipped files were made, in an empty folder:

    pip download --no-deps qwanqwa==1.2.1 && unzip -q qwanqwa-*.whl
    npm pack cldr-core@48.2.0 && mkdir core && tar xzf cldr-core-*.tgz -C core
    npm pack cldr-localenames-full@48.2.0 && mkdir names
    tar xzf cldr-localenames-full-*.tgz -C names
    python making.py qq/data/db.json.gz core/package names/package OUT
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Glottolog's classes of what no benchmark of written text can be made in, or nobody speaks.
_LEFT_OUT = {
    *("Sign Language", "Bookkeeping", "Unattested", "Speech Register", "Artificial Language"),
}
# Glottolog's classes that are no families.
_NO_FAMILY = {"Pidgin", "Mixed Language", "Unclassifiable"}
# The most languages of a branch. With it there are about as many branches as WALS has genera.
_MOST = 80
# What WALS calls a genus in MASSIVE's table, as a node of Glottolog.
_GENERA = {
    "Germanic": "germ1287",
    "Semitic": "semi1276",
    "Turkic": "turk1311",
    "Indic": "indo1321",
    "Romance": "roma1334",
    "Celtic": "celt1248",
    "Greek": "gree1276",
    "Iranian": "iran1269",
    "Finnic": "finn1317",
    "Ugric": "hung1287",
    "Armenian": "arme1241",
    "Malayo-Sumbawan": "mala1554",
    "Japanese": "japo1237",
    "Javanese": "java1253",
    "Kartvelian": "kart1248",
    "Khmer": "khme1253",
    "Southern Dravidian": "sout3138",
    "Korean": "kore1284",
    "Baltic": "east2280",
    "Mongolic": "mong1329",
    "Burmese-Lolo": "lolo1265",
    "Slavic": "slav1255",
    "Albanian": "alba1267",
    "Bantoid": "bant1294",
    "South-Central Dravidian": "sout3139",
    "Kam-Tai": "kamt1241",
    "Greater Central Philippine": "grea1284",
    "Viet-Muong": "viet1251",
    "Chinese": "sini1245",
}
# CLDR counts Filipino, and writes tl as fil; the two are one language.
_SAME = {"fil": "tgl"}
# The package lost what this dialect belongs to; others like it, which nobody counts, are left out.
_HOSTS = {"kru": "kuru1300"}
# Macrolanguages whose usual member CLDR does not say, or says otherwise.
_MEMBERS = {"ak": "twi", "no": "nob"}
# Languages of their own that CLDR counts as another script of a neighbour.
_BY_SCRIPT = {"az_Arab": "azb", "mn_Mong": "mvf", "uz_Arab": "uzs"}
# Panjabi in Pakistan is Western Panjabi, which CLDR counts again as part of Lahnda.
_COUNTED_TWICE = {"pa_Arab"}


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    name: str
    tag: str
    family: str
    branch: str
    source: str
    latitude: float
    longitude: float
    script: str
    speakers: int | None


def main(database: Path, cldr: Path, names: Path, out: Path) -> None:
    """Writes both files.

    Args:
        database: `db.json.gz` of qwanqwa, for what it has of Glottolog.
        cldr: The folder of npm's cldr-core.
        names: The folder of npm's cldr-localenames-full.
        out: The folder to write to.
    """
    with gzip.open(database) as stream:
        entities = json.load(stream)["entities"]
    languoids = {key: e for key, e in entities.items() if e["__class__"] == "Languoid"}
    nodes = {languoid["glottocode"]: languoid for languoid in languoids.values()}
    lines = {
        languoid["iso_639_3"]: [
            *_ancestors(nodes.get(_HOSTS.get(languoid["iso_639_3"], "none")), languoids),
            *_ancestors(languoid, languoids),
        ]
        for languoid in languoids.values()
        if languoid["scope"] == "I"
        and languoid["status"] == "L"
        and languoid["iso_639_3"]
        and languoid["latitude"] is not None
    }
    lines = {
        code: line
        for code, line in lines.items()
        if line[0]["name"] not in _LEFT_OUT and line[0]["level"] != "dialect" and code not in _SAME
    }
    tags = _tags(cldr, languoids.values(), lines)
    speakers = _speakers(cldr, {tag: code for code, several in tags.items() for tag in several})
    likely = _supplemental(cldr, "likelySubtags")
    english = json.loads((names / "main" / "en" / "languages.json").read_text("utf-8"))
    english = english["main"]["en"]["localeDisplayNames"]["languages"]
    rows = []
    for code, (family, branch, source) in _groups(lines).items():
        language, known_as = lines[code][-1], (*tags.get(code, ()), code)
        full = next((likely[tag] for tag in known_as if tag in likely), "")
        named = next((english[tag] for tag in known_as if tag in english), language["name"])
        rows.append(
            _Row(
                code,
                named,
                " ".join(known_as[:-1]),
                family,
                branch,
                source,
                language["latitude"],
                language["longitude"],
                full.split("-")[1] if full else "",
                speakers.get(code),
            )
        )
    _write(rows, out)


def _ancestors(
    languoid: dict[str, Any] | None, languoids: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """From its family down to itself."""
    if languoid is None:
        return []
    line = [languoid]
    while parents := line[0]["relations"].get("parent"):
        line.insert(0, languoids[parents[0]["target_id"]])
    return line


def _groups(lines: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[str, str, str]]:
    """Family, branch and who named it, of each language."""
    genera = {node: genus for genus, node in _GENERA.items()}
    sizes = Counter(node["id"] for line in lines.values() for node in line[:-1])
    above = {
        node["id"]
        for line in lines.values()
        for depth, node in enumerate(line)
        if any(lower["glottocode"] in genera for lower in line[depth + 1 :])
    }
    groups = {}
    for code, line in lines.items():
        family = "" if line[0]["name"] in _NO_FAMILY else line[0]["name"]
        for node in line:
            if node["glottocode"] in genera:
                groups[code] = (family, genera[node["glottocode"]], "WALS")
                break
            if node is line[-1] or (node["id"] not in above and sizes[node["id"]] <= _MOST):
                groups[code] = (family, node["name"], "Glottolog")
                break
    return groups


def _tags(
    cldr: Path, languoids: Iterable[dict[str, Any]], known: Iterable[str]
) -> dict[str, list[str]]:
    """The other codes of each language that has some, those of BCP 47 first.

    A macrolanguage's code is one of the member that stands for it in CLDR.
    """
    tags: dict[str, list[str]] = {}
    individual = {*known}
    for languoid in languoids:
        if languoid["iso_639_1"] and languoid["iso_639_3"] in individual:
            tags.setdefault(languoid["iso_639_3"], []).append(languoid["iso_639_1"])
    for macrolanguage, code in _MEMBERS.items():
        tags.setdefault(code, []).append(macrolanguage)
    aliases = _supplemental(cldr, "aliases")["alias"]["languageAlias"]
    for code, alias in aliases.items():
        macrolanguage = alias["_replacement"]
        if alias["_reason"] == "macrolanguage" and macrolanguage not in {*individual, *_MEMBERS}:
            tags.setdefault(code, []).insert(0, macrolanguage)
    return tags


def _speakers(cldr: Path, codes: Mapping[str, str]) -> dict[str, int]:
    """Users of each language over all territories; in one territory, of its most used script."""
    counts: Counter[str] = Counter()
    for territory in _supplemental(cldr, "territoryInfo").values():
        here: dict[str, float] = {}
        for tag, facts in territory.get("languagePopulation", {}).items():
            if tag not in _COUNTED_TWICE:
                language = tag.partition("_")[0]
                code = _BY_SCRIPT.get(tag) or codes.get(language, language)
                code = _SAME.get(code, code)
                users = float(territory["_population"]) * float(facts["_populationPercent"]) / 100
                here[code] = max(here.get(code, 0.0), users)
        for code, users in here.items():
            counts[code] += round(users)
    return counts


def _supplemental(cldr: Path, name: str) -> dict[str, Any]:
    held = json.loads((cldr / "supplemental" / f"{name}.json").read_text("utf-8"))["supplemental"]
    inner: dict[str, Any] = held.get("metadata") or held[name]
    return inner


def _write(rows: list[_Row], out: Path) -> None:
    groups = sorted({(row.family, row.branch, row.source) for row in rows})
    with (out / "groups.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["group", "family", "branch", "branch_named_by"])
        writer.writerows([number, *group] for number, group in enumerate(groups))
    numbers = {group: number for number, group in enumerate(groups)}
    with (out / "languages.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ["code", "name", "tag", "group", "latitude", "longitude", "script", "speakers"]
        )
        for row in sorted(rows, key=lambda row: row.code):
            place = (f"{row.latitude:.1f}", f"{row.longitude:.1f}")
            group = numbers[row.family, row.branch, row.source]
            writer.writerow(
                [row.code, row.name, row.tag, group, *place, row.script, row.speakers or ""]
            )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
