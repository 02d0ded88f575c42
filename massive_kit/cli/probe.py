"""`massive-kit probe`: what the vectors of an encoder hold of languages and meanings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, StoreName
from massive_kit.cli.prediction_progress import prediction_bar


class Precision(StrEnum):
    """Which number format a model computes in."""

    auto = "auto"
    bf16 = "bf16"
    fp32 = "fp32"


def probe(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_OR_BASE", help="A run of kind encoder or pretraining, or a model's folder."
        ),
    ],
    data: StoreName = None,
    partition: Annotated[str, typer.Option(help="Where translations are looked for.")] = "test",
    against: Annotated[
        str, typer.Option(help="The language whose utterances are the candidates.")
    ] = "en-US",
    locale: Annotated[
        list[str] | None, typer.Option(help="Only these locales; repeat for more.")
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option(min=2, help="Most utterances of a language, drawn. Default: all."),
    ] = None,
    reference_rows: Annotated[
        int,
        typer.Option(min=1, help="Most other utterances of a language that means are taken from."),
    ] = 1000,
    first: Annotated[
        bool,
        typer.Option(
            "--first", help="Take the first utterances of the files instead of drawing them."
        ),
    ] = False,
    layers: Annotated[
        str | None,
        typer.Option(help="Such as 0,6,12; 0 is the embeddings, -1 the last. Default: all."),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option(help="Text before each utterance; models of the E5 family want 'query: '."),
    ] = "",
    precision: Annotated[
        Precision, typer.Option(help="Number format; auto is bf16 where that is fast.")
    ] = Precision.auto,
    compare: Annotated[
        Path | None,
        typer.Option(help="A second model, such as the one before training, or its probe.json."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(help="A folder written by `eval --out`, to correlate retrieval with."),
    ] = None,
    languages: LanguagesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for probe.json and three pictures (SVG).", file_okay=False),
    ] = None,
    form: FormatOption = Format.text,
) -> None:
    """Look inside an encoder: translations, languages and intents, layer by layer."""
    require_extra("train", "probing an encoder")
    from massive_kit.analysis.probe_folder import PROBE_FILE, write_probe
    from massive_kit.analysis.probe_request import ProbeRequest
    from massive_kit.analysis.score_correlation import correlated
    from massive_kit.breakdown.saved_evaluation import SavedEvaluation
    from massive_kit.cli.probe_tables import probe_tables
    from massive_kit.cli.tables import TableFormat, print_tables
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.probed_model import probed_model
    from massive_kit.schema.probe import Probe, load_probe

    system_scores = SavedEvaluation.open(scores).scores if scores else None
    table = LanguageTable.load(languages)
    request = ProbeRequest.of(
        data,
        partition=partition,
        against=against,
        locales=locale or (),
        candidates=candidates,
        reference_rows=reference_rows,
        layers=layers,
        prefix=prefix,
        precision=precision.value,
        drawn=not first,
        languages=table,
    )

    def measured(path: Path) -> Probe:
        if path.is_file():
            return load_probe(path)
        probed = probed_model(path)
        with prediction_bar(f"probing {probed.name}", request.texts, "texts") as passed:
            return request.measure(probed.name, probed.folder, probed.kind, passed)

    other = measured(compare) if compare else None
    result = measured(model)
    if system_scores is not None:
        result = correlated(result, system_scores)
    if out is not None:
        write_probe(out, result, other, table)
        err.print(f"{out / PROBE_FILE} and pictures written", markup=False, soft_wrap=True)
    if form is Format.json:
        emit(jsonio.dumps(result.model_dump(mode="json")))
        return
    print_tables(probe_tables(result, other, table), TableFormat.text)
