"""Systems that differ in the labels that they learnt: from zero-shot over few-shot to full."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from massive_kit.breakdown.mean_over_locales import difference_over, mean_over
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.replicates import replicates_of
from massive_kit.schema.scores import Difference, Estimate

_BEFORE = ("zero-shot-strict", "zero-shot")
_FEW, _FULL = "few-shot", "full"


@dataclass(frozen=True, slots=True)
class Rung:
    """A system on a ladder.

    Attributes:
        entry: The system.
        place: What orders rungs: of two systems with the same one, neither comes first.
        score: Its mean over the languages that all rungs share.
        gain: The same minus that of the rung before; `None` of the first, and where several
            systems stand on one of the two rungs.
    """

    entry: Entry
    place: tuple[int, int]
    score: Estimate
    gain: Difference | None = None

    @property
    def labels(self) -> str:
        """How many labelled utterances of each intent and language it learnt, in short."""
        setting, shots = self.entry.scores.setting, self.entry.manifest.shots
        if setting in _BEFORE:
            return "0, strict" if setting == _BEFORE[0] else "0"
        if shots is not None:
            return str(shots)
        return "few" if setting == _FEW else "all"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Systems that differ in the labels that they learnt.

    Attributes:
        title: What it is called: the title of the system that learnt most.
        declared: The name under which the manifests say so; empty where the board put them
            together.
        locales: The languages that all rungs are averaged over.
        rungs: The systems, those that learnt least first.
    """

    title: str
    declared: str
    locales: tuple[str, ...]
    rungs: tuple[Rung, ...]

    @property
    def single(self) -> bool:
        """Whether each rung has one system, so that a line may join them."""
        return len({rung.place for rung in self.rungs}) == len(self.rungs)


def ladders(model: BoardModel) -> list[Ladder]:
    """The ladders of a board with two different rungs or more, longest and best first."""
    return model.once("ladders", lambda: _ladders(model))


def _ladders(model: BoardModel) -> list[Ladder]:
    families: dict[Hashable, list[Entry]] = {}
    for ranked in model.sections:
        for entry in ranked.entries:
            if (family := _family(entry)) is not None and _place(entry) is not None:
                families.setdefault((family, entry.scored_on), []).append(entry)
    made = []
    for entries in families.values():
        if len({_place(entry) for entry in entries}) > 1:
            ladder = _ladder(model, entries)
            if ladder is not None:
                made.append(ladder)
    made.sort(key=lambda ladder: (-len(ladder.rungs), -ladder.rungs[-1].score.value, ladder.title))
    return made


def _family(entry: Entry) -> Hashable | None:
    manifest = entry.manifest
    if manifest.in_context:
        return None
    if manifest.ladder:
        return "declared", manifest.team, manifest.ladder
    if not manifest.pretrained_model:
        return None
    return (
        manifest.team,
        manifest.architecture,
        manifest.pretrained_model,
        manifest.parameters.total,
        tuple(sorted(manifest.resources)),
    )


def _place(entry: Entry) -> tuple[int, int] | None:
    setting = entry.scores.setting
    if setting in _BEFORE:
        return _BEFORE.index(setting), 0
    # A sample is one whatever the task is called that it was trained for.
    shots = entry.manifest.shots
    if setting == _FEW or (setting == _FULL and shots is not None):
        return len(_BEFORE), shots or 0
    return (len(_BEFORE) + 1, 0) if setting == _FULL else None


def _ladder(model: BoardModel, entries: Sequence[Entry]) -> Ladder | None:
    metric = model.board.metric
    shared = set(entries[0].scores.averaged).intersection(
        *(entry.scores.averaged for entry in entries[1:])
    )
    names = tuple(sorted(shared))
    rungs: list[Rung] = []
    ordered = sorted(entries, key=lambda entry: (_place(entry) or (0, 0), entry.key))
    places = [_place(entry) for entry in ordered]
    before: Entry | None = None
    for entry in ordered:
        place, replicates = _place(entry), replicates_of(entry)
        score = mean_over(names, entry.scores.locales, metric, replicates) if names else None
        if score is None or place is None:
            return None
        gain = None
        if before is not None and places.count(place) == places.count(rungs[-1].place) == 1:
            first = rungs[-1].score, replicates_of(before)
            gain = difference_over(names, metric, first, (score, replicates))
        rungs.append(Rung(entry, place, score, gain))
        before = entry
    last = rungs[-1].entry.manifest
    return Ladder(last.title, last.ladder or "", names, tuple(rungs))
