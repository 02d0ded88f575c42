"""`massive-kit gloss`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.extras import require_extra
from massive_kit.cli.induced_dictionaries import Prefix, Revision
from massive_kit.cli.options import Format, FormatOption
from massive_kit.counted import counted


def gloss(
    run: Annotated[Path, typer.Argument(help="A finished run.", file_okay=False)],
    out_: Annotated[Path, typer.Option("--out", help="The new run directory.", file_okay=False)],
    lexicon: Annotated[
        list[str] | None,
        typer.Option(
            "--lexicon",
            help="A dictionary from the source language, or a folder of them; repeatable.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            help="In the place of dictionaries, or beside them, a pretrained encoder: a folder, or"
            " a name on the hub.",
        ),
    ] = None,
    prefix: Prefix = "",
    revision: Revision = None,
    lemmas: Annotated[
        Path | None,
        typer.Option("--lemmas", help="Forms and lemmas of the source language.", dir_okay=False),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Weight of what the run says of glosses. Default: 0.5, without dictionaries 0.4.",
        ),
    ] = None,
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
    """Have a run also read texts word by word in its source language.

    What it says of the text and of the gloss is averaged, and intent and slots are decoded from the
    mean; nothing is trained. With --lexicon, words are glossed by bilingual dictionaries: of
    several that have one translation, by what the source language's training text has most. With
    --base, by an encoder: each token by the word of that text that it reads most alike. With both,
    the encoder takes what fits the text of what dictionaries have for a word, and glosses what they
    lack. What comes of it is a new run, which has used the resource lexicon; or nothing, or
    unlabelled-text, where all dictionaries are as `data induce` or `data induce-from-text` made
    them; or nothing, where an encoder glosses alone.
    """
    require_extra("train", "glossing")
    from massive_kit.errors import UsageError
    from massive_kit.files import jsonio
    from massive_kit.runs.gloss_making import GlossesOfEncoder
    from massive_kit.runs.glossing import Glossing

    if base is None and (prefix or revision):
        raise UsageError("--prefix and --revision are for the encoder of --base")
    encoder = None if base is None else GlossesOfEncoder(base, prefix, revision)
    glossing = Glossing.of(
        run,
        lexicon or (),
        lemmas=lemmas,
        encoder=encoder,
        weight=weight,
        task=task,
        data=data,
        source=source,
    )
    for warning in glossing.maker.warnings():
        err.print(warning, soft_wrap=True, markup=False)
    with progress("reading dictionaries" if encoder is None else "reading texts") as bar:
        task_id = bar.task_ids[0]
        made = glossing.write(
            out_, lambda done, total: bar.update(task_id, total=total, completed=done)
        )
    if form is Format.json:
        counts = {"words": dict(made.words), "encoder_words": made.encoder_words}
        emit(jsonio.dumps({"path": str(made.run.path), **counts}))
        return
    without = [target for target, words in made.words.items() if not words]
    if without:
        err.print(f"no entry is a word of the text: {', '.join(without)}", soft_wrap=True)
    read = []
    if made.words:
        count = len(made.words) - len(without)
        glossed = counted(sum(made.words.values()), "word")
        read.append(f"{glossed} of {count:,} dictionar{'y' if count == 1 else 'ies'}")
    if made.encoder_words is not None:
        read.append(f"an encoder with {counted(made.encoder_words, 'word')} of {made.source}")
    out.print(f"{made.run.path}: {made.run.facts()['title']}, {' and '.join(read)}", soft_wrap=True)
