"""`massive-kit gloss`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import Format, FormatOption
from massive_kit.counted import counted


def gloss(
    run: Annotated[Path, typer.Argument(help="A finished run.", file_okay=False)],
    lexicon: Annotated[
        list[str],
        typer.Option(
            "--lexicon",
            help="A dictionary from the source language, or a folder of them; repeatable.",
        ),
    ],
    out_: Annotated[Path, typer.Option("--out", help="The new run directory.", file_okay=False)],
    lemmas: Annotated[
        Path | None,
        typer.Option("--lemmas", help="Forms and lemmas of the source language.", dir_okay=False),
    ] = None,
    weight: Annotated[
        float, typer.Option(min=0, max=1, help="Weight of what the run says of glosses.")
    ] = 0.5,
    task: Annotated[
        str | None,
        typer.Option("--task", "-t", help="The new run's task; default: the run's own."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="The store with the source language's training text, whose words are counted."
            " Default: the run's.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="The locale that glosses are in, whose labels the run has learnt; default: the"
            " source of the task."
        ),
    ] = None,
    form: FormatOption = Format.text,
) -> None:
    """Have a run also read texts word by word in its source language, by bilingual dictionaries.

    What it says of the text and of the gloss is averaged, and intent and slots are decoded from the
    mean; nothing is trained. Of several words that a dictionary has for one, the gloss takes what
    the source language's training text has most. What comes of it is a new run, which has used the
    resource lexicon, unless all dictionaries are as `data induce` made them of an encoder alone.
    """
    require_extra("train", "glossing")
    from massive_kit.files import jsonio
    from massive_kit.runs.glossing import Glossing

    glossing = Glossing.of(
        run, lexicon, lemmas=lemmas, weight=weight, task=task, data=data, source=source
    )
    with progress("reading dictionaries") as bar:
        task_id = bar.task_ids[0]
        made = glossing.write(
            out_, lambda done, total: bar.update(task_id, total=total, completed=done)
        )
    facts = made.run.facts()
    if form is Format.json:
        emit(jsonio.dumps({"path": str(made.run.path), "words": dict(made.words)}))
        return
    without = [target for target, words in made.words.items() if not words]
    if without:
        err.print(f"no entry is a word of the text: {', '.join(without)}", soft_wrap=True)
    words = counted(sum(made.words.values()), "word")
    dictionaries = len(made.words) - len(without)
    read = f"{dictionaries:,} dictionar{'y' if dictionaries == 1 else 'ies'}"
    out.print(f"{made.run.path}: {facts['title']}, {words} of {read}", soft_wrap=True)
