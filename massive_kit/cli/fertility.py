"""`massive-kit fertility`: what a tokenizer makes of the text of languages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.prediction_progress import prediction_bar
from massive_kit.cli.tables import TableFormat, TableFormatOption

if TYPE_CHECKING:
    from massive_kit.analysis.fertility.language_text import LanguageText
    from massive_kit.languages import LanguageTable


def fertility(
    tokenizer: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_OR_BASE",
            help="A tokenizer.json, or the folder of a model or run with one.",
        ),
    ],
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="A store by name or path; repeatable. Default: 1.1."),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(help="LOCALE=FILE: text with a line for each utterance; repeatable."),
    ] = None,
    partition: Annotated[
        str | None, typer.Option(help="Of the stores. Default: test, or dev, or train.")
    ] = None,
    locale: Annotated[
        list[str] | None, typer.Option(help="Only these locales of the stores; repeat for more.")
    ] = None,
    against: Annotated[
        str, typer.Option(help="The language whose lengths others are compared with.")
    ] = "en-US",
    rows: Annotated[int, typer.Option(min=1, help="Most utterances of a language.")] = 1000,
    languages: LanguagesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the table here, too: .json, .csv, .md or .tex.", dir_okay=False),
    ] = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """How many subwords languages take, and which of their characters a tokenizer lacks."""
    from massive_kit.analysis.fertility.measuring import fertility as measure
    from massive_kit.analysis.fertility.tokenizer_file import open_tokenizer
    from massive_kit.cli.fertility_table import fertility_table
    from massive_kit.cli.tables import print_tables, write_tables
    from massive_kit.errors import MissingExtraError, UsageError
    from massive_kit.languages import LanguageTable

    # One package of two extras, and neither is needed whole.
    if find_spec("tokenizers") is None:
        raise MissingExtraError("deploy", "cutting text with a tokenizer")
    table = LanguageTable.load(languages)
    match = table.match(against)
    if match.problem:
        raise UsageError(f"--against {against!r}: {match.problem}")
    model = open_tokenizer(tokenizer)
    texts = _texts(data, text, partition, locale, rows, table)
    compared = next((language for language in texts if language.locale == match.locale), None)
    measured = []
    utterances = sum(len(language.utterances) for language in texts)
    with prediction_bar("cutting", utterances, "texts") as bar:
        for language in texts:
            measured.append(measure(model, language, compared))
            bar(language.locale, len(language.utterances))
    tables = [fertility_table(tokenizer.name, texts, measured, match.locale, table)]
    print_tables(tables, form)
    if out is not None:
        write_tables(tables, out)
        err.print(f"written: {out}", markup=False, soft_wrap=True)


def _texts(
    data: list[str] | None,
    files: list[str] | None,
    partition: str | None,
    locales: list[str] | None,
    rows: int,
    table: LanguageTable,
) -> list[LanguageText]:
    """The text of each language: of the first store that has it, and of files."""
    from massive_kit.analysis.fertility.language_text import text_of_file, text_of_store
    from massive_kit.data.opening import open_data

    of_files = _named_files(files or [], table)
    # A file alone is looked at without any store.
    names: list[str | None] = [*data] if data else [] if files else [None]
    stores = [open_data(name, ["1.1"], table) for name in names]
    holders = {code: store for store in reversed(stores) for code in store.locales}
    available = [code for store in stores for code in store.locales]
    if locales:
        where = f"the store {' or '.join(store.name for store in stores)}"
        available = [*table.find(locales, dict.fromkeys(available), where)]
    texts = [
        text_of_store(holders[code], code, partition, rows) for code in dict.fromkeys(available)
    ]
    return texts + [text_of_file(path, code, table, rows) for code, path in of_files]


def _named_files(given: list[str], table: LanguageTable) -> list[tuple[str, Path]]:
    from massive_kit.errors import UsageError

    named, problems = [], []
    for entry in given:
        code, equals, path = entry.partition("=")
        match = table.match(code)
        if not equals or not path:
            problems.append(f"--text {entry!r} is not LOCALE=FILE")
        elif match.problem:
            problems.append(f"--text {entry!r}: {match.problem}")
        else:
            named.append((match.locale, Path(path)))
    if problems:
        raise UsageError("; ".join(problems))
    return named
