"""Simulated users, what they cannot know, and rewrites held to the truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.demo import open_demo
from massive_kit.data.split import DataSplit
from massive_kit.data.tokens import annotate
from massive_kit.errors import DataError, MissingDataError
from massive_kit.feedback.baselines import BaselineCounts
from massive_kit.feedback.evaluation import ALL, METHODS, evaluate
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.learning import learn
from massive_kit.feedback.population import predicted_populations
from massive_kit.feedback.rewrite_table import read_table, write_table
from massive_kit.feedback.signals import SignalRules
from massive_kit.feedback.simulated_folder import (
    SESSIONS,
    TABLE,
    bad_ones,
    read_planted,
    read_truth,
    simulate,
)
from massive_kit.feedback.simulation import Phrasing, SimulatedLocale, UserModel
from massive_kit.feedback.turns import Turn
from massive_kit.languages import LanguageTable

LANGUAGES = LanguageTable.shipped()
GOALS = [Interpretation.of("alarm_set", [("time", time)]) for time in ("five", "six", "ten")]
WRONG = [Interpretation.of("play_music", [("song_name", time)]) for time in ("five", "six", "ten")]


def phrasings() -> list[Phrasing]:
    """Of each meaning six utterances, two of which are taken for music."""
    return [
        Phrasing(
            f"{which}{number}",
            f"ring {number} at {goal.slots[0].value}",
            ("ring", str(number), "at", goal.slots[0].value),
            goal,
            wrong if number < 2 else goal,
        )
        for which, (goal, wrong) in enumerate(zip(GOALS, WRONG, strict=True))
        for number in range(6)
    ]


MODEL = UserModel(sessions=400, held_out=0, seed=3)


def test_a_seed_draws_the_same_sessions_again() -> None:
    simulated = SimulatedLocale("de-DE", phrasings(), MODEL)
    first = [session.turns for session in simulated.sessions()]
    assert [session.turns for session in simulated.sessions()] == first
    other = SimulatedLocale("de-DE", phrasings(), replace(MODEL, seed=4))
    assert [session.turns for session in other.sessions()] != first
    # Each locale has draws of its own.
    assert sum(map(len, first)) == sum(simulated.said.values())


def test_users_behave_as_the_model_says() -> None:
    model = replace(MODEL, sessions=4_000, known=1, misheard=0, slips=0)
    sessions = [s.turns for s in SimulatedLocale("de-DE", phrasings(), model).sessions()]
    by_text = {phrasing.text: phrasing for phrasing in phrasings()}
    pairs = [(a, b) for session in sessions for a, b in pairwise(session)]
    turns = [turn for session in sessions for turn in session]
    for turn in turns:
        phrasing = by_text[turn.text]
        assert (turn.outcome == "success") == (phrasing.goal == phrasing.hypothesis)
    failed = sum(turn.outcome == "failure" for turn in turns)
    again = sum(
        a.outcome == "failure" and by_text[a.text].goal == by_text[b.text].goal for a, b in pairs
    )
    # A change of subject meets the same one by chance now and then: 5 of 17 others.
    assert again / failed == pytest.approx(0.7 + 0.2 * 5 / 17, abs=0.03)
    assert failed / len(turns) == pytest.approx(1 / 3, abs=0.06)


def test_impossible_users_are_refused() -> None:
    assert UserModel().problems() == []
    assert len(UserModel(rephrase=0.9, change=0.2).problems()) == 1
    assert len(UserModel(more=1, known=2, sessions=0).problems()) == 3


def folder_of(path: Path, model: UserModel = MODEL) -> Path:
    simulate(
        path, {"de-DE": phrasings()}, model, character_locales=frozenset(), facts={"store": "x"}
    )
    return path


def test_the_miner_sees_no_truth_and_finds_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "sim")
    seen = orjson.loads((folder / SESSIONS).read_bytes().splitlines()[0])
    assert {*seen} == {"session", "turn", "locale", "text", "hypothesis", "outcome", "time"}
    assert seen["session"].startswith("simulated-")
    assert orjson.loads((folder / "simulation.json").read_bytes())["simulated"] is True
    learnt = learn([folder / SESSIONS], LANGUAGES)
    assert learnt.simulated == learnt.sessions == 400
    assert {(r.source, r.target) for r in learnt.rewrites} == {*zip(WRONG, GOALS, strict=True)}
    result = evaluate(folder, read_truth(folder), learnt.rewrites, LANGUAGES, resamples=50)
    of_rewrites = result.scores[ALL]["rewrites"]
    assert (of_rewrites.precision, of_rewrites.recall) == (1, 1)
    said = result.said["de-DE"]
    assert said.before.value == pytest.approx(1 / 3)
    assert said.after["rewrites"].value == 0
    change = said.change["rewrites"]
    assert change.low is not None
    assert change.low < change.value < (change.high or 0) < 0
    assert {*said.after} == {*METHODS}
    assert not result.held_out


def test_utterances_that_nobody_said_are_told_apart(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "sim", replace(MODEL, held_out=0.3))
    truth = read_truth(folder)
    held_out = [utterance for utterance in truth if utterance.held_out]
    assert 0 < len(held_out) < len(truth)
    assert {utterance.turns for utterance in held_out} == {0}
    result = evaluate(folder, truth, [], LANGUAGES, resamples=0)
    assert result.held_out["de-DE"].utterances == len(held_out)
    assert result.said["de-DE"].before.low is None


def test_the_guard_withdraws_bad_rewrites_that_were_planted(tmp_path: Path) -> None:
    more = [
        Phrasing(f"s{n}", f"stop {n}", ("stop", str(n)), Interpretation.of("stop", ()), WRONG[0])
        for n in range(2)
    ]
    confused = [
        Phrasing(f"q{n}", f"say {n}", ("say", str(n)), Interpretation.of("quirky", ()), heard)
        for n, heard in enumerate([Interpretation.of("joke", ())] * 4)
    ]
    everything = {"de-DE": [*phrasings(), *more, *confused]}
    table = learn([folder_of(tmp_path / "one") / SESSIONS], LANGUAGES).rewrites
    logs = simulate(
        tmp_path / "two",
        everything,
        replace(MODEL, sessions=600),
        character_locales=frozenset(),
        facts={},
        table=table,
        bad_rewrites=1,
    )
    assert logs[0].rewritten
    planted = read_planted(tmp_path / "two", LANGUAGES)
    used = read_table(tmp_path / "two" / TABLE, LANGUAGES)
    assert len(planted) == 1
    assert len(used) == len(table) + 1
    later = learn([tmp_path / "two" / SESSIONS], LANGUAGES, table=used)
    assert [rewrite.source for rewrite in later.withdrawn] == [planted[0].source]
    result = evaluate(
        tmp_path / "two",
        read_truth(tmp_path / "two"),
        later.rewrites,
        LANGUAGES,
        planted=planted,
        resamples=0,
    )
    guard = result.guard["de-DE"]
    assert (guard.planted, guard.met, guard.withdrawn, guard.others_withdrawn) == (1, 1, 1, 0)


def test_nothing_bad_is_planted_without_a_table() -> None:
    assert [*bad_ones("de-DE", phrasings(), (), 3, 0)] == []


def turns(*said: tuple[str, Interpretation, str]) -> list[Turn]:
    return [
        Turn("a", number, "de-DE", text, what, None, outcome)  # type: ignore[arg-type]  # one of two
        for number, (text, what, outcome) in enumerate(said, 1)
    ]


def test_the_baselines_are_what_they_say() -> None:
    counts = BaselineCounts()
    for _ in range(3):
        session = turns(
            ("ring at fife", WRONG[0], "failure"),
            ("ring at five", GOALS[0], "success"),
            ("what", GOALS[1], "success"),
        )
        counts.add(session, SignalRules())
    assert counts.last_success(3) == {WRONG[0]: GOALS[1]}
    assert counts.most_similar(3, 0.5) == {WRONG[0]: GOALS[0]}
    assert counts.last_success(4) == counts.most_similar(4, 0.5) == {}
    assert BaselineCounts().most_similar(1, 0) == {}


def predictions(path: Path, intent: str | None = None) -> Path:
    """Of two languages of the demo corpus, with the right labels, but for the intent."""
    lines = []
    for locale in ("de-DE", "ja-JP"):
        table = DataSplit(open_demo(), "test", (locale,)).read()
        lines += [
            {
                "id": row["id"],
                "locale": locale,
                "pred_intent": intent or row["intent"],
                "pred_annot_utt": annotate(row["tokens"], row["labels"]),
            }
            for row in table.to_pylist()
        ]
    path.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    return path


def test_right_predictions_are_what_users_mean(tmp_path: Path) -> None:
    store = open_demo()
    path = predictions(tmp_path / "p.jsonl")
    populations = predicted_populations(store, "test", path, LANGUAGES)
    assert [*populations] == ["de-DE", "ja-JP"]
    for of_locale in populations.values():
        assert of_locale.unpredicted == 0
        assert all(phrasing.goal == phrasing.hypothesis for phrasing in of_locale.phrasings)
    with pytest.raises(MissingDataError, match="sw-KE"):
        predicted_populations(store, "test", path, LANGUAGES, ["sw-KE"])
    with pytest.raises(MissingDataError, match="no utterance of train of demo in de-DE"):
        predicted_populations(store, "train", path, LANGUAGES)
    path.write_text('{"id": "1"}\n{\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        predicted_populations(store, "test", path, LANGUAGES)
    assert caught.value.total == 2


def test_the_commands_say_that_it_is_simulated(tmp_path: Path) -> None:
    path, runner = predictions(tmp_path / "p.jsonl", "alarm_set"), CliRunner()
    sim, table = tmp_path / "sim", tmp_path / "rewrites.tsv"
    arguments = ["feedback", "simulate", str(path), "--data", "demo", "--out", str(sim)]
    done = runner.invoke(app, [*arguments, "--sessions", "50"])
    assert done.exit_code == 0, done.output
    assert "SIMULATED" in done.stdout
    write_table(table, [])
    done = runner.invoke(app, ["feedback", "evaluate", str(sim), "--table", str(table)])
    assert done.exit_code == 0, done.output
    assert "SIMULATED" in done.stdout
    wrong = runner.invoke(app, [*arguments, "--rephrase", "0.9"])
    assert wrong.exit_code != 0
    wrong = runner.invoke(app, [*arguments, "--bad-rewrites", "3"])
    assert wrong.exit_code != 0


def test_draws_of_another_utterance_are_even() -> None:
    from massive_kit.feedback.simulation import _another

    generator = np.random.default_rng(0)
    drawn = [_another(range(4), 1, number) for number in generator.random(6_000)]
    assert np.bincount(drawn, minlength=4) / 6_000 == pytest.approx(
        [1 / 3, 0, 1 / 3, 1 / 3], abs=0.03
    )
    assert _another([7], 7, 0.9) == 7
