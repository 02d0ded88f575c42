"""How fast a model that runs here answers a prompt, with what prompts share read once and without.

Run: python benchmarks/in_context.py [--base FOLDER] [--data 1.1] [--rows 8] [-k 8] [--precision P]
On a GPU: python benchmarks/in_context.py --data 1.1 --rows 32 [--shape 360m]

Without sharing, every intent is read behind the whole prompt, many at a time, for one utterance
after the other (on a processor for the first alone); with it, a prompt is read once, and the
intents side by side behind it. Both score the same; the largest difference is printed. On a GPU
both are done once before they are measured, and then for some seconds. Without --base the model
has the shape of SmolLM2, its vocabulary's size included, and random weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from benchmarks.measuring.device import device_name, forget, this_device, wait
from massive_kit.data.home import stores
from massive_kit.data.opening import open_data
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import lay_task
from massive_kit.engine.memory import peak_memory
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import read_utterances
from massive_kit.runs.training import train_run
from massive_kit.schema.task import load_task
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.choosing import Choice, Chooser
from massive_kit.systems.prompted.local.answering import Answerer
from massive_kit.systems.prompted.local.batch_reading import BatchReader
from massive_kit.systems.prompted.local.language_model import LanguageModel
from massive_kit.systems.prompted.local.long_texts import LongTexts
from massive_kit.systems.prompted.searching import search_of
from massive_kit.systems.recipes import load_recipe

SMOLLM2: dict[str, Any] = {
    "vocab_size": 49_152,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": True,
}
SHAPES = {
    # Tells in seconds whether the benchmark runs, and nothing else.
    "tiny": {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
    "135m": {
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
    },
    "360m": {
        "hidden_size": 960,
        "intermediate_size": 2560,
        "num_hidden_layers": 32,
        "num_attention_heads": 15,
        "num_key_value_heads": 5,
    },
}
LEAST_RATIO = 3.0
# Intents at a time where nothing is shared.
BATCH = {"cpu": 20, "cuda": 60}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a way scores: seconds an utterance, and the GPU's memory in MiB, if there is one."""

    seconds: float
    memory: int | None


def main() -> None:
    """Measures both ways and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--base", help="A model folder or GGUF file.")
    parser.add_argument("--data", help="A store; default: 1.1 if it is here, else demo.")
    parser.add_argument(
        "--shape", choices=[*SHAPES], default="135m", help="Where no base is named."
    )
    parser.add_argument("--rows", type=int, default=8, help="Utterances that are asked about.")
    parser.add_argument("-k", type=int, default=8, help="Demonstrations in each prompt.")
    parser.add_argument("--precision", choices=["auto", "fp32", "bf16"], default="auto")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="How long each way is measured, on a GPU."
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.base is None:
            options.base = random_model(Path(folder) / "random", options.shape)
        prompts, recipe, scheme = prepared(options, Path(folder) / "run")
        model = LanguageModel.load(recipe.model)
    answerer = Answerer(model, "base", scheme, LongTexts("base"))
    show(model, prompts, *measured(model, answerer, prompts, options.seconds), options)


def random_model(folder: Path, shape: str) -> str:
    """A folder with a model of a shape, and a tokenizer of 8,000 subwords."""
    store = open_data("demo")
    inventory = store.inventory
    texts = DataSplit(store, "train", store.locales).read(["utt"]).column("utt").to_pylist()
    tokenizer = train_tokenizer([*texts, *inventory.intents, *inventory.slots], 8000)
    torch.manual_seed(0)
    config = LlamaConfig(bos_token_id=2, eos_token_id=3, **SMOLLM2, **SHAPES[shape])
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def prepared(options: argparse.Namespace, run: Path) -> tuple[list[Prompt], Any, Any]:
    """The prompts for some utterances of a test split, in as many languages."""
    store = open_data(options.data or ("1.1" if (stores() / "1.1").is_dir() else "demo"))
    task_data = lay_task(load_task("massive-zeroshot-strict"), store)
    keys = [
        f"model.base={options.base}",
        f"model.precision={options.precision}",
        f"demonstrations.k={options.k}",
        "decoding.prior=false",
    ]
    train_run(load_recipe("prompted", keys), task_data, run)
    system: Any = load_system(run)
    locales = list(task_data.test.by_locale())[: options.rows]
    utterances = [read_utterances(split)[0] for split in locales]
    frozen = system.writer.frozen
    chooser = Chooser(
        system.recipe.demonstrations,
        frozen.source_locale,
        frozen.by_locale,
        search_of(system.recipe, frozen.by_locale, run / "model"),
    )
    choices: list[Choice] = chooser.choose(utterances)
    prompts = [
        system.writer.write(utterance, choice, "intent")
        for utterance, choice in zip(utterances, choices, strict=True)
    ]
    return prompts, system.recipe, system.inventory.scheme


def measured(
    model: LanguageModel, answerer: Answerer, prompts: list[Prompt], seconds: float
) -> tuple[Pace, Pace, float]:
    """The pace without and with sharing, and the largest difference of scores."""
    tree = answerer.tree(prompts[0])
    texts = [model.encode(prompt.text) for prompt in prompts]
    reader = BatchReader(model)

    def shared() -> torch.Tensor:
        batch = reader.read(texts)
        scored = tree.score(batch.reader, batch.endings)
        return torch.stack([labels.scores for labels in scored])

    # On a processor every prompt takes as long, which is long.
    alone = texts if torch.cuda.is_available() else texts[:1]

    def apart() -> torch.Tensor:
        return torch.stack([whole_scores(model, text, tree.labels) for text in alone])

    shared()  # Warms up, and reads what all prompts begin with, as in a run of thousands.
    with_sharing, scores = timed(shared, len(texts), seconds)
    if torch.cuda.is_available():
        apart()
    without, scores_apart = timed(apart, len(alone), seconds)
    difference = float((scores_apart.cpu() - scores[: len(alone)].cpu()).abs().max())
    return without, with_sharing, difference


def whole_scores(
    model: LanguageModel, prompt: tuple[int, ...], labels: tuple[tuple[int, ...], ...]
) -> torch.Tensor:
    """Shape (labels,): each label's log probability, read behind the whole prompt."""
    scores = []
    at_once = BATCH[this_device().type]
    for first in range(0, len(labels), at_once):
        part = labels[first : first + at_once]
        width = len(prompt) + max(map(len, part))
        ids = torch.zeros((len(part), width), dtype=torch.long)
        for row, label in enumerate(part):
            ids[row, : len(prompt) + len(label)] = torch.tensor([*prompt, *label])
        # Causal: what fills a row up behind its label changes nothing before it.
        with torch.inference_mode():
            logits = model.model(
                input_ids=ids.to(model.model.device), logits_to_keep=width - len(prompt) + 1
            ).logits
        likely = logits.float().log_softmax(-1)
        for row, label in enumerate(part):
            steps = torch.arange(len(label))
            scores.append(likely[row, steps, torch.tensor(label)].sum())
    return torch.stack(scores).cpu()


def timed(
    work: Callable[[], torch.Tensor], utterances: int, seconds: float
) -> tuple[Pace, torch.Tensor]:
    """How fast some work is, and what it gives; on a GPU it is done again and again."""
    forget()
    wait()
    start = time.perf_counter()
    result = work()
    times = 1
    while torch.cuda.is_available() and time.perf_counter() - start < seconds:
        result = work()
        times += 1
    wait()
    taken = (time.perf_counter() - start) / (times * utterances)
    return Pace(taken, peak_memory() if torch.cuda.is_available() else None), result


def show(
    model: LanguageModel,
    prompts: list[Prompt],
    apart: Pace,
    shared: Pace,
    difference: float,
    options: argparse.Namespace,
) -> None:
    """Prints both ways side by side."""
    tokens = sum(len(model.encode(prompt.text)) for prompt in prompts) / len(prompts)
    print(
        f"{options.base} on {device_name()}, {model.model.dtype};"
        f" {len(prompts)} prompts of {tokens:,.0f} tokens, {len(prompts[0].intents)} intents\n"
    )
    print(f"{'':42} {'s/utterance':>12} {'utterances/s':>13} {'peak MiB':>9}")
    lines = {
        "every intent behind the whole prompt": apart,
        "the prompt once, intents side by side": shared,
    }
    for title, pace in lines.items():
        memory = "-" if pace.memory is None else f"{pace.memory:,}"
        print(f"{title:42} {pace.seconds:12.4f} {1 / pace.seconds:13.1f} {memory:>9}")
    ratio = apart.seconds / shared.seconds
    print(f"\nscores differ by {difference:.3f} nats at most")
    print(f"at least {LEAST_RATIO:.0f}x wanted: {'met' if ratio >= LEAST_RATIO else 'MISSED'}")
    print(f"ratio: {ratio:.1f}x")
    if ratio < LEAST_RATIO:
        sys.exit(1)


if __name__ == "__main__":
    main()
