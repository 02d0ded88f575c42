"""`massive_kit.score`: rows in, scores out; no files, no task."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from massive_kit.data.span_schemes import SpanScheme, scheme_labels
from massive_kit.data.tokens import split_at_brackets, tokenise
from massive_kit.errors import NotationError, PredictionError, Problem
from massive_kit.languages import LanguageTable, canonical_locale
from massive_kit.schema.scores import DataRef, Scores
from massive_kit.scoring.averages import DEFAULT_GROUPINGS
from massive_kit.scoring.evaluation import RESAMPLES, Context, evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, inventory_of, label_columns

Record = Mapping[str, Any]


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
) -> Scores:
    """Scores predictions against annotated utterances.

    Args:
        predictions: n rows (or a pandas data frame) with `id`, `locale`, `pred_intent` and
            `pred_annot_utt`, the utterance with its slots in brackets; in any order.
        references: n rows as in MASSIVE, with `id`, `locale`, `intent` and `annot_utt`. Each
            (locale, id) has one prediction, over as many tokens. Tokens are those of the text
            alone: a slot that ends inside of one holds all of it.
        averaged: The locales that averages and groups run over; by default all. Zero-shot averages
            leave out the training locale.
        source_locale: The locale that transfer gaps are measured from.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        by: Columns of the language table to group by.
        scheme: What a span is. `runs`: touching spans of one slot are one, as in MASSIVE's
            reference scorer. `brackets`: every pair of brackets is a span of its own, as seqeval
            counts IOB2. By default `runs` where all references have MASSIVE's labels, else
            `brackets`; the signature says which.

    Returns:
        Scores in 0..1: `.averages["pooled"].slot_f1.value`, `.locales["de-DE"].exact_match.low`,
        `.groups["script"]["Latn"]`; `.to_frame()` gives all as a data frame.

    Raises:
        PredictionError: Rows are missing, repeated, unreadable or of another length; holds them
            all.
        UsageError: No such column.

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
    languages = LanguageTable.shipped()
    problems: list[Problem] = []
    gold = _read(references, "references", ("intent", "annot_utt"), languages, problems)
    predicted = _read(
        predictions, "predictions", ("pred_intent", "pred_annot_utt"), languages, problems, gold
    )
    faults = {
        "is missing": gold.keys() - predicted.keys(),
        "is not among the references": predicted.keys() - gold.keys(),
    }
    problems += [
        Problem("predictions", f"{' '.join(key)} {fault}")
        for fault, keys in faults.items()
        for key in sorted(keys)
    ]
    if not gold and not problems:
        problems.append(Problem("references", "no rows", "at least one"))
    if problems:
        raise PredictionError("these predictions cannot be scored", problems)
    locales = sorted({locale for locale, _ in gold})
    # The same order for both, and ids in order of appearance within a locale.
    order = [key for locale in locales for key in gold if key[0] == locale]
    inventory = inventory_of(gold.values(), predicted.values(), scheme)
    context = Context(
        task="in-memory",
        setting="full",
        data=DataRef(
            name="in-memory", version="", hash=_hash(gold, order, inventory.scheme), partition="-"
        ),
        languages=languages,
        averaged=tuple(locales if averaged is None else map(canonical_locale, averaged)),
        source_locale=source_locale,
    )
    return evaluate_labels(
        context,
        label_columns(inventory, [gold[key] for key in order]),
        label_columns(inventory, [predicted[key] for key in order]),
        resamples=resamples,
        seed=seed,
        by=by,
    ).scores


_Key = tuple[str, str]


def _read(
    rows: Iterable[Record],
    where: str,
    names: tuple[str, str],
    languages: LanguageTable,
    problems: list[Problem],
    gold: Mapping[_Key, LabelledRow] | None = None,
) -> dict[_Key, LabelledRow]:
    # A data frame iterates over its columns, but its rows are meant.
    frame: Any = rows
    records: Iterable[Record] = frame.to_dict("records") if hasattr(rows, "columns") else rows
    labelled: dict[_Key, LabelledRow] = {}
    wanted = ("id", "locale", *names)
    if not isinstance(records, Iterable):
        problems.append(Problem(where, f"a {type(rows).__name__}", "rows, or a data frame"))
        return labelled
    for number, row in enumerate(records, 1):
        if not isinstance(row, Mapping):
            problems.append(Problem(where, f"a {type(row).__name__}", "a mapping", line=number))
            continue
        missing = [name for name in wanted if not isinstance(row.get(name), str)]
        if missing:
            text = f"no text in {', '.join(missing)}"
            problems.append(Problem(where, text, f"{', '.join(wanted)} as strings", line=number))
            continue
        locale = canonical_locale(row["locale"])
        key = (locale, row["id"])
        if key in labelled:
            problems.append(Problem(where, f"{' '.join(key)} is given twice", line=number))
            continue
        try:
            characters = languages[locale].character_scored
            tokens = tokenise(row[names[1]], characters=characters)
            if gold and key in gold and len(tokens.labels) != len(gold[key].labels):
                # Written without spaces around its slots, as prediction files may be.
                cut = split_at_brackets(row[names[1]], characters=characters)
                if len(cut.labels) == len(gold[key].labels):
                    tokens = cut
        except NotationError as error:
            problems.append(Problem(where, f"{' '.join(key)}: {error}", line=number))
            continue
        labelled[key] = LabelledRow(
            locale, row["id"], row[names[0]], tokens.labels, tokens.boundaries
        )
    return labelled


def _hash(rows: Mapping[_Key, LabelledRow], order: Sequence[_Key], scheme: SpanScheme) -> str:
    digest = hashlib.sha256()
    for key in order:
        row = rows[key]
        labels = " ".join(scheme_labels(row.labels, row.boundaries, scheme))
        digest.update(f"{row.locale}\t{row.id}\t{row.intent}\t{labels}\n".encode())
    return digest.hexdigest()[:16]
