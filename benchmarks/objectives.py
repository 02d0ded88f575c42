"""What each loss beside the labels costs a training step, against the plain recipe.

Run: python benchmarks/objectives.py [--base FOLDER] [--data 1.1] [--epochs 0.25] [--only NAME ...]

Every way trains small-encoder-zeroshot on English, alone or with one loss beside it, for as many
steps. A plain run stands before and behind each other one, and the ratio is of their mean: what
else the machine does falls on both. Distillation learns from a plain run of the same size, whose
answers it asks for the first time. Without --base the model has the small encoder's shape and
random weights, and reads the demo corpus.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from massive_kit.data.opening import open_data
from massive_kit.data.split import DataSplit

# The shape of multilingual-e5-small.
SHAPE = {
    "model_type": "bert",
    "hidden_size": 384,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
}
TEXT = "[de-DE, sw-KE]"
PAIRS = (
    "objective.auxiliary={contrast: 1.0}",
    f"objective.pairs={{ids: 0.5, seed: 0, locales: {TEXT}}}",
)
BESIDE: dict[str, tuple[str, ...]] = {
    "mlm": ("objective.auxiliary={mlm: 0.1}", f"objective.text={TEXT}"),
    "adversary": ("objective.auxiliary={adversary: 0.1}", f"objective.text={TEXT}"),
    "contrast": (*PAIRS, "objective.auxiliary_settings={contrast: {layer: 8}}"),
    "supervised-contrast": ("objective.auxiliary={supervised-contrast: 0.1}",),
    "consistency": ("objective.auxiliary={consistency: 5.0}",),
    "distillation": (
        "objective.auxiliary={distillation: 1.0}",
        "objective.auxiliary_settings={distillation: {teacher: TEACHER}}",
    ),
}


def main() -> None:
    """Trains each way and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--base", help="A model folder, such as multilingual-e5-small.")
    parser.add_argument("--data", default="demo", help="A store.")
    parser.add_argument("--epochs", type=float, default=1.0, help="Passes over English.")
    parser.add_argument("--only", nargs="+", choices=list(BESIDE), default=list(BESIDE))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = options.base or random_model(folder / "base")
        plain = [trained(folder / "plain-0", base, options)]
        print(f"{options.base or 'random weights'}, data {options.data}, {plain[0]['steps']} steps")
        print(f"\n{'beside the labels':22} {'s per step':>10} {'plain':>8} {'ratio':>8}")
        for place, way in enumerate(options.only, 1):
            keys = [key.replace("TEACHER", str(folder / "plain-0")) for key in BESIDE[way]]
            facts = trained(folder / way, base, options, *keys)
            plain.append(trained(folder / f"plain-{place}", base, options))
            before, behind = (per_step(run) for run in plain[-2:])
            mean, here = (before + behind) / 2, per_step(facts)
            print(f"{way:22} {here:10.3f} {mean:8.3f} {here / mean:7.2f}x", flush=True)
        plain_steps = [per_step(run) for run in plain]
        print(f"\nplain runs: {min(plain_steps):.3f} to {max(plain_steps):.3f} s per step")


def trained(run: Path, base: str, options: argparse.Namespace, *keys: str) -> dict[str, Any]:
    """The facts of a run with these keys of the recipe."""
    recipe_keys = [
        f"model.base={base}",
        f"training.epochs={options.epochs}",
        "training.evaluations=1",
        *keys,
    ]
    command = [sys.executable, "-m", "massive_kit", "train", "small-encoder-zeroshot"]
    command += ["--task", "massive-zeroshot-open", "--data", options.data, "--out", str(run)]
    for key in recipe_keys:
        command += ["-o", key]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    facts: dict[str, Any] = json.loads((run / "run.json").read_text())
    return facts


def per_step(facts: dict[str, Any]) -> float:
    """Seconds of a training step, without the dev set."""
    return float(facts["train_seconds"]) / int(facts["steps"])


def random_model(folder: Path) -> str:
    """A folder with a model of the small encoder's shape, and a unigram tokenizer for it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    store = open_data("demo")
    texts = DataSplit(store, "train", store.locales).read(["utt"]).column("utt").to_pylist()
    special = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}
    backend = Tokenizer(models.Unigram())
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.train_from_iterator(
        texts,
        trainers.UnigramTrainer(
            vocab_size=8000,
            special_tokens=list(special.values()),
            unk_token=special["unk"],
            show_progress=False,
        ),
    )
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = {f"{name}_token": text for name, text in special.items()}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **names)
    torch.manual_seed(0)
    config = AutoConfig.for_model(**SHAPE, vocab_size=len(tokenizer), pad_token_id=1)
    AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


if __name__ == "__main__":
    main()
