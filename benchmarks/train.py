"""How fast the kit trains against the original's way: same model, rows and machine, in one run.

Run: python benchmarks/train.py [--data 1.1] [--base FOLDER] [--precision fp32]
On a GPU: python benchmarks/train.py --data 1.1 --tokenizer FOLDER --shape xlmr-base mt5-base
Compiled there: the same with --ways original kit packed compiled packed-compiled

The original's way: words split first, random batches of 128 rows padded to the longest of them,
fp32 as PyTorch has it by default, the full embedding matrix, AdamW. The kit's: raw text, batches by
token budget from length-sorted windows, bf16 where the device is faster in it, the embedding rows
of the subwords that occur, fused AdamW. Every parameter is trained in both, and dropout is on.
`original-bf16` has the original's batches in bf16, which tells apart what precision does and what
the rest does. `packed` is the kit's way with rows of any length in sequences of one width
(`model.packing`), `varlen` the same under the kernel for rows of any length, `compiled` the kit's
with `training.compile`, and `packed-compiled` both. A text-to-text model (`mt5-base-t2t`) is not
packed; its batches are half as large, inputs and targets together, and 64 rows in the original's
way, which are a step's on a device.

Only real subwords count (those of the two ways differ in ja-JP and zh alone, so that utterances are
shown as well). Batches are made and moved as in training, all within the time that is measured; the
device is waited for before the first step and after the last, and a GPU has seen each shape. On a
processor each column runs in a process of its own, since only that tells its memory. The share of
the peak is that of the operations that real subwords need (6 a weight of the body, and attention)
in what a large matrix product reaches on this device in this run, in bf16 where it computes in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TextIO

import torch

from benchmarks.measuring.device import device_name, forget, matrix_peak, this_device
from benchmarks.measuring.kernels import profiled
from benchmarks.measuring.rows import TokenisedRows, read_rows, tokenizer_for
from benchmarks.measuring.shapes import SHAPES, writes_text
from benchmarks.measuring.steps import Stepper
from benchmarks.measuring.variable_length import VariableLength
from benchmarks.measuring.workloads import TEXT_SHARE, Way, start_model, workload
from massive_kit.engine.compiling import compiled
from massive_kit.engine.memory import peak_memory
from massive_kit.engine.optimiser import new_optimiser
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.errors import TrainingError
from massive_kit.schema.optimiser import Optimiser

LEARNING_RATE = 1e-5
PAPER_ROWS, PAPER_EPOCHS = 587_214, 26
LEAST_RATIO = {"cpu": 3.0, "cuda": 5.0}
LEAST_SHARE = 0.4
PROFILED_STEPS = 10
_NAME_WIDTH = 130


WAYS = ("original", "original-bf16", "kit", "packed", "varlen", "compiled", "packed-compiled")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        title: What it is called.
        way: How it trains.
    """

    title: str
    way: Way


@dataclass(frozen=True, slots=True)
class Figures:
    """What a column says; rates are per second, memory in MiB.

    `profile` and `kernels` have the milliseconds of each kind of kernel, and of the largest.
    """

    title: str
    precision: str
    steps: int
    subwords: float
    utterances: float
    padding: float
    memory: int
    embedding_rows: int
    operations: float
    paper_hours: float
    profile: dict[str, float] | None = None
    kernels: dict[str, float] | None = None


LINES = (
    ("real subwords/s", "subwords", "{:,.0f}"),
    ("utterances/s", "utterances", "{:,.1f}"),
    ("padding", "padding", "{:.1%}"),
    ("peak memory, MiB", "memory", "{:,.0f}"),
    ("embedding rows", "embedding_rows", "{:,}"),
    ("precision", "precision", "{}"),
    ("steps measured", "steps", "{}"),
    (f"paper's full run ({PAPER_EPOCHS} epochs), hours", "paper_hours", "{:,.1f}"),
)


def main() -> None:
    """Runs all columns of each shape and prints their tables."""
    options = parse()
    quiet()
    rows = read_rows(options.data, "train", options.rows)
    tokenised = TokenisedRows(rows, tokenizer_for(options.tokenizer or options.base, rows))
    if options.column is not None:
        (shape,) = options.shape
        column = columns(shape, options)[options.column]
        start = start_model(shape, options.base, tokenised)
        figures = measure(shape, column, start, tokenised, options)
        print(json.dumps(asdict(figures)))
        return
    peak = matrix_peak()
    machine = options.format == "json"
    out = sys.stderr if machine else sys.stdout
    print(
        f"{device_name()}; matrix peak {peak / 1e12:.2f} TFLOP/s; {len(rows.utterances):,}"
        f" utterances of {rows.data}, {rows.locales} locales",
        file=out,
    )
    met = True
    for shape in options.shape:
        table = in_this_process if options.together else in_processes
        figures_of_shape = table(shape, tokenised, options)
        met &= show(shape, figures_of_shape, peak, out, profiles=options.profile)
        if machine:
            head = {"device": device_name(), "data": rows.data, "peak": peak, "shape": shape}
            print(json.dumps(head | {"columns": [*map(asdict, figures_of_shape)]}), flush=True)
    sys.exit(0 if met else 1)


def parse() -> argparse.Namespace:
    """The command line, with the shapes filled in."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--data", help="A store; default: 1.1 if it is here, else demo.")
    add("--base", help="A model folder, for its shape and tokenizer.")
    add(
        "--tokenizer",
        help="A folder with a tokenizer; default: that of --base, or one trained now.",
    )
    add("--shape", nargs="+", choices=[*SHAPES, "base"], help="Shapes; their weights are random.")
    add("--rows", type=int, help="Utterances read, over all locales.")
    add("--budget", nargs="+", type=int, help="Subwords of a batch of the kit; a column for each.")
    add("--seconds", type=float, default=None, help="How long a column is measured.")
    add("--steps", type=int, help="Most steps measured.")
    add("--warmup", type=int, help="Batches that are measured, each of which is a step before.")
    add("--precision", choices=["auto", "fp32", "bf16"], default="auto", help="The kit's.")
    add("--ways", nargs="+", choices=WAYS, help="Columns; compiling one takes a minute or two.")
    add("--packing", type=int, default=128, help="Subwords of a sequence of packed rows.")
    add(
        "--profile", action="store_true", help="What the kit's time goes to, even where it is fast."
    )
    add(
        "--format",
        choices=["table", "json"],
        default="table",
        help="json: a line for each shape; its table goes to stderr.",
    )
    add("--together", action="store_true", help="One process for all columns, as on a GPU.")
    add("--column", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    cuda = this_device().type == "cuda"
    options.together |= cuda
    options.shape = options.shape or ["base" if options.base else "xlmr-base" if cuda else "small"]
    options.budget = options.budget or ([16_384, 32_768] if cuda else [None])
    options.rows = options.rows or (20_000 if cuda else 15_000)
    options.ways = options.ways or (
        ["original", "original-bf16", "kit", "packed"] if cuda else ["original", "kit"]
    )
    options.warmup = options.warmup or (24 if cuda else 1)
    if options.seconds is None and options.steps is None and not cuda:
        options.steps = 6
    options.seconds = options.seconds or (3.0 if cuda else 600.0)
    return options


def columns(shape: str, options: argparse.Namespace) -> list[Column]:
    """The columns of a table; the original's way comes first."""
    precision = choose_precision(options.precision)
    made = []
    for name in options.ways:
        if name.startswith("original"):
            number = "bf16" if name.endswith("bf16") else "fp32"
            made.append(Column(name, Way(kit=False, precision=number)))
            continue
        packed = name.startswith(("packed", "varlen"))
        if packed and writes_text(shape):
            continue
        for whole in options.budget if name == "kit" else options.budget[-1:]:
            budget = whole if whole is None or not writes_text(shape) else int(TEXT_SHARE * whole)
            title = name if budget is None else f"{name}, {budget / 1024:g}k"
            way = Way(
                kit=True,
                precision=precision,
                budget=budget,
                packing=options.packing if packed else None,
                varlen=name == "varlen",
                compiled=name.endswith("compiled"),
            )
            made.append(Column(title, way))
    return made


def in_this_process(
    shape: str, tokenised: TokenisedRows, options: argparse.Namespace
) -> list[Figures]:
    """All columns of a shape, one after the other; each starts from the same weights."""
    start = start_model(shape, options.base, tokenised)
    figures = []
    for column in columns(shape, options):
        try:
            figures.append(measure(shape, column, start, tokenised, options))
        except (RuntimeError, TrainingError) as error:
            # The other columns are worth as much without it.
            line = str(error).strip().partition("\n")[0]
            print(f"{shape}, {column.title}: not measured: {line}", file=sys.stderr)
    return figures


def in_processes(
    shape: str, tokenised: TokenisedRows, options: argparse.Namespace
) -> list[Figures]:
    """All columns of a shape, each in a process of its own, which reads the rows itself."""
    del tokenised
    figures = []
    for number in range(len(columns(shape, options))):
        own = ["--shape", shape, "--column", str(number)]
        command = [sys.executable, __file__, *sys.argv[1:], *own]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        figures.append(Figures(**json.loads(done.stdout.splitlines()[-1])))
    return figures


def measure(
    shape: str,
    column: Column,
    start: torch.nn.Module,
    tokenised: TokenisedRows,
    options: argparse.Namespace,
) -> Figures:
    """Trains some steps in one way and returns the figures."""
    forget()
    device, way = this_device(), column.way
    work = workload(shape, way, start, tokenised)
    model = work.model.to(device).train()
    attention = VariableLength(model.body) if way.varlen else None
    optimiser = (
        new_optimiser(model, Optimiser(lr=LEARNING_RATE))
        if way.kit
        else torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    )
    stepper = Stepper(model, optimiser, work, way.precision, way.kit, attention)
    batches = work.plan.batches
    if way.packing is not None and len(batches) > 1:
        # The last of a pass is the only one of another shape.
        batches = batches[:-1]
    seen = batches[: options.warmup]
    if device.type == "cuda":
        # A GPU is measured on shapes that it has seen; a processor does not mind new ones.
        batches = seen
    profile = None
    with compiled(model, wanted=way.compiled, one_shape=way.packing is not None):
        begin = time.perf_counter()
        stepper.warm_up(seen)
        warm = time.perf_counter() - begin
        pace = stepper.timed(batches, seconds=options.seconds, most=options.steps)
        memory = peak_memory()
        if way.kit and (device.type == "cuda" or options.profile):
            profile = profiled(
                lambda: stepper.timed(batches, seconds=options.seconds, most=PROFILED_STEPS)
            )
    # What a run that is cut short still has to show.
    print(
        f"{shape}, {column.title}: {pace.rows / pace.seconds:,.1f} utterances/s,"
        f" {pace.operations / pace.seconds / 1e12:.2f} TFLOP/s, after {warm:.1f} s of warming up",
        file=sys.stderr,
    )
    return Figures(
        title=column.title,
        precision=way.precision,
        steps=pace.steps,
        subwords=pace.subwords / pace.seconds,
        utterances=pace.rows / pace.seconds,
        padding=1 - pace.subwords / pace.padded,
        memory=memory,
        embedding_rows=work.embedding_rows,
        operations=pace.operations / pace.seconds,
        paper_hours=PAPER_ROWS * PAPER_EPOCHS * pace.seconds / pace.rows / 3600,
        profile=None if profile is None else profile.kinds,
        kernels=None if profile is None else profile.kernels,
    )


def show(shape: str, columns: list[Figures], peak: float, out: TextIO, *, profiles: bool) -> bool:
    """Prints the table of a shape, and a profile where the device is used little.

    Returns:
        Whether the kit is as much faster as is wanted.
    """
    if not columns:
        return False
    original, *_ = columns
    print(f"\n{shape:38}" + "".join(f"{figures.title:>18}" for figures in columns), file=out)
    for title, name, form in LINES:
        cells = (form.format(getattr(figures, name)) for figures in columns)
        print(f"{title:38}" + "".join(f"{cell:>18}" for cell in cells), file=out)
    shares = (f"{figures.operations / peak:.1%}" for figures in columns)
    print(f"{'share of the matrix peak':38}" + "".join(f"{cell:>18}" for cell in shares), file=out)
    ratios = [figures.utterances / original.utterances for figures in columns]
    print(
        f"{'utterances/s against the first':38}" + "".join(f"{ratio:>17.1f}x" for ratio in ratios),
        file=out,
    )
    for figures in columns:
        share = figures.operations / peak
        if figures.profile and (profiles or share < LEAST_SHARE):
            show_profile(figures, out)
    least = LEAST_RATIO[this_device().type]
    met = max(ratios) >= least
    print(
        f"\nat least {least:.0f}x wanted: {'met' if met else 'MISSED'} ({max(ratios):.1f}x)",
        file=out,
    )
    return met


def show_profile(figures: Figures, out: TextIO) -> None:
    """Prints what the time of some steps went to."""
    assert figures.profile is not None
    total = sum(figures.profile.values())
    print(f"\n{figures.title}: what the time goes to, {PROFILED_STEPS} steps", file=out)
    for kind, milliseconds in figures.profile.items():
        print(f"  {kind:36}{milliseconds:>12,.1f} ms{milliseconds / total:>9.1%}", file=out)
    for kernel, milliseconds in (figures.kernels or {}).items():
        print(f"  {milliseconds:>12,.1f} ms  {kernel[:_NAME_WIDTH]}", file=out)


if __name__ == "__main__":
    main()
