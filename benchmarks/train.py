"""How fast the kit trains against the reference's way, on the same model, rows and machine.

Run: python benchmarks/train.py [--data 1.1] [--base FOLDER] [--precision fp32]

The reference's way: words split first, random batches of 128 rows padded to the longest of them,
fp32, the full embedding matrix, AdamW. The kit's: raw text, batches by token budget from
length-sorted windows, bf16 where the device is faster in it, trimmed embedding matrix, fused
AdamW. Every parameter is trained in both. Each runs in a process of its own; only real subwords
count (those of the reference's way and of the kit's differ in ja-JP and zh alone, so that
utterances are shown as well).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SHAPES: dict[str, dict[str, Any]] = {
    "small": {
        "model_type": "bert",
        "vocab_size": 250_037,
        "hidden_size": 384,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
    "xlmr-base": {
        "model_type": "xlm-roberta",
        "vocab_size": 250_002,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 514,
    },
}
REFERENCE_ROWS = 128
PAPER_ROWS, PAPER_EPOCHS = 587_214, 26
LEAST_RATIO = {"cpu": 3.0, "cuda": 5.0}


def main() -> None:
    """Runs both ways and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", default=None, help="A store; default: 1.1 if it is here, else demo."
    )
    parser.add_argument("--base", default=None, help="A model folder, for its shape and tokenizer.")
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument(
        "--precision", choices=["auto", "fp32", "bf16"], help="The kit's; the reference's is fp32."
    )
    parser.add_argument("--way", choices=["kit", "reference"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options)))
        return
    results = {}
    for way in ("reference", "kit"):
        command = [sys.executable, __file__, "--way", way]
        for name in ("data", "base", "steps", "precision"):
            if getattr(options, name) is not None:
                command += [f"--{name}", str(getattr(options, name))]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results[way] = json.loads(done.stdout.splitlines()[-1])
    show(results["reference"], results["kit"])


def show(reference: dict[str, Any], kit: dict[str, Any]) -> None:
    """Prints both ways side by side."""
    rows = [
        ("real subwords/s", "pieces_per_second", "{:,.0f}"),
        ("utterances/s", "rows_per_second", "{:,.1f}"),
        ("padding", "padding", "{:.1%}"),
        ("peak memory, MiB", "memory", "{:,.0f}"),
        ("embedding rows", "embedding_rows", "{:,}"),
        ("precision", "precision", "{}"),
        ("share of the matrix-product peak", "share", "{:.0%}"),
        ("paper's full run (26 epochs), hours", "paper_hours", "{:,.1f}"),
    ]
    print(f"{kit['shape']} on {kit['device']}, {kit['threads']} threads, data {kit['data']},")
    print(f"{kit['locales']} locales; {reference['steps']} and {kit['steps']} steps\n")
    print(f"{'':38} {'reference':>14} {'kit':>14} {'ratio':>8}")
    for title, name, form in rows:
        ratio = ""
        if name in {"pieces_per_second", "rows_per_second"}:
            ratio = f"{kit[name] / reference[name]:.1f}x"
        left, right = form.format(reference[name]), form.format(kit[name])
        print(f"{title:38} {left:>14} {right:>14} {ratio:>8}")
    ratio = kit["rows_per_second"] / reference["rows_per_second"]
    least = LEAST_RATIO[kit["device_type"]]
    print(f"\nat least {least:.0f}x wanted: {'met' if ratio >= least else 'MISSED'} ({ratio:.1f}x)")
    if ratio < least:
        sys.exit(1)


def measure(way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Trains some steps one way and returns the figures."""
    import torch

    from massive_kit.data.home import stores
    from massive_kit.data.opening import open_data
    from massive_kit.data.split import DataSplit
    from massive_kit.engine.batches import plan_batches
    from massive_kit.engine.memory import peak_memory
    from massive_kit.engine.optimiser import new_optimiser
    from massive_kit.engine.precision import choose_precision, quiet
    from massive_kit.schema.optimiser import Optimiser
    from massive_kit.systems.encoder.dataset import encode_split
    from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
    from massive_kit.systems.encoder.vocabulary_trimming import trim
    from massive_kit.systems.subwords.placement import Placement

    quiet()
    cuda = torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    kit = way == "kit"
    store = open_data(options.data or ("1.1" if (stores() / "1.1").is_dir() else "demo"))
    locales = [name for name in store.locales if name != "ca-ES"]
    body, tokenizer, shape = shape_of(options.base, store, locales, cuda)
    data = encode_split(
        DataSplit(store, "train", tuple(locales)),
        tokenizer,
        placement=Placement.raw_text if kit else Placement.first,
        max_length=512,
        rows=None if cuda else 300,
    )
    config = JointConfig(
        body=body.to_dict(),
        intents=list(store.inventory.intents),
        labels=list(store.inventory.labels),
    )
    torch.manual_seed(0)
    model = JointModel(config)
    precision = choose_precision(options.precision or "auto") if kit else "fp32"
    mean = float(data.lengths.mean())
    # As many real subwords a step as the reference's way has, in either way.
    budget = int(REFERENCE_ROWS * mean) * (8 if cuda else 1)
    if kit:
        trimmed = trim(model, (data,))
        data = data.remapped(trimmed.table)
        plan = plan_batches(data.lengths, epochs=1, seed=0, tokens=budget)
        optimiser: torch.optim.Optimizer = new_optimiser(model.to(device), Optimiser(lr=1e-5))
    else:
        plan = plan_batches(data.lengths, epochs=1, seed=0, rows=REFERENCE_ROWS)
        optimiser = torch.optim.AdamW(model.to(device).parameters(), lr=1e-5)
    steps = min(options.steps or (200 if cuda else 6), len(plan.batches) - 1)
    pace = run_steps(model, optimiser, data, plan.batches[: steps + 1], precision)
    weights = sum(p.numel() for p in model.body.encoder.parameters())
    rate = pace.rows / pace.seconds
    return {
        "shape": shape,
        "device": torch.cuda.get_device_name() if cuda else "CPU",
        "device_type": device.type,
        "threads": torch.get_num_threads(),
        "data": store.name,
        "locales": len(locales),
        "steps": steps,
        "precision": precision,
        "pieces_per_second": pace.subwords / pace.seconds,
        "rows_per_second": rate,
        "padding": 1 - pace.subwords / pace.padded,
        "memory": peak_memory(),
        "embedding_rows": len(model.get_input_embeddings().weight),
        "share": 6 * weights * pace.subwords / pace.seconds / matmul_peak(device, precision),
        "paper_hours": PAPER_ROWS * PAPER_EPOCHS / rate / 3600,
    }


@dataclass(slots=True)
class Pace:
    """What some steps took, without the first, which warms up."""

    rows: int = 0
    subwords: int = 0
    padded: int = 0
    seconds: float = 0.0


def run_steps(model: Any, optimiser: Any, data: Any, batches: list[Any], precision: str) -> Pace:
    """Takes a step on each batch."""
    import torch

    device = next(model.parameters()).device
    labels = data.subword_labels()
    pace = Pace()
    model.train()
    for step, batch in enumerate(batches):
        start = time.perf_counter()
        inputs = {
            name: value.to(device, non_blocking=True)
            for name, value in data.batch(batch, labels).items()
        }
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            loss = model(**inputs).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if device.type == "cuda" and step in {0, len(batches) - 1}:
            torch.cuda.synchronize()
        if step:
            pace.seconds += time.perf_counter() - start
            pace.subwords += int(data.lengths[batch].sum())
            pace.padded += int(data.lengths[batch].max()) * len(batch)
            pace.rows += len(batch)
    return pace


def shape_of(base: str | None, store: Any, locales: list[str], cuda: bool) -> tuple[Any, Any, str]:
    """The body's configuration, a tokenizer, and what to call them."""
    from transformers import AutoConfig, AutoTokenizer

    from massive_kit.engine.tokenizers import train_tokenizer

    if base:
        return (
            AutoConfig.from_pretrained(base),
            AutoTokenizer.from_pretrained(base),
            f"the shape of {Path(base).name}",
        )
    texts = []
    for locale in locales:
        texts += store.read("train", [locale], ["utt"]).column("utt").to_pylist()[:1000]
    shape = "xlmr-base" if cuda else "small"
    values = dict(SHAPES[shape])
    body = AutoConfig.for_model(values.pop("model_type"), **values, pad_token_id=0)
    return body, train_tokenizer(texts, 30_000), shape


def matmul_peak(device: Any, precision: str) -> float:
    """Operations a second of a large matrix product on this device, measured now."""
    import torch

    size = 8192 if device.type == "cuda" else 1536
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    left = torch.randn(size, size, device=device, dtype=kind)
    best = np.inf
    for _ in range(5):
        if device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        torch.mm(left, left)
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return float(2 * size**3 / best)


if __name__ == "__main__":
    main()
