"""`massive-kit data sample`."""

from __future__ import annotations

from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.options import DataName, Format, FormatOption, LanguagesOption


def sample(
    name: Annotated[str, typer.Option(help="What to call the new store; what --data takes.")],
    data: DataName = None,
    per_intent: Annotated[
        int | None, typer.Option("--per-intent", "-k", help="At most so many of each intent.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", "-n", help="At most so many in all.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    partition: Annotated[
        list[str] | None,
        typer.Option("--partition", help="What to sample; repeatable. Default: train."),
    ] = None,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Only this locale; repeatable.")
    ] = None,
    min_intent_score: Annotated[
        int | None,
        typer.Option(help="Leave out rows that most judges give a lower intent_score."),
    ] = None,
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Write a few-shot sample, or the rows that judges approve of, as a store of its own.

    The same ids in every locale of a parallel corpus, and nested: -k 1 is inside of -k 5. Rows
    without judgments are kept. Other partitions are taken over whole.
    """
    from massive_kit.data.derive.sample import Sample, sample_store
    from massive_kit.data.home import store_folder
    from massive_kit.data.opening import open_data
    from massive_kit.errors import UsageError
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable, canonical_locale

    if per_intent is None and n is None and min_intent_score is None:
        raise UsageError("say what to take: --per-intent, --n or --min-intent-score")
    store = open_data(data, ["1.1"], LanguageTable.load(languages))
    chosen = [canonical_locale(one) for one in locale] if locale else None
    wanted = Sample(
        partitions=tuple(partition or ["train"]),
        per_intent=per_intent,
        total=n,
        seed=seed,
        least=min_intent_score,
    )
    with progress("sampling", len(chosen or store.locales)) as bar:
        task = bar.task_ids[0]
        done = sample_store(
            store,
            store_folder(name),
            wanted,
            name=name,
            locales=chosen,
            progress=lambda _locale: bar.advance(task),
        )
    if done.short:
        err.print(f"{len(done.short)} intents have fewer rows: {', '.join(done.short)}")
    if not done.parallel:
        err.print("the ids are not parallel, so every locale was drawn on its own")
    if form is Format.json:
        value = {"path": str(done.store.path), "rows": done.rows, "judged_out": done.judged_out}
        emit(jsonio.dumps({**value, "parallel": done.parallel, "short": list(done.short)}))
        return
    told = ", ".join(f"{part} {count:,}" for part, count in done.rows.items())
    out.print(f"{told} in {len(done.store.locales)} locales -> {done.store.path}")
    if done.judged_out:
        out.print("left out for their judgments: " + _told(done.judged_out))


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{locale} {count:,}" for locale, count in counts.items())
