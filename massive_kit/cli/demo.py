"""`massive-kit demo`: the main job, end to end, on the embedded corpus."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.demo_systems import SYSTEMS, DemoBase, DemoSystem
from massive_kit.cli.prediction_progress import prediction_bar
from massive_kit.cli.tables import TableFormat, print_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from massive_kit.data.task_data import TaskData
    from massive_kit.runs.folder import RunFolder
    from massive_kit.scoring.evaluation import Evaluation


# Asking one about the whole corpus takes longer than all of the above.
_LANGUAGE_MODEL = (
    "\nTo have a language model of yours answer, too:"
    " massive-kit train prompted --task demo-full --out runs/prompted -o model.base=FOLDER,"
    " then massive-kit eval runs/prompted --task demo-full"
)


def demo(
    folder: Annotated[
        Path, typer.Option("--out", help="Folder for runs, scores and the board.", file_okay=False)
    ] = Path("demo-out"),
) -> None:
    """Train, predict, validate, score and publish tiny systems on the demo corpus."""
    import shutil

    from massive_kit import content
    from massive_kit.errors import MissingExtraError
    from massive_kit.publish.site import build

    try:
        import torch  # noqa: F401 - asked for before any work is done
    except ImportError:
        raise MissingExtraError("train", "the demo trains small models and") from None
    start = time.monotonic()
    board = folder / "leaderboard"
    # What an earlier demo left would be taken for unfinished runs.
    for old in ("runs", "scores", "leaderboard"):
        shutil.rmtree(folder / old, ignore_errors=True)
    board.mkdir(parents=True)
    shutil.copyfile(content.installed_root() / "leaderboard" / "demo.yaml", board / "board.yaml")
    err.print("The demo corpus is machine-written text, not a benchmark.")
    results: dict[str, Evaluation] = {}
    for system in SYSTEMS:
        results[system.name] = _run(system, folder, board)
        _show(system, results)
    err.print(_LANGUAGE_MODEL, soft_wrap=True)
    site = build(board, folder / "site")
    out.print(
        f"\n{site.systems} systems on {site.pages} pages in {time.monotonic() - start:.0f} s;"
        f" runs and scores are in {folder}. Open the board:"
    )
    out.print(f"{(site.folder / 'index.html').resolve().as_uri()}", soft_wrap=True)


def _run(system: DemoSystem, folder: Path, board: Path) -> Evaluation:
    from massive_kit.cli.training_progress import shown_training
    from massive_kit.data.opening import open_task
    from massive_kit.publish.results import add_result
    from massive_kit.runs.as_submission import known_of_run
    from massive_kit.runs.folder import RunFolder
    from massive_kit.runs.predicting import predict_task
    from massive_kit.runs.training import train_run
    from massive_kit.scoring.prediction_files import evaluate_files
    from massive_kit.submission.manifests import known_of_task, read_manifest
    from massive_kit.systems.recipes import load_recipe

    task_data = open_task(system.task, "demo")
    changes = list(system.changes)
    if system.base is not None:
        changes.append(f"model.base={_train_base(system.base, task_data, folder)}")
    err.print(f"\n{system.title}", style="bold", end="")
    err.print(f" ({system.task})")
    run, scores = RunFolder(folder / "runs" / system.name), folder / "scores" / system.name
    with shown_training(table=False) as shown:
        train_run(load_recipe(system.recipe, changes), task_data, run.path, observer=shown)
    predictions = run.predictions(task_data)
    with prediction_bar("predicting", task_data.test.rows) as rows_done:
        predict_task(run.path, task_data, predictions, rows_done)
    # Reading for the score validates: a file with a mistake raises.
    result = evaluate_files([predictions], task_data).evaluation
    err.print(f"{len(result.statistics):,} predictions are valid and scored")
    result.save(scores)
    known = {**known_of_task(task_data.task), **known_of_run(run, task_data.task.name)}
    manifest = read_manifest(None, [], {**known, "title": system.title, "team": "massive-kit demo"})
    add_result(board / "results", manifest, scores / "scores.json", scores / "stats.npz")
    _show_resources(run, manifest.resources)
    return result


def _show_resources(run: RunFolder, resources: Sequence[str]) -> None:
    from massive_kit.counted import counted
    from massive_kit.runs.lineage import run_resources

    for used in run_resources(run):
        if used.resource in resources:
            ids = "" if used.ids is None else f", {100 * used.ids.share:.0f} % of the ids"
            out.print(
                f"Used beside the labels: {used.resource} of {counted(len(used.locales), 'locale')}"
                f"{ids}, by {', made of '.join(used.by)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def _train_base(base: DemoBase, task_data: TaskData, folder: Path) -> Path:
    from massive_kit.cli.training_progress import shown_training
    from massive_kit.runs.training import train_run
    from massive_kit.systems.recipes import load_recipe

    err.print(f"\n{base.title}", style="bold", end="")
    err.print(f" ({task_data.task.name})")
    path = folder / "runs" / base.name
    with shown_training(table=False) as shown:
        train_run(load_recipe(base.recipe), task_data, path, observer=shown)
    return path


def _show(system: DemoSystem, results: Mapping[str, Evaluation]) -> None:
    from massive_kit.breakdown import score_tables
    from massive_kit.breakdown.before_after import before_and_after
    from massive_kit.languages import LanguageTable

    scores, languages = results[system.name].scores, LanguageTable.shipped()
    tables = [*score_tables.group_tables(scores), score_tables.averages_table(scores)]
    if not system.by_group:
        tables = [score_tables.averages_table(scores)]
    elif system.task == "demo-full":
        tables = [score_tables.locales_table(scores, languages), *tables]
    if system.before is not None:
        title = f"English labels, before and after {system.news}"
        earlier = results[system.before].scores
        tables.append(before_and_after(earlier, scores, languages, title))
    print_tables(tables, TableFormat.text)
