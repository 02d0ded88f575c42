"""`massive-kit data induce-from-text`."""

from __future__ import annotations

from typing import Annotated

import typer

from massive_kit.cli.console import progress
from massive_kit.cli.extras import require_extra
from massive_kit.cli.induced_dictionaries import (
    Cosine,
    DictionariesOut,
    EncoderBase,
    Margin,
    Most,
    Prefix,
    Revision,
    SourceLocale,
    print_dictionaries,
    warn_of_none,
)
from massive_kit.cli.options import Format, FormatOption, StoreName


def induce_from_text(
    base: EncoderBase,
    folder: DictionariesOut,
    data: StoreName = None,
    source: SourceLocale = "en-US",
    locale: Annotated[
        list[str] | None,
        typer.Option("--locale", help="Only into this locale; repeatable. Default: all."),
    ] = None,
    rows: Annotated[
        int,
        typer.Option(help="Most texts of a language, drawn by chance; the source's are all read."),
    ] = 2000,
    occurrences: Annotated[
        int, typer.Option(help="Leave out words of the source that occur less often.")
    ] = 3,
    prefix: Prefix = "",
    revision: Revision = None,
    depth: Annotated[
        list[float] | None,
        typer.Option(
            "--depth",
            help="Read the layer at this share of the encoder's depth; repeatable. Default: 0.4,"
            " 0.65 and 1, its last.",
        ),
    ] = None,
    margin: Margin = 0.0,
    cosine: Cosine = 0.4,
    most: Most = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of which texts are read.")] = 0,
    form: FormatOption = Format.text,
) -> None:
    """Make dictionaries of text without labels: words that an encoder reads alike in context.

    Each word of each language gets the word of the source that is nearest by the mean of its hidden
    states over all texts that it occurs in. No text is read in pairs. `gloss --lexicon OUT` and
    `data derive switch --lexicon OUT` read the dictionaries, and what comes of them has used the
    resource unlabelled-text.
    """
    require_extra("train", "reading text with an encoder")
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.induction_encoder import check_encoder
    from massive_kit.runs.source_text import SourceText
    from massive_kit.runs.text_induction import PARTITION, TextReading
    from massive_kit.runs.text_induction import induce_from_text as induce
    from massive_kit.systems.lexicon_induction.matching import Matching
    from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings

    # Before the data are looked for, and before settings refuse an empty name in their own words.
    check_encoder(base, revision)
    reading = TextReading(rows, occurrences, tuple(depth or TextReading().depths), seed)
    matching = Matching(margin, cosine, most)
    store = open_data(data, ["1.1"])
    settings = SentenceEncoderSettings(base=base, prefix=prefix, revision=revision)
    table = LanguageTable.shipped()
    (locale_of_source,) = table.find([source], store.parts, f"the store {store.name}")
    available = [name for name, parts in store.parts.items() if PARTITION in parts]
    locales = table.find(locale, available, f"the store {store.name}") if locale else available
    with progress("reading texts") as bar:
        task = bar.task_ids[0]
        made = induce(
            SourceText(store, locale_of_source, (PARTITION,)),
            locales,
            settings,
            matching,
            reading,
            folder,
            lambda done, total: bar.update(task, total=total, advance=done),
        )
    warn_of_none(any_translated=any(language.translated for language in made.languages))
    print_dictionaries(
        made.path,
        {language.locale: language.to_json() for language in made.languages},
        ("language", "words", "translated", "tokens"),
        [
            (
                language.locale,
                f"{language.words:,}",
                f"{language.translated:,}",
                f"{100 * language.tokens:.1f}",
            )
            for language in made.languages
        ],
        "tokens: percent of the words that were read, each as often as it occurs",
        form,
    )
