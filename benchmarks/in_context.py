"""How fast a model that runs here answers a prompt, with what prompts share read once and without.

Run: python benchmarks/in_context.py [--base FOLDER] [--data 1.1] [--rows 8] [-k 8] [--precision P]

Without sharing, every intent is read behind the whole prompt, many at a time, for the first
utterance; with it, a prompt is read once, and the intents side by side behind it. Both score the
same; the largest difference is printed. Without --base the model has SmolLM2-135M's shape and
random weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from massive_kit.data.home import stores
from massive_kit.data.opening import open_data
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import lay_task
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

SMOLLM2 = {
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": True,
}
LEAST_RATIO = 3.0
# Intents at a time where nothing is shared.
BATCH = 20


def main() -> None:
    """Measures both ways and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--base", help="A model folder or GGUF file.")
    parser.add_argument("--data", help="A store; default: 1.1 if it is here, else demo.")
    parser.add_argument("--rows", type=int, default=8, help="Utterances that are asked about.")
    parser.add_argument("-k", type=int, default=8, help="Demonstrations in each prompt.")
    parser.add_argument("--precision", choices=["auto", "fp32", "bf16"], default="auto")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.base is None:
            options.base = random_model(Path(folder) / "random")
        prompts, recipe, scheme = prepared(options, Path(folder) / "run")
        model = LanguageModel.load(recipe.model)
    answerer = Answerer(model, "base", scheme, LongTexts("base"))
    show(model, prompts, *measured(model, answerer, prompts), options)


def random_model(folder: Path) -> str:
    """A folder with a model of SmolLM2-135M's shape, and a tokenizer of 8,000 subwords."""
    store = open_data("demo")
    inventory = store.inventory
    texts = DataSplit(store, "train", store.locales).read(["utt"]).column("utt").to_pylist()
    tokenizer = train_tokenizer([*texts, *inventory.intents, *inventory.slots], 8000)
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(tokenizer), bos_token_id=2, eos_token_id=3, **SMOLLM2)
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
    model: LanguageModel, answerer: Answerer, prompts: list[Prompt]
) -> tuple[float, float, float]:
    """Seconds per utterance without and with sharing, and the largest difference of scores."""
    tree = answerer.tree(prompts[0])
    texts = [model.encode(prompt.text) for prompt in prompts]
    reader = BatchReader(model)

    def shared() -> torch.Tensor:
        batch = reader.read(texts)
        scored = tree.score(batch.reader, batch.endings)
        return torch.stack([labels.scores for labels in scored])

    def apart() -> torch.Tensor:
        return whole_scores(model, texts[0], tree.labels)

    shared()  # Warms up, and reads what all prompts begin with, as in a run of thousands.
    seconds_shared, scores = timed(shared)
    seconds_apart, alone = timed(apart)
    difference = float((alone - scores[0]).abs().max())
    return seconds_apart, seconds_shared / len(texts), difference


def whole_scores(
    model: LanguageModel, prompt: tuple[int, ...], labels: tuple[tuple[int, ...], ...]
) -> torch.Tensor:
    """Shape (labels,): each label's log probability, read behind the whole prompt."""
    scores = []
    for first in range(0, len(labels), BATCH):
        part = labels[first : first + BATCH]
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


def timed(work: Any) -> tuple[float, Any]:
    """The seconds that work takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, result


def show(
    model: LanguageModel,
    prompts: list[Prompt],
    apart: float,
    shared: float,
    difference: float,
    options: argparse.Namespace,
) -> None:
    """Prints both ways side by side."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    tokens = sum(len(model.encode(prompt.text)) for prompt in prompts) / len(prompts)
    print(
        f"{options.base} on {device}, {torch.get_num_threads()} threads, {model.model.dtype};"
        f" {len(prompts)} prompts of {tokens:,.0f} tokens, {len(prompts[0].intents)} intents\n"
    )
    print(f"{'':42} {'s/utterance':>12}")
    print(f"{'every intent behind the whole prompt':42} {apart:12.2f}")
    print(f"{'the prompt once, intents side by side':42} {shared:12.2f}")
    ratio = apart / shared
    print(f"\nscores differ by {difference:.3f} nats at most")
    print(f"at least {LEAST_RATIO:.0f}x wanted: {'met' if ratio >= LEAST_RATIO else 'MISSED'}")
    print(f"ratio: {ratio:.1f}x")
    if ratio < LEAST_RATIO:
        sys.exit(1)


if __name__ == "__main__":
    main()
