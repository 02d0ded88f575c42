"""Data cards in Markdown, from the store and the language table: aggregate counts, never a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from massive_kit.counted import counted
from massive_kit.data.inspect.checks import CheckReport
from massive_kit.data.inspect.statistics import LocaleStatistics, label_totals
from massive_kit.languages import Language, LanguageTable, groups
from massive_kit.schema.label_descriptions import LabelDescriptions

_SOURCE = "https://amazon-massive-nlu-dataset.s3.amazonaws.com/amazon-massive-dataset-1.1.tar.gz"
_HUB = "https://huggingface.co/datasets/AmazonScience/massive"
_FACTS = (
    ("language", "language"),
    ("autonym", "its own name"),
    ("script_name", "script"),
    ("direction", "direction"),
    ("family", "family"),
    ("genus", "genus"),
    ("subdivision", "subdivision"),
    ("iso639_3", "ISO 639-3"),
    ("wals_code", "WALS"),
    ("word_order", "word order"),
    ("politeness", "politeness in pronouns"),
    ("imperative_morphology", "imperative"),
    ("scoring_unit", "scoring unit"),
    ("spacing", "spacing"),
    ("in_massive_1.0", "in MASSIVE 1.0"),
)
# Counts that a user of one locale should know, with what follows from them.
_NOTES = {
    "test_in_train": "A system may know these by heart.",
    "repeated": "",
    "other_slots": "Transfer from English cannot get these right by copying.",
    "as_english": "",
    "other_script": "",
    "widened": "Tokens come from the text alone, so such a slot holds the whole token.",
    "respaced": "Use offsets into `utt`, or its tokens, but do not mix the two.",
    "not_nfc": "Normalise no text that carries offsets.",
    "zwsp": "`str.split` does not split there.",
    "zwnj": "It is part of the spelling; keep it.",
    "zwj": "It is part of the spelling; keep it.",
    "lrm": "",
    "rlm": "",
    "alexa_defect": "Scores with `--compat alexa` reproduce it.",
    "judged_wrong": "",
}


@dataclass(frozen=True, slots=True)
class Cards:
    """All cards of a store.

    Attributes:
        corpus: The card of the whole.
        languages: A card for each locale.
    """

    corpus: str
    languages: Mapping[str, str]


def make_cards(
    statistics: Sequence[LocaleStatistics],
    report: CheckReport,
    table: LanguageTable,
    descriptions: LabelDescriptions | None = None,
) -> Cards:
    """The cards of a store from what was counted in it; labels with a line where there is one."""
    languages = {
        counts.locale: "\n".join(_language(table[counts.locale], counts, report)) + "\n"
        for counts in statistics
    }
    described = descriptions or LabelDescriptions()
    return Cards("\n".join(_corpus(statistics, report, table, described)) + "\n", languages)


def _language(language: Language, counts: LocaleStatistics, report: CheckReport) -> Iterator[str]:
    yield f"# {language.name} ({language.locale})"
    yield ""
    yield f"Part of [{_title(report.version, report.store)}](../massive.md). {_made(report)}"
    yield ""
    yield "| fact | value |"
    yield "| --- | --- |"
    for column, title in _FACTS:
        yield f"| {title} | {language.get(column) or 'no data'} |"
    yield ""
    yield "## Counts"
    yield ""
    yield "| count | value |"
    yield "| --- | ---: |"
    for partition in _in_order(counts.rows):
        yield f"| utterances, {partition} | {counts.rows[partition]:,} |"
    rows = max(counts.utterances, 1)
    yield f"| tokens per utterance, mean | {counts.tokens / rows:.2f} |"
    yield f"| tokens per utterance, median | {counts.median:g} |"
    yield f"| tokens of the longest utterance | {counts.longest} |"
    yield f"| characters per utterance, mean | {counts.characters / rows:.1f} |"
    yield f"| different tokens | {counts.token_types:,} |"
    if counts.unseen is not None:
        yield f"| test tokens that train lacks | {100 * counts.unseen:.1f} % |"
    yield f"| slots | {counts.spans:,} |"
    yield f"| slots per utterance, mean | {counts.spans / rows:.2f} |"
    yield f"| utterances with a slot | {100 * counts.with_slot / rows:.1f} % |"
    yield f"| tokens inside a slot | {100 * counts.slot_tokens / max(counts.tokens, 1):.1f} % |"
    yield ""
    yield "## What to know"
    yield ""
    noted = False
    for result in report.results:
        count = result.locales.get(language.locale, 0)
        if result.name in _NOTES and count:
            noted = True
            yield f"- {count:,} {result.title}. {_NOTES[result.name]}".rstrip()
    if language.artificial_spacing:
        noted = True
        yield (
            "- Annotators made the spaces, which natural text lacks: tokens are phrases, and slot"
            " F1 is not comparable with that of other locales."
        )
    if language.character_scored:
        noted = True
        yield (
            "- The scoring unit is the character: a word with any non-ASCII character splits into"
            " its code points."
        )
    if not noted:
        yield "- Nothing beyond what holds for the whole corpus."
    yield ""
    yield "## Facts and their source"
    yield ""
    yield f"Of the language: {language.get('source') or 'no data'}. Counts: of the store."


def _corpus(
    statistics: Sequence[LocaleStatistics],
    report: CheckReport,
    table: LanguageTable,
    descriptions: LabelDescriptions,
) -> Iterator[str]:
    yield f"# Data card: {_title(report.version, report.store)}"
    yield ""
    yield _made(report)
    yield ""
    yield from _overview(statistics, report)
    yield ""
    yield "## What to know"
    yield ""
    yield from _notes(report)
    yield ""
    yield "## Languages"
    yield ""
    yield from _language_table(statistics, report, table)
    for kind, title, lines in (
        ("intents", "Intents", descriptions.intents),
        ("slots", "Slots", descriptions.slots),
    ):
        totals = label_totals(statistics, kind)
        everything = sum(totals.values()) or 1
        described = any(name in lines for name in totals)
        yield ""
        yield f"## {title}"
        yield ""
        yield f"| {kind.removesuffix('s')} | count | share |" + " what it is |" * described
        yield "| --- | ---: | ---: |" + " --- |" * described
        for name, count in totals.items():
            line = f" {lines.get(name, '-')} |" * described
            yield f"| `{name}` | {count:,} | {100 * count / everything:.1f} % |{line}"


def _overview(statistics: Sequence[LocaleStatistics], report: CheckReport) -> Iterator[str]:
    rows = sum(counts.utterances for counts in statistics)
    locales = counted(len(statistics), "locale")
    yield "| fact | value |"
    yield "| --- | --- |"
    yield f"| what | {rows:,} requests to a voice assistant in {locales} |"
    for partition in _in_order(report.partitions):
        sizes = ", ".join(f"{size:,}" for size in sorted(report.partitions[partition]))
        same = "the same ids in all locales" if report.parallel[partition] else "ids not parallel"
        yield f"| {partition} | {sizes} utterances per locale, {same} |"
    counts = report.labels["all"]
    yield (
        f"| labels | {counts['intents']} intents in {counts['scenarios']} scenarios,"
        f" {counts['slots']} slots |"
    )
    if report.version:
        yield f"| from | [the official archive]({_SOURCE}), [the hub]({_HUB}) |"
        yield "| licence | CC BY 4.0 (c) Amazon; made from SLURP, CC BY 4.0 |"
        yield (
            "| cite | FitzGerald et al. 2023, *MASSIVE: A 1M-Example Multilingual Natural Language"
            " Understanding Dataset with 51 Typologically-Diverse Languages*, ACL |"
        )


def _notes(report: CheckReport) -> Iterator[str]:
    for result in report.results:
        if result.total and (result.name in _NOTES or result.name == "touching_slots"):
            most = sorted(result.locales.items(), key=lambda item: (-item[1], item[0]))[:4]
            where = ", ".join(f"{locale} {count:,}" for locale, count in most)
            yield f"- {result.total:,} {result.title}. Most in {where}."
    for partition, names in report.absent.items():
        if names:
            yield f"- {partition} lacks {', '.join(f'`{name}`' for name in names)}."
    if report.version:
        yield (
            "- Its authors say: each language is small, utterances are noisy and crowd-sourced, the"
            " labels are flat, and native spacing was not recorded everywhere."
        )


def _language_table(
    statistics: Sequence[LocaleStatistics], report: CheckReport, table: LanguageTable
) -> Iterator[str]:
    for by in ("family", "genus", "script_name"):
        grouped = groups(table, by, [counts.locale for counts in statistics])
        single = sum(group.singleton for group in grouped)
        kind = by.removesuffix("_name")
        yield f"{len(grouped)} {_plural(kind)}, {single} of them with one locale only."
        yield ""
    yield "| locale | language | genus | script | tokens | slots | test in train |"
    yield "| --- | --- | --- | --- | ---: | ---: | ---: |"
    leaked = next((r.locales for r in report.results if r.name == "test_in_train"), {})
    for counts in statistics:
        language = table[counts.locale]
        yield (
            f"| [{counts.locale}](languages/{counts.locale}.md) | {language.name}"
            f" | {language.get('genus') or '-'} | {language.get('script_name') or '-'}"
            f" | {counts.tokens / max(counts.utterances, 1):.1f}"
            f" | {counts.spans / max(counts.utterances, 1):.2f} | {leaked.get(counts.locale, 0)} |"
        )
    yield ""
    yield "Tokens and slots are means per utterance."


def _title(version: str, name: str) -> str:
    return f"MASSIVE {version}" if version else name


def _made(report: CheckReport) -> str:
    return f"Made by `massive-kit data card --data {report.store}`."


def _in_order(partitions: Mapping[str, object]) -> list[str]:
    usual = ["train", "dev", "test"]
    return [name for name in usual if name in partitions] + sorted({*partitions} - {*usual})


def _plural(kind: str) -> str:
    return {"family": "families", "genus": "genera"}.get(kind, f"{kind}s")
