"""`massive_kit.score`: rows in, scores out; no files, no task."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from os import PathLike
from pathlib import Path
from typing import get_args

from massive_kit.arguments import list_of_names, sampling
from massive_kit.data.span_schemes import SpanScheme, scheme_labels
from massive_kit.errors import PredictionError, Problem, UsageError
from massive_kit.languages import LanguageTable, LocaleMatch
from massive_kit.schema.scores import DataRef, Scores
from massive_kit.scoring.averages import DEFAULT_GROUPINGS
from massive_kit.scoring.evaluation import RESAMPLES, Context, evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, inventory_of, label_columns
from massive_kit.scoring.labelled_rows import (
    Key,
    Labelled,
    read_predictions,
    read_references,
    rows_given,
)
from massive_kit.scoring.records import Record


def score(
    predictions: Iterable[Record],
    references: Iterable[Record],
    *,
    averaged: Sequence[str] | None = None,
    source_locale: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    by: Sequence[str] = DEFAULT_GROUPINGS,
    scheme: SpanScheme | None = None,
    languages: str | PathLike[str] | None = None,
) -> Scores:
    """Scores predictions against annotated utterances.

    Args:
        predictions: n rows with `id`, `locale`, `pred_intent` and `pred_annot_utt`, the utterance
            with its slots in brackets; in any order. A list, a data frame (pandas, polars, ...), an
            Arrow table or a `datasets.Dataset`; other columns are not read. Ids may be whole
            numbers, and locales are read in any spelling (`pt_PT`, `ja`).
        references: n rows as in MASSIVE, with `id`, `locale`, `intent` and `annot_utt`. Where no
            row has one of the last two, it is not read from the predictions either, and there is
            no such score. Each (locale, id) has one prediction, over as many tokens. Tokens are
            those of the text alone: a slot that ends inside one holds all of it.
        averaged: The locales that averages and groups run over; by default all. Zero-shot averages
            leave out the training locale.
        source_locale: The locale that transfer gaps are measured from, one of the rows'.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        by: Columns of the language table to group by.
        scheme: What a span is. `runs`: touching spans of one slot are one, as in MASSIVE's
            reference scorer. `brackets`: every pair of brackets is a span of its own, as seqeval
            counts IOB2. By default `runs` where all references have MASSIVE's labels, else
            `brackets`; the signature says which.
        languages: A CSV with more rows (and columns) for the language table.

    Returns:
        Scores in 0..1: `.averages["pooled"].slot_f1.value`, `.locales["de-DE"].exact_match.low`,
        `.groups["script"]["Latn"]`; `.to_frame()` gives all as a data frame.

    Raises:
        PredictionError: Rows are missing, repeated, unreadable or of another length; holds them
            all.
        UsageError: An argument cannot be used: no such column, no such locale, no such number.
        ConfigError: The CSV of languages is wrong.

    Example:
        >>> import massive_kit
        >>> references = [
        ...     {"id": "1", "locale": "en-US", "intent": "alarm_set",
        ...      "annot_utt": "wake me at [time : five am]"},
        ...     {"id": "2", "locale": "en-US", "intent": "play_music",
        ...      "annot_utt": "play [artist_name : bach]"},
        ... ]
        >>> predictions = [
        ...     {"id": "1", "locale": "en-US", "pred_intent": "alarm_set",
        ...      "pred_annot_utt": "wake me at [time : five am]"},
        ...     {"id": "2", "locale": "en-US", "pred_intent": "play_music",
        ...      "pred_annot_utt": "play [song_name : bach]"},
        ... ]
        >>> scores = massive_kit.score(predictions, references)
        >>> pooled = scores.averages["pooled"]
        >>> pooled.intent_accuracy.value, pooled.slot_f1.value, pooled.exact_match.value
        (1.0, 0.5, 0.5)
    """
    resamples, seed = sampling(resamples, seed)
    columns = list_of_names("by", by, "genus")
    if scheme not in {None, *get_args(SpanScheme)}:
        raise UsageError(f"scheme is {scheme!r:.60}; expected 'runs' or 'brackets'")
    table = LanguageTable.load(None if languages is None else Path(languages))
    problems: list[Problem] = []
    gold_rows = rows_given(references, "references", problems)
    predicted_rows = rows_given(predictions, "predictions", problems)
    _refuse(problems)
    gold = read_references(gold_rows, table, problems)
    predicted = read_predictions(predicted_rows, gold, table, problems)
    problems += [*_unmatched(gold, predicted, problems)]
    if not gold and not problems:
        problems.append(Problem("references", "no rows", "at least one"))
    _refuse(problems)
    locales = sorted({locale for locale, _ in gold})
    # The same order for both, and ids in order of appearance within a locale.
    order = sorted(gold, key=itemgetter(0))
    inventory = inventory_of(gold.values(), predicted.values(), scheme)
    context = Context(
        task="in-memory",
        setting="full",
        data=DataRef(
            name="in-memory", version="", hash=_hash(gold, order, inventory.scheme), partition="-"
        ),
        languages=table,
        averaged=tuple(locales) if averaged is None else _averaged(averaged, locales, table),
        source_locale=_source(source_locale, locales, table),
    )
    return evaluate_labels(
        context,
        label_columns(inventory, [gold[key] for key in order]),
        label_columns(inventory, [predicted[key] for key in order]),
        resamples=resamples,
        seed=seed,
        by=columns,
    ).scores


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise PredictionError("these predictions cannot be scored", problems)


def _unmatched(
    gold: Labelled, predicted: Labelled, problems: Sequence[Problem]
) -> Iterator[Problem]:
    if problems and not (gold and predicted):
        # No row could be read of one of the two, which is told; that each is missing says no more.
        return
    faults = {
        "is missing": gold.keys() - predicted.keys(),
        "is not among the references": predicted.keys() - gold.keys(),
    }
    for fault, keys in faults.items():
        for key in sorted(keys):
            yield Problem("predictions", f"{' '.join(key)} {fault}")


def _averaged(
    given: Sequence[str], locales: Sequence[str], languages: LanguageTable
) -> tuple[str, ...]:
    names = list_of_names("averaged", given, locales[0])
    if not names:
        raise UsageError("averaged is empty; leave it out to average over all locales")
    matches = {name: languages.match(name, locales) for name in names}
    unknown = [match for match in matches.values() if not match.known]
    if unknown:
        words = ", ".join(repr(name) for name, match in matches.items() if not match.known)
        raise UsageError(f"averaged: no row is of {words}; {_meant(unknown, locales)}")
    return tuple(dict.fromkeys(match.locale for match in matches.values()))


def _source(given: str | None, locales: Sequence[str], languages: LanguageTable) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise UsageError(f"source_locale is {given!r:.60}; expected a locale, such as 'en-US'")
    match = languages.match(given, locales)
    if not match.known:
        raise UsageError(
            f"source_locale: no row is of {given!r:.60}, from which to measure;"
            f" {_meant([match], locales)}"
        )
    return match.locale


def _meant(unknown: Sequence[LocaleMatch], locales: Sequence[str]) -> str:
    hints = [match.hint for match in unknown if match.hint]
    return " ".join(dict.fromkeys(hints)) or f"there are {', '.join(locales)}"


def _hash(rows: Mapping[Key, LabelledRow], order: Sequence[Key], scheme: SpanScheme) -> str:
    digest = hashlib.sha256()
    for key in order:
        row = rows[key]
        labels = " ".join(scheme_labels(row.labels, row.boundaries, scheme))
        digest.update(f"{row.locale}\t{row.id}\t{row.intent}\t{labels}\n".encode())
    return digest.hexdigest()[:16]
