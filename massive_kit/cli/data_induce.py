"""`massive-kit data induce`."""

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


def induce(
    base: EncoderBase,
    folder: DictionariesOut,
    data: StoreName = None,
    source: SourceLocale = "en-US",
    partition: Annotated[
        list[str] | None,
        typer.Option("--partition", help="Whose words; repeatable. Default: train."),
    ] = None,
    letters: Annotated[
        int,
        typer.Option(
            min=1,
            help="Leave out words of the source with fewer letters: their vectors say how they are"
            " spelt.",
        ),
    ] = 3,
    prefix: Prefix = "",
    revision: Revision = None,
    layer: Annotated[
        int | None, typer.Option(help="Read this layer, counted from 0. Default: the last.")
    ] = None,
    margin: Margin = 0.1,
    cosine: Cosine = 0.5,
    most: Most = 12,
    form: FormatOption = Format.text,
) -> None:
    """Make dictionaries of nothing but an encoder: words of its vocabulary, by what they mean.

    Each word of the source text gets the words of other scripts and languages whose vectors are
    nearest, a dictionary for each script (`und-Cyrl.tsv`). `data derive switch --lexicon OUT` reads
    them, and what is trained on its store has used no resource beside the encoder and source text.
    """
    require_extra("train", "reading an encoder's vocabulary")
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.induction_encoder import check_encoder
    from massive_kit.runs.lexicon_induction import induce as induce_lexicons
    from massive_kit.runs.source_text import SourceText
    from massive_kit.systems.lexicon_induction.matching import Matching
    from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings

    # Before the data are looked for, and before settings refuse an empty name in their own words.
    check_encoder(base, revision)
    store = open_data(data, ["1.1"])
    settings = SentenceEncoderSettings(
        base=base, prefix=prefix, revision=revision, layer="last" if layer is None else layer
    )
    matching = Matching(margin, cosine, most)
    (locale,) = LanguageTable.shipped().find([source], store.parts, f"the store {store.name}")
    text = SourceText(store, locale, tuple(partition or ["train"]))
    with progress("reading words") as bar:
        task = bar.task_ids[0]
        made = induce_lexicons(
            text,
            settings,
            matching,
            folder,
            lambda done, total: bar.update(task, total=total, advance=done),
            letters,
        )
    warn_of_none(any_translated=any(made.pairs.values()))
    print_dictionaries(
        made.path,
        {
            known.locale: {**known.to_json(), "pairs": made.pairs[known.locale]}
            for known in made.coverage
        },
        ("script", "words", "pairs", "tokens", "types"),
        [
            (
                known.locale,
                f"{known.entries:,}",
                f"{made.pairs[known.locale]:,}",
                f"{100 * known.tokens:.1f}",
                f"{100 * known.types:.1f}",
            )
            for known in made.coverage
        ],
        "tokens, types: percent of the words of the text that have a translation",
        form,
    )
