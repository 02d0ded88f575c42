"""The model card: what the model is, what it was trained on, how to load it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massive_kit.counted import counted
from massive_kit.systems.kind import kinds

# Dictionaries that a line names.
_SHOWN = 3


def write_card(folder: Path, facts: dict[str, Any]) -> None:
    """Writes `README.md` into a model folder, with the header that hubs read."""
    (folder / "README.md").write_text(model_card(facts), encoding="utf-8")


def model_card(facts: dict[str, Any]) -> str:
    """The card, from what `run.json` says."""
    data = facts["data"]
    locales = data["train"]["locales"]
    best = facts.get("best")
    score = (
        f"{best['value']:.3f} {best['metric'].replace('_', ' ')} on the dev set, at step"
        f" {best['step']}"
        if best
        else None
    )
    card = kinds()[facts["kind"]].card
    settings = facts["recipe"].get("model")
    train_rows = facts.get("train_rows", data["train"]["rows"])
    rows = [
        ("Recipe", facts["title"]),
        ("Base", None if settings is None else settings.get("base") or "from scratch"),
        ("Task", f"{facts['task']} ({facts['setting']})"),
        (
            "Data",
            f"{data['name']}, training rows {train_rows:,} in {counted(len(locales), 'locale')}",
        ),
        ("Hash of the training rows", data["train"]["hash"]),
        ("Resources beside labels", _resources(facts.get("resources", []))),
        ("Glossed by", _glossed_by(facts.get("glosses"))),
        ("Parameters", _parameters(facts)),
        ("Selected by", score),
        ("Export", _export(facts.get("export"))),
        ("Made with", ", ".join(f"{name} {v}" for name, v in facts["versions"].items())),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows if value is not None)
    weights = "Weights are in safetensors. " if card.weights else ""
    return (
        f"---\nlibrary_name: {card.hub_library}\n"
        "tags: [massive, intent-classification, slot-filling]\n"
        f"language: [{', '.join(sorted({code.partition('-')[0] for code in locales}))}]\n---\n\n"
        f"# {facts['title']}\n\n"
        f"{card.purpose}\n"
        "Scores on test data are in the results that `massive-kit eval` writes; this card has\n"
        "none.\n\n"
        f"| | |\n| --- | --- |\n{table}\n\n"
        f"## Loading\n\n```python\n{card.loading}\n```\n\n"
        f"{weights}No code of this folder is run.\n"
    )


def _resources(kept: list[dict[str, Any]]) -> str | None:
    """What the model was made of beside labels, which the task and the data tell of."""
    return ", ".join(sorted({used["resource"] for used in kept} - {"target-labels"})) or None


def _glossed_by(kept: dict[str, Any] | None) -> str | None:
    """The dictionaries, and the encoder, that a glossed run reads texts by."""
    if kept is None:
        return None
    files = [file["name"] for file in kept.get("files", {}).get("lexicon", ())]
    more = f" and {len(files) - _SHOWN} more" * (len(files) > _SHOWN)
    parts = [f"{', '.join(files[:_SHOWN])}{more}"] if files else []
    if "encoder" in kept:
        parts.append(f"the encoder {kept['encoder']['name']}")
    return f"{'; '.join(parts)}; in {kept['text']['source']}"


def _parameters(facts: dict[str, Any]) -> str | None:
    if "parameters" not in facts:
        return None
    bare = facts.get("parameters_without_embeddings")
    return f"{facts['parameters']:,}" + (f" ({bare:,} without embeddings)" if bare else "")


def _export(kept: dict[str, Any] | None) -> str | None:
    """How an exported model compares with its run."""
    if kept is None:
        return None
    return (
        f"{'; '.join((kept['precision'], *kept['taken']))}; {kept['agreement']} % of"
        f" {kept['rows']:,} utterances in {counted(kept['locales'], 'locale')} read as by the run"
    )
