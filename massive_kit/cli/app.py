"""The command `massive-kit`: registers the commands, one file each."""

from __future__ import annotations

import logging
import os
from typing import Annotated

import typer

from massive_kit.cli import (
    average,
    breakdown,
    compare,
    configure,
    coverage,
    data_card,
    data_check,
    data_derive,
    data_diff,
    data_fetch,
    data_import,
    data_induce,
    data_induce_from_text,
    data_pseudo_label,
    data_rephrases,
    data_sample,
    data_show,
    data_stats,
    demo,
    ensemble,
    export_croissant,
    export_evalai,
    export_hf_dataset,
    export_merged,
    export_onnx,
    feedback_apply,
    feedback_evaluate,
    feedback_mine,
    feedback_simulate,
    fertility,
    figure,
    forecast,
    forecast_source,
    gloss,
    languages,
    leaderboard_add,
    leaderboard_build,
    leaderboard_check,
    leaderboard_serve,
    ls,
    measure,
    predict,
    probe,
    push,
    search,
    submission_check,
    submission_manifest,
    submission_pack,
    submission_take,
    sweep,
    train,
    validate,
)
from massive_kit.cli.console import LogLines
from massive_kit.cli.entry import run
from massive_kit.cli.eval import eval_
from massive_kit.cli.help_text import join_lines
from massive_kit.cli.plain_errors import PlainErrors
from massive_kit.cli.try_ import try_
from massive_kit.content import ROOT_VARIABLE
from massive_kit.version import __version__

app = typer.Typer(
    name="massive-kit",
    cls=PlainErrors,
    help=(
        "Load, train, score, break down, validate and publish"
        " MASSIVE-style multilingual NLU benchmarks."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data = typer.Typer(help="Get data sets, check them and look at them.", no_args_is_help=True)
derive = typer.Typer(
    help="Make a store of others by a transform.",
    no_args_is_help=True,
    cls=data_derive.TransformGroup,
)
forecasting = typer.Typer(
    help="Forecast scores in languages without data, and whose labels to train on.",
    cls=forecast.ForecastGroup,
)
export = typer.Typer(help="Export to other platforms.", no_args_is_help=True)
feedback = typer.Typer(
    help="Learn from what users say again in other words, without annotators.",
    no_args_is_help=True,
)
submission = typer.Typer(help="Pack and check submissions to the board.", no_args_is_help=True)
leaderboard = typer.Typer(help="Keep and publish a leaderboard.", no_args_is_help=True)

app.command("demo")(demo.demo)
app.command("train")(train.train)
app.command("average")(average.average)
app.command("ensemble")(ensemble.ensemble)
app.command("gloss")(gloss.gloss)
app.command("configure")(configure.configure)
app.command("predict")(predict.predict)
app.command("try")(try_)
app.command("search")(search.search)
app.command("sweep")(sweep.sweep)
app.command("push")(push.push)
app.command("ls")(ls.ls)
app.command("eval")(eval_)
app.command("measure")(measure.measure)
app.command("breakdown")(breakdown.breakdown)
app.command("compare")(compare.compare)
app.command("probe")(probe.probe)
app.command("fertility")(fertility.fertility)
app.command("languages")(languages.languages)
app.command("coverage")(coverage.coverage)
app.command("figure")(figure.figure)
app.command("validate")(validate.validate)
app.add_typer(forecasting, name="forecast")
app.add_typer(data, name="data")
app.add_typer(feedback, name="feedback")
app.add_typer(submission, name="submission")
app.add_typer(export, name="export")
app.add_typer(leaderboard, name="leaderboard")
forecasting.command(forecast.DEFAULT, hidden=True)(forecast.forecast)
forecasting.command("source")(forecast_source.source)
data.add_typer(derive, name="derive")
derive.command("pseudo-label")(data_pseudo_label.pseudo_label)
derive.command("rephrases")(data_rephrases.rephrases)
data.command("fetch")(data_fetch.fetch)
data.command("import")(data_import.import_)
data.command("check")(data_check.check)
data.command("stats")(data_stats.stats)
data.command("show")(data_show.show)
data.command("diff")(data_diff.diff)
data.command("card")(data_card.card)
data.command("induce")(data_induce.induce)
data.command("induce-from-text")(data_induce_from_text.induce_from_text)
data.command("sample", context_settings=data_sample.PASSED_ON)(data_sample.sample)
export.command("evalai")(export_evalai.evalai)
export.command("hf-dataset")(export_hf_dataset.hf_dataset)
export.command("croissant")(export_croissant.croissant)
export.command("merged")(export_merged.merged)
export.command("onnx")(export_onnx.onnx)
feedback.command("mine")(feedback_mine.mine)
feedback.command("apply")(feedback_apply.apply)
feedback.command("evaluate")(feedback_evaluate.evaluate)
feedback.command("simulate")(feedback_simulate.simulate)
submission.command("manifest")(submission_manifest.manifest)
submission.command("pack")(submission_pack.pack)
submission.command("check")(submission_check.check)
submission.command("take")(submission_take.take)
leaderboard.command("add")(leaderboard_add.add)
leaderboard.command("check")(leaderboard_check.check)
leaderboard.command("build")(leaderboard_build.build)
leaderboard.command("serve")(leaderboard_serve.serve)
join_lines(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"massive-kit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    root: Annotated[
        str | None,
        typer.Option(help="Folder that holds tasks/, baselines/ and leaderboard/ of your own."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print more to stderr.")] = False,
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""
    del debug, version
    if root:
        os.environ[ROOT_VARIABLE] = root
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[LogLines()],
    )


def main() -> None:
    """Runs the command line; the entry point of the package."""
    run(app)


if __name__ == "__main__":
    main()
