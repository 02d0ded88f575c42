"""Folders of SIMULATED sessions: what a miner sees, and the truth apart from it.

| file | what is in it |
| --- | --- |
| `sessions.jsonl` | the sessions; their names begin with `simulated-` |
| `rewrites.tsv` | the table that was acted on, where there was one |
| `simulation.json` | how it was made |
| `truth/utterances.jsonl` | of each utterance: its meaning, what the system understands, turns |
| `truth/planted.tsv` | the bad rewrites that were planted into `rewrites.tsv` |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from massive_kit.errors import DataError, Problem
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.rewrite_table import read_table, write_table
from massive_kit.feedback.rewrites import Rewrite
from massive_kit.feedback.rewriting import Rewriter
from massive_kit.feedback.simulation import Phrasing, SimulatedLocale, UserModel
from massive_kit.feedback.turns import hypothesis_json
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_folder, refuse_foreign
from massive_kit.files.bounded_lines import bounded_lines
from massive_kit.languages import LanguageTable

SESSIONS = "sessions.jsonl"
TABLE = "rewrites.tsv"
INDEX = "simulation.json"
UTTERANCES = "truth/utterances.jsonl"
PLANTED = "truth/planted.tsv"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Utterance:
    """The truth of an utterance.

    Attributes:
        locale: Its locale.
        phrasing: What it says and means, and what the system understands.
        turns: How often it was said.
        held_out: Whether nobody was to say it.
    """

    locale: str
    phrasing: Phrasing
    turns: int
    held_out: bool


@dataclass(frozen=True, slots=True)
class SimulatedLog:
    """What was written of a locale.

    Attributes:
        locale: The locale.
        sessions: Its sessions.
        turns: Its turns.
        misunderstood: Those whose user meant something else than was acted on.
        rewritten: Those in which a rewrite was acted on.
    """

    locale: str
    sessions: int
    turns: int
    misunderstood: int
    rewritten: int


def simulate(
    target: Path,
    populations: Mapping[str, Sequence[Phrasing]],
    model: UserModel,
    *,
    character_locales: frozenset[str],
    facts: Mapping[str, Any],
    table: Sequence[Rewrite] | None = None,
    bad_rewrites: int = 0,
) -> list[SimulatedLog]:
    """Writes a folder of simulated sessions.

    Args:
        target: The folder; an older one of the kind is replaced.
        populations: By locale, what can be said.
        model: How users behave.
        character_locales: Locales that are scored by character.
        facts: What else to keep: the store and the predictions.
        table: Rewrites that are acted on.
        bad_rewrites: Bad ones that are planted into the table, in each locale.

    Raises:
        UsageError: Another kind of folder is there.
    """
    refuse_foreign(target, INDEX)
    planted = [
        rewrite
        for locale, phrasings in populations.items()
        for rewrite in bad_ones(locale, phrasings, table or (), bad_rewrites, model.seed)
    ]
    there = {(rewrite.locale, rewrite.source) for rewrite in planted}
    used = [rewrite for rewrite in table or () if (rewrite.locale, rewrite.source) not in there]
    rewriter = Rewriter.of([*used, *planted])
    logs = []
    with atomic_folder(target) as folder:
        (folder / UTTERANCES).parent.mkdir()
        with (folder / SESSIONS).open("wb") as log, (folder / UTTERANCES).open("wb") as truth:
            for locale, phrasings in populations.items():
                characters = locale in character_locales
                simulated = SimulatedLocale(
                    locale,
                    phrasings,
                    model,
                    None if table is None else _acting(rewriter, locale, characters=characters),
                )
                logs.append(_written(simulated, log))
                truth.writelines(_lines_of_truth(simulated))
        if table is not None:
            write_table(folder / TABLE, [*used, *planted])
            write_table(folder / PLANTED, planted)
        jsonio.write_json(folder / INDEX, {"simulated": True, **facts, "users": asdict(model)})
    return logs


def bad_ones(
    locale: str,
    phrasings: Sequence[Phrasing],
    table: Sequence[Rewrite],
    count: int,
    seed: int,
) -> Iterator[Rewrite]:
    """Bad rewrites, with the evidence of good ones: what nobody means whom they would change.

    Args:
        locale: The locale.
        phrasings: What can be said.
        table: Rewrites whose evidence is lent, and whose sources are left alone.
        count: How many.
        seed: Of the draw.
    """
    lenders = [rewrite for rewrite in table if rewrite.locale == locale]
    if not lenders or not count:
        return
    generator = np.random.default_rng([seed, *f"bad {locale}".encode()])
    taken = {rewrite.source for rewrite in lenders}
    goals: dict[Interpretation, set[Interpretation]] = {}
    for phrasing in phrasings:
        goals.setdefault(phrasing.hypothesis, set()).add(phrasing.goal)
    bare = sorted({phrasing.goal for phrasing in phrasings if not phrasing.goal.slots})
    # Frequent ones first, so that their record grows.
    order = generator.permutation(len(phrasings)).tolist()
    sources = dict.fromkeys(phrasings[place].hypothesis for place in order)
    made = 0
    for source in sources:
        targets = [goal for goal in bare if goal != source and goal not in goals[source]]
        if source in taken or not targets or made == count:
            continue
        made += 1
        target = targets[int(generator.integers(len(targets)))]
        lender = lenders[int(generator.integers(len(lenders)))]
        yield replace(
            lender,
            source=source,
            target=target,
            live_successes=0,
            live_failures=0,
            state="live",
            reason="",
        )


def read_truth(folder: Path) -> list[Utterance]:
    """The utterances of a folder of simulated sessions.

    Raises:
        MissingDataError: It holds none.
        DataError: Lines are wrong.
    """
    path = folder / UTTERANCES
    utterances, problems = [], []
    for line in bounded_lines(path):
        try:
            utterances.append(_utterance(orjson.loads(line.text or "")))
        except (ValueError, TypeError, KeyError):
            problems.append(Problem(str(path), "no line of truth", line=line.number))
    if problems:
        raise DataError(f"{path} cannot be read", problems[:_SHOWN], len(problems))
    return utterances


def read_planted(folder: Path, languages: LanguageTable) -> list[Rewrite]:
    """The bad rewrites that were planted; none where no table was acted on."""
    path = folder / PLANTED
    return read_table(path, languages) if path.is_file() else []


def _acting(rewriter: Rewriter, locale: str, *, characters: bool) -> Any:
    def acted_on(phrasing: Phrasing, heard: Interpretation) -> Interpretation | None:
        done = rewriter.rewritten(locale, heard, phrasing.tokens, characters=characters)
        return done.target if done else None

    return acted_on


def _written(simulated: SimulatedLocale, log: Any) -> SimulatedLog:
    sessions = turns = wrong = rewritten = 0
    for session in simulated.sessions():
        sessions += 1
        turns += len(session.turns)
        wrong += session.misunderstood
        rewritten += sum(turn.original is not None for turn in session.turns)
        log.write(b"".join(orjson.dumps(turn.to_json()) + b"\n" for turn in session.turns))
    return SimulatedLog(simulated.locale, sessions, turns, wrong, rewritten)


def _lines_of_truth(simulated: SimulatedLocale) -> Iterable[bytes]:
    for phrasing in simulated.phrasings:
        value = {
            "locale": simulated.locale,
            "id": phrasing.id,
            "text": phrasing.text,
            "tokens": phrasing.tokens,
            "goal": hypothesis_json(phrasing.goal),
            "hypothesis": hypothesis_json(phrasing.hypothesis),
            "turns": simulated.said[phrasing.id],
            "held_out": simulated.held_out(phrasing),
        }
        yield orjson.dumps(value) + b"\n"


def _utterance(value: Mapping[str, Any]) -> Utterance:
    goal, hypothesis = (
        Interpretation.of(
            value[name]["intent"],
            [(entry["slot"], entry["value"]) for entry in value[name]["slots"]],
        )
        for name in ("goal", "hypothesis")
    )
    phrasing = Phrasing(
        str(value["id"]), str(value["text"]), tuple(map(str, value["tokens"])), goal, hypothesis
    )
    return Utterance(str(value["locale"]), phrasing, int(value["turns"]), bool(value["held_out"]))
