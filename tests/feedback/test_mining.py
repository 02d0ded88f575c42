"""Rewrites: found where they were planted, bounded where evidence is thin, withdrawn where bad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from scipy import stats
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import DataError
from massive_kit.feedback.beta import lower_bound, upper_bound
from massive_kit.feedback.counting import LiveRecord, counted
from massive_kit.feedback.guard import guarded
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.learning import learn
from massive_kit.feedback.mining import MinedLocale, MiningRules, mined
from massive_kit.feedback.rewrite_table import HEAD, read_table, table_text, write_table
from massive_kit.feedback.rewrites import Evidence, Rewrite
from massive_kit.feedback.signals import SignalRules, episodes
from massive_kit.feedback.turns import Turn
from massive_kit.languages import LanguageTable

WRONG = Interpretation.of("play_music", [("song", "five am")])
RIGHT = Interpretation.of("alarm_set", [("time", "five am")])
OTHER = Interpretation.of("weather_query", [])
LANGUAGES = LanguageTable.shipped()


def session(name: str, *said: Interpretation, live: Interpretation | None = None) -> list[Turn]:
    """All but the last turn fail."""
    outcomes = ["failure"] * (len(said) - 1) + ["success"]
    return [
        Turn(name, number, "de-DE", f"text {number}", what, live, outcome)  # type: ignore[arg-type]  # one of two
        for number, (what, outcome) in enumerate(zip(said, outcomes, strict=True), 1)
    ]


def log(rephrased: int, subjects: int = 2, right: int = 0) -> list[list[Turn]]:
    logs = [session(f"r{i}", WRONG, RIGHT) for i in range(rephrased)]
    logs += [session(f"s{i}", WRONG, OTHER) for i in range(subjects)]
    logs += [session(f"w{i}", WRONG) for i in range(right)]
    return logs + [session(f"{what.intent}{i}", what) for i in range(20) for what in (RIGHT, OTHER)]


def of_log(sessions: list[list[Turn]], rules: MiningRules) -> MinedLocale:
    steps = (episode for turns in sessions for episode in episodes(turns, SignalRules()))
    return mined("de-DE", counted(steps)["de-DE"], rules)


def rewrite(live_successes: int = 0, live_failures: int = 0) -> Rewrite:
    evidence = Evidence(40, 0, 20, 30, 0.7, 0.68, 0.52, 0.37, 25, 0.62, 60, 55, 0.84)
    return Rewrite("de-DE", WRONG, RIGHT, evidence, live_successes, live_failures)


def test_bounds_are_scipys() -> None:
    assert lower_bound(7, 3) == pytest.approx(stats.beta.ppf(0.05, 8, 4))
    assert upper_bound(0.5, 3, 0.9) == pytest.approx(stats.beta.ppf(0.9, 1.5, 4))


def test_what_users_meant_becomes_a_rewrite_with_its_evidence() -> None:
    (made,) = of_log(log(20), MiningRules()).rewrites
    assert (made.source, made.target, made.state) == (WRONG, RIGHT, "live")
    evidence = made.evidence
    assert (evidence.turns, evidence.successes, evidence.ended, evidence.of) == (22, 0, 20, 22)
    assert evidence.chain == pytest.approx(20 / 22)
    assert evidence.share == pytest.approx((20 + 5 * 20 / 22) / 27)
    assert evidence.share_low == pytest.approx(
        stats.beta.ppf(0.05, 1 + 27 * evidence.share, 1 + 27 * (1 - evidence.share))
    )
    assert evidence.promised == evidence.share_low
    assert (evidence.target_turns, evidence.target_successes) == (40, 40)
    assert evidence.reached == 20
    assert evidence.reached_low == pytest.approx(stats.beta.ppf(0.05, 21, 1))


def test_what_others_mean_by_the_target_does_not_count() -> None:
    crowd = [session(f"c{i}", RIGHT, OTHER) for i in range(400)]
    made = {made.source: made for made in of_log([*log(20), *crowd], MiningRules()).rewrites}
    # Nine in ten of those whom the system understands so mean something else.
    assert made[WRONG].target == RIGHT
    assert made[WRONG].evidence.target_low < 0.15


def test_who_comes_to_the_target_and_goes_on_did_not_mean_it() -> None:
    passing = [session(f"p{i}", WRONG, RIGHT, OTHER) for i in range(60)]
    sessions = [*log(80), *passing]
    (made,) = (made for made in of_log(sessions, MiningRules()).rewrites if made.source == WRONG)
    # 80 of 140 who came to it stayed.
    assert (made.target, made.evidence.ended, made.evidence.reached) == (RIGHT, 80, 140)
    rewrites = of_log(sessions, MiningRules(margin=0.6)).rewrites
    assert all(made.source != WRONG for made in rewrites)


def test_long_episodes_have_few_pairs() -> None:
    said = [Interpretation.of(f"intent_{number}", []) for number in range(300)]
    counts = counted(episodes(session("long", *said), SignalRules()))["de-DE"]
    assert len(counts.reached.counted().counts) == 16 * 300 - 16 * 17 // 2
    assert len(counts.ended.counted().counts) == 16


@pytest.mark.parametrize(
    ("sessions", "rules"),
    [
        (log(2), MiningRules()),
        (log(9), MiningRules(episodes=10)),
        (log(9), MiningRules(turns=12)),
        # Nobody is helped where it is right as often as wrong.
        (log(20, right=20), MiningRules()),
        (log(20), MiningRules(gain=0.9)),
        (log(20), MiningRules(margin=0.99)),
        (log(20, subjects=2), MiningRules(led=0.9)),
        # Each wants something else.
        (log(4, subjects=4), MiningRules(gain=0.4)),
    ],
)
def test_thin_evidence_makes_no_rewrite(sessions: list[list[Turn]], rules: MiningRules) -> None:
    assert of_log(sessions, rules).rewrites == ()


@pytest.mark.parametrize(
    ("successes", "record", "state", "reason"),
    [
        (0, LiveRecord(9, 1), "live", ""),
        (0, LiveRecord(), "live", ""),
        (0, LiveRecord(0, 3), "live", ""),
        (0, LiveRecord(0, 5), "withdrawn", "behind its promise"),
        (0, LiveRecord(0, 200), "withdrawn", "behind the original"),
        (30, LiveRecord(5, 20), "withdrawn", "behind the original"),
    ],
)
def test_the_guard_withdraws_what_falls_behind(
    successes: int, record: LiveRecord, state: str, reason: str
) -> None:
    bare = rewrite()
    before = replace(bare, evidence=replace(bare.evidence, successes=successes))
    after = guarded(before, record)
    assert after.state == state
    assert after.reason.startswith(reason)
    assert (after.live_successes, after.live_failures) == (record.successes, record.failures)
    # It stays withdrawn, whatever comes.
    if state == "withdrawn":
        assert guarded(after, LiveRecord(1_000, 0)).state == "withdrawn"


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rewrites.tsv"
    bad = replace(rewrite(), source=OTHER, state="withdrawn", reason="behind its promise")
    write_table(path, [bad, rewrite(live_successes=3, live_failures=1)])
    read = read_table(path, LANGUAGES)
    # Sorted, so that two tables can be compared line by line.
    assert read == [rewrite(live_successes=3, live_failures=1), bad]
    assert table_text(read) == path.read_text(encoding="utf-8")
    first = path.read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith(
        "de-DE\tlive\tplay_music [song : five am]\talarm_set [time : five am]\t40"
    )


def test_an_older_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rewrites.tsv"
    lines = [line.split("\t") for line in table_text([rewrite()]).splitlines()]
    kept = [place for place, name in enumerate(HEAD) if not name.startswith("reached")]
    older = ("\t".join(line[place] for place in kept) for line in lines)
    path.write_text("\n".join(older), encoding="utf-8")
    (read,) = read_table(path, LANGUAGES)
    evidence = replace(rewrite().evidence, reached=20, reached_low=0.0)
    assert read == replace(rewrite(), evidence=evidence)


def test_every_mistake_of_a_table_is_told(tmp_path: Path) -> None:
    good = table_text([rewrite()]).splitlines()[1]
    cells = good.split("\t")

    def changed(**values: str) -> str:
        return "\t".join(values.get(name, cell) for name, cell in zip(HEAD, cells, strict=True))

    lines = [
        good,
        "x",
        changed(locale="xx"),
        changed(state="on"),
        changed(to="[a"),
        changed(to=cells[2]),
        changed(turns="-1"),
        changed(chain="nan"),
        changed(successes="41"),
        changed(reached="19"),
        good,
    ]
    path = tmp_path / "rewrites.tsv"
    path.write_text("\n".join(["\t".join(HEAD), *lines]), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_table(path, LANGUAGES)
    assert [problem.line for problem in caught.value.problems] == [*range(3, 13)]
    path.write_text("from\tto\n", encoding="utf-8")
    with pytest.raises(DataError, match="the columns"):
        read_table(path, LANGUAGES)
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="no line"):
        read_table(path, LANGUAGES)


def write_log(path: Path, sessions: list[list[Turn]]) -> Path:
    lines = (orjson.dumps(turn.to_json()) for turns in sessions for turn in turns)
    path.write_bytes(b"\n".join(lines))
    return path


def test_a_table_in_use_is_held_to_its_live_record(tmp_path: Path) -> None:
    live = [session(f"l{i}", RIGHT, OTHER, live=WRONG) for i in range(12)]
    path = write_log(tmp_path / "log", [*log(20), *live])
    learnt = learn([path], LANGUAGES, table=[rewrite()])
    assert [later.state for later in learnt.rewrites] == ["withdrawn"]
    assert (learnt.withdrawn, learnt.kept, learnt.simulated) == (learnt.rewrites, 1, 0)
    # The turns that were rewritten say nothing of their target.
    assert learnt.locales["de-DE"].rewrites[0].evidence.target_turns == 40


def test_the_command_writes_a_table_and_says_what_is_in_it(tmp_path: Path) -> None:
    path, out = write_log(tmp_path / "log", log(20)), tmp_path / "rewrites.tsv"
    done = CliRunner().invoke(app, ["feedback", "mine", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "1 rewrites; 0 withdrawn now." in done.stdout
    printed = CliRunner().invoke(app, ["feedback", "mine", str(path)])
    assert printed.stdout == out.read_text(encoding="utf-8")


def test_wrong_lines_end_the_command(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log", [])
    with pytest.raises(DataError, match="nothing to learn"):
        learn([path], LANGUAGES)
    path.write_text("{\n[]\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        learn([path], LANGUAGES)
    assert caught.value.total == 2
