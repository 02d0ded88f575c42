"""Generates the demo corpus: the same ids, intents and meanings in every locale.

An utterance is an intent, one of its four templates, and a filler for each of the template's
places. The drawing knows numbers only, so that an id means the same in all locales; the locale's
YAML turns the numbers into text. The fourth template and the last two fillers of a slot never occur
in the training partition.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from massive_kit.data.home import stores
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import Segment, render
from massive_kit.data.store import INDEX, Store

REFERENCE = "en-US"
COUNTS = {"train": 15, "dev": 4, "test": 6}  # utterances per intent
SEED = 20_221_128
UNSEEN_TEMPLATE = 3
FIRST_UNSEEN_FILLER = 6
FILLERS = 8

_FOLDER = Path(__file__).with_name("locales")
_PLACE = re.compile(r"\{([a-z_]+)(\.[a-z0-9_]+)?\}")


@dataclass(frozen=True, slots=True)
class DemoLocale:
    """The text of one locale.

    Attributes:
        locale: Its code.
        fillers: Eight texts for each slot or slot with form (`date`, `date.on`).
        templates: Four for each intent.
    """

    locale: str
    notes: str
    fillers: dict[str, list[str]]
    templates: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Frame:
    """An utterance without a language: which template, and which filler for each slot."""

    intent: str
    template: int
    fillers: tuple[tuple[str, int], ...]

    @property
    def seen(self) -> bool:
        """Whether training may use it."""
        fillers_seen = all(index < FIRST_UNSEEN_FILLER for _, index in self.fillers)
        return self.template != UNSEEN_TEMPLATE and fillers_seen


def demo_locales() -> list[str]:
    """The locales there are, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def load_locale(locale: str) -> DemoLocale:
    """The text of one locale."""
    # The files are our own; libyaml's loader is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (_FOLDER / f"{locale}.yaml").read_text(encoding="utf-8")
    return DemoLocale(**yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader


@cache
def draw() -> tuple[tuple[str, str, Frame], ...]:
    """All (id, partition, frame), the same on every machine."""
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    drawn: list[tuple[str, Frame]] = []
    reference = load_locale(REFERENCE)
    for intent, templates in reference.templates.items():
        frames = [frame for i, text in enumerate(templates) for frame in _frames(intent, i, text)]
        rng.shuffle(frames)
        # A template without places has one frame only; training should know it.
        frames.sort(key=lambda frame: bool(frame.fillers))
        seen = [frame for frame in frames if frame.seen]
        train, rest = seen[: COUNTS["train"]], seen[COUNTS["train"] :]
        unseen = [frame for frame in frames if not frame.seen]
        drawn += [("train", frame) for frame in train]
        for partition in ("test", "dev"):
            # Half of what is scored recombines known parts; the other half has an unknown template
            # or filler.
            known = min(COUNTS[partition] // 2, len(rest))
            chosen = rest[:known] + unseen[: COUNTS[partition] - known]
            rest, unseen = rest[known:], unseen[COUNTS[partition] - known :]
            drawn += [(partition, frame) for frame in chosen]
    rng.shuffle(drawn)
    return tuple((str(i), partition, frame) for i, (partition, frame) in enumerate(drawn))


def rows(locale: str) -> list[dict[str, Any]]:
    """The corpus of one locale in MASSIVE's row format."""
    text = load_locale(locale)
    scenarios = Inventory.massive().scenarios
    glued = locale in {"ja-JP", "zh-CN", "zh-TW"}
    corpus = []
    for number, partition, frame in draw():
        segments = list(_segments(text, frame))
        annotated = render(segments)
        if glued:
            # As in MASSIVE: spaces around the brackets, none in the utterance.
            annotated = " ".join(render([segment]).strip() for segment in segments)
        corpus.append(
            {
                "id": number,
                "locale": locale,
                "partition": partition,
                "scenario": scenarios[frame.intent],
                "intent": frame.intent,
                "utt": "".join(segment.text for segment in segments),
                "annot_utt": annotated,
                "worker_id": "demo",
            }
        )
    return corpus


def write_jsonl(folder: Path) -> None:
    """Writes the corpus as one JSONL file per locale, in the official layout."""
    folder.mkdir(parents=True, exist_ok=True)
    for locale in demo_locales():
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows(locale))
        (folder / f"{locale}.jsonl").write_bytes(lines)


def open_demo() -> Store:
    """The demo corpus as a store, generated into the cache where it is not there yet."""
    import tempfile

    from massive_kit.data.intake.importing import import_data

    target = stores() / f"demo-{_fingerprint()}"
    if not (target / INDEX).is_file():
        with tempfile.TemporaryDirectory() as folder:
            write_jsonl(Path(folder))
            import_data(Path(folder), target, name="demo", version="demo")
    return Store.open(target)


def _fingerprint() -> str:
    # A new version of the package must not find the corpus of an older one.
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(_FOLDER.glob("*.yaml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _frames(intent: str, template: int, text: str) -> Iterator[Frame]:
    slots = sorted(match[1] for match in _PLACE.finditer(text))
    for indices in itertools.product(range(FILLERS), repeat=len(slots)):
        yield Frame(intent, template, tuple(zip(slots, indices, strict=True)))


def _segments(text: DemoLocale, frame: Frame) -> Iterator[Segment]:
    template = text.templates[frame.intent][frame.template]
    fillers = dict(frame.fillers)
    end = 0
    for match in _PLACE.finditer(template):
        if match.start() > end:
            yield Segment(template[end : match.start()])
        slot, form = match[1], match[2] or ""
        yield Segment(text.fillers[slot + form][fillers[slot]], slot)
        end = match.end()
    if end < len(template):
        yield Segment(template[end:])
