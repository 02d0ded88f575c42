"""How fast the kit predicts against the original's way: same model, utterances and machine.

Run: python benchmarks/predict.py [--data 1.1] [--shape small] [--rows 500]
On a GPU: python benchmarks/predict.py --data 1.1 --tokenizer FOLDER --shape xlmr-base

The original's way: words split first, batches of 128 utterances in file order padded to the longest
of them, fp32, labels fetched after each batch. The kit's: raw text, batches by token budget from
utterances sorted by length, bf16 where the device is faster in it, labels fetched at the end. On a
GPU a second column has the original's batches in bf16.

The model alone reads utterances that are tokenised already, and gives a label for each token. End
to end is from text to lines of a prediction file, tokenising and slots included; the original's way
tokenises as fast as the kit does here. Weights are random. Each way reads all utterances once
before it is measured; memory is told of a GPU alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.measuring.device import device_name, forget, this_device, wait
from benchmarks.measuring.rows import BenchmarkRows, TokenisedRows, read_rows, tokenizer_for
from benchmarks.measuring.shapes import SHAPES, joint_model, shape_config, writes_text
from massive_kit.data.inventory import Inventory
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.memory import peak_memory
from massive_kit.engine.precision import autocast, choose_precision, quiet
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_utterances
from massive_kit.systems.encoder.inference import infer
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.interface import Prediction
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.subwords.placement import Placement
from massive_kit.systems.subwords.rows import BatchPlaces, token_labels

ORIGINAL_ROWS = 128
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Way:
    """A way of predicting.

    Attributes:
        title: What it is called.
        alone: Reads tokenised utterances.
        whole: From utterances to lines of a prediction file.
        padding: Share of the subwords that are padding.
    """

    title: str
    alone: Callable[[], object]
    whole: Callable[[], object]
    padding: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a column says: utterances a second, and memory in MiB."""

    title: str
    alone: float
    end_to_end: float
    padding: float
    memory: int | None


def main() -> None:
    """Measures each way and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    encoders = [shape for shape in SHAPES if not writes_text(shape)]
    add = parser.add_argument
    add("--data", help="A store; default: 1.1 if it is here, else demo.")
    add("--base", help="A model folder, for its shape and tokenizer.")
    add(
        "--tokenizer",
        help="A folder with a tokenizer; default: that of --base, or one trained now.",
    )
    add("--shape", choices=[*encoders, "base"], help="The model's shape.")
    add("--rows", type=int, help="Utterances, over all locales.")
    add("--budget", nargs="+", type=int, help="Subwords of a batch of the kit; a column for each.")
    add("--format", choices=["table", "json"], default="table")
    options = parser.parse_args()
    quiet()
    cuda = this_device().type == "cuda"
    rows = read_rows(options.data, "test", options.rows or (20_000 if cuda else 500))
    tokenised = TokenisedRows(rows, tokenizer_for(options.tokenizer or options.base, rows))
    shape = options.shape or ("base" if options.base else "xlmr-base" if cuda else "small")
    model = joint_model(shape_config(shape, options.base, tokenised.tokenizer), rows)
    model.to(this_device()).eval()
    ways = [original(model, tokenised, "fp32")]
    if cuda:
        ways.append(original(model, tokenised, "bf16"))
    budgets = options.budget or ([8192, 16_384] if cuda else [8192])
    ways += [kit(model, tokenised, budget) for budget in budgets]
    figures = [measure(way, len(rows.utterances)) for way in ways]
    if options.format == "json":
        head = {"device": device_name(), "data": rows.data, "shape": shape}
        print(json.dumps(head | {"columns": [*map(asdict, figures)]}))
    else:
        show(figures, shape, rows)


def original(model: JointModel, tokenised: TokenisedRows, precision: str) -> Way:
    """Batches in file order."""
    rows, inventory = tokenised.rows, tokenised.rows.inventory
    data = tokenised.cut(Placement.first)
    numbers = np.arange(len(data))
    batches = [numbers[at : at + ORIGINAL_ROWS] for at in range(0, len(data), ORIGINAL_ROWS)]

    def whole() -> list[bytes]:
        encoded = encode_utterances(
            [utterance.text for utterance in rows.utterances],
            [utterance.tokens for utterance in rows.utterances],
            tokenised.tokenizer,
            placement=Placement.first,
            max_length=LONGEST,
        )
        predicted = in_file_order(model, encoded, inventory, batches, precision)
        names = [inventory.labels[label] for label in predicted.labels]
        starts = encoded.token_offsets.tolist()
        return [
            prediction_line(
                Prediction(
                    utterance,
                    inventory.intents[predicted.intents[row]],
                    names[starts[row] : starts[row + 1]],
                ),
                inventory.scheme,
            )
            for row, utterance in enumerate(rows.utterances)
        ]

    return Way(
        "original" if precision == "fp32" else f"original, {precision}",
        lambda: in_file_order(model, data, inventory, batches, precision),
        whole,
        padding(data, batches),
    )


def in_file_order(
    model: JointModel,
    data: EncoderDataset,
    inventory: Inventory,
    batches: list[Any],
    precision: str,
) -> PredictedLabels:
    """Predicts batch after batch, and fetches the labels of each."""
    device = this_device()
    intents = np.empty(len(data), np.int32)
    labels = np.empty(len(data.subwords), np.int16)
    for rows in batches:
        batch = {name: value.to(device) for name, value in data.batch(rows).items()}
        with torch.inference_mode(), autocast(device, precision):
            output = model(**batch)
        intents[rows] = output.intent_logits.argmax(-1).cpu().numpy()
        places = BatchPlaces.of(data, rows)
        of_subwords = output.slot_logits.argmax(-1).cpu().numpy()
        labels[places.at[places.inside]] = of_subwords[places.inside]
    return PredictedLabels(intents, token_labels(labels, data, inventory))


def kit(model: JointModel, tokenised: TokenisedRows, budget: int) -> Way:
    """The kit's own prediction."""
    rows, inventory = tokenised.rows, tokenised.rows.inventory
    precision = choose_precision("auto")
    data = tokenised.cut(Placement.raw_text)
    system = EncoderSystem(
        model, tokenised.tokenizer, inventory, precision, Placement.raw_text, budget
    )
    order = np.argsort(data.lengths, kind="stable")
    return Way(
        f"kit, {budget / 1024:g}k",
        lambda: infer(model, data, inventory, budget=budget, precision=precision),
        lambda: [
            prediction_line(prediction, inventory.scheme)
            for prediction in system.predict(rows.utterances)
        ],
        padding(data, length_batches(data.lengths, order, budget)),
    )


def padding(data: EncoderDataset, batches: list[Any]) -> float:
    """Share of the subwords that are padding."""
    padded = sum(int(data.lengths[rows].max()) * len(rows) for rows in batches)
    return 1 - int(data.lengths.sum()) / padded


def measure(way: Way, utterances: int) -> Figures:
    """Reads all once to warm up, then once alone and once end to end."""
    forget()
    way.alone()
    alone = seconds(way.alone)
    memory = peak_memory() if torch.cuda.is_available() else None
    return Figures(
        way.title, utterances / alone, utterances / seconds(way.whole), way.padding, memory
    )


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes, until the device is done."""
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start


def show(columns: list[Figures], shape: str, rows: BenchmarkRows) -> None:
    """Prints the ways side by side."""
    first = columns[0]
    lines = {
        "model alone, utterances/s": [f"{way.alone:,.0f}" for way in columns],
        "  against the original": [f"{way.alone / first.alone:.1f}x" for way in columns],
        "end to end, utterances/s": [f"{way.end_to_end:,.0f}" for way in columns],
        "  against the original ": [f"{way.end_to_end / first.end_to_end:.1f}x" for way in columns],
        "padding": [f"{way.padding:.1%}" for way in columns],
        "peak memory, MiB": ["-" if way.memory is None else f"{way.memory:,}" for way in columns],
    }
    print(
        f"{shape} on {device_name()}; {len(rows.utterances):,} utterances of {rows.data},"
        f" {rows.locales} locales\n"
    )
    print(f"{'':32}" + "".join(f"{way.title:>18}" for way in columns))
    for title, cells in lines.items():
        print(f"{title:32}" + "".join(f"{cell:>18}" for cell in cells))
    if first.alone > max(way.alone for way in columns[1:]):
        sys.exit(1)


if __name__ == "__main__":
    main()
