"""A run that an encoder glosses has used nothing more, and stands alone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.lexicons.glossaries import GlossSettings, write_glossaries
from massive_kit.data.lexicons.glossing import plain
from massive_kit.data.lexicons.induced import InducedLexicons
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.gloss_making import GlossesOfEncoder
from massive_kit.runs.glossing import Glossing
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.systems.glossed.glossers import load_glosser
from massive_kit.systems.glossed.system import GlossedSystem
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.lexicon_induction.nearest_words import NearestWords
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

UTTERANCES = [
    Utterance("1", "de-DE", "wecker um fünf", ["wecker", "um", "fünf"]),
    Utterance("2", "en-US", "play music", ["play", "music"]),
    Utterance("3", "ja-JP", "音楽", ["音", "楽"]),
    Utterance("4", "zh-CN", "音乐", ["音", "乐"]),
]


@pytest.fixture(scope="module")
def glossed(
    runs: dict[str, Path], small_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    counted: list[tuple[int, int]] = []
    # Random weights make nothing alike.
    encoder = GlossesOfEncoder(str(small_encoder), "query: ", cosine=-1.0)
    made = Glossing.of(runs["encoder"], encoder=encoder, source="en-US").write(
        tmp_path_factory.mktemp("glossed") / "run",
        lambda done, total: counted.append((done, total)),
    )
    assert counted[-1][0] == counted[-1][1]
    assert not made.words
    assert made.encoder_words is not None
    assert made.encoder_words > 50
    return made.run


def test_it_says_the_mean_of_text_and_gloss(runs: dict[str, Path], glossed: RunFolder) -> None:
    system, alone = load_system(glossed.path), load_system(runs["encoder"])
    assert isinstance(system, GlossedSystem)
    assert isinstance(alone, DistributionSystem)
    glosses = system.glosser.glosses(UTTERANCES)
    # Of languages whose labels were learnt, and where tokens are characters, there are none.
    assert [len(words) for words in glosses] == [3, 0, 0, 0]
    words = [word.word for word in glosses[0]]
    assert not {*words} & {*UTTERANCES[0].tokens}
    gloss = Utterance("1", "en-US", " ".join(words), words)
    of_both = [np.exp(alone.label_distributions([text]).intents) for text in (UTTERANCES[0], gloss)]
    said = np.exp(system.label_distributions(UTTERANCES[:1]).intents)
    assert np.allclose(said, 0.6 * of_both[0] + 0.4 * of_both[1], atol=2e-3)


def test_it_has_used_nothing_more_and_stands_alone(
    runs: dict[str, Path], small_encoder: Path, glossed: RunFolder
) -> None:
    facts = glossed.facts()
    assert run_resources(glossed) == tuple(
        used.through(f"run {runs['encoder']}") for used in run_resources(RunFolder(runs["encoder"]))
    )
    assert facts["recipe"]["encoder"] == str(small_encoder)
    assert facts["recipe"]["weight"] == 0.4
    kept = facts["glosses"]
    assert len(kept["encoder"]["sha256"]) == 64
    assert kept["layers"] == [0, 1]
    assert facts["parameters"] > RunFolder(runs["encoder"]).facts()["parameters"]
    assert len([*load_system(glossed.path).predict(UTTERANCES)]) == len(UTTERANCES)
    moved = Path(shutil.copytree(glossed.path, glossed.path.with_name("moved")))
    assert [*load_system(moved).predict(UTTERANCES)] == [
        *load_system(glossed.path).predict(UTTERANCES)
    ]


@pytest.fixture
def allowing(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A run whose task allows a lexicon, and with it nothing more."""
    folder = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "run"))
    task = folder.task()
    assert task is not None
    folder.write_task({**task, "allow": [*task.get("allow", []), "lexicon"]})
    return folder.path


def test_dictionaries_come_first_and_it_fills_what_they_lack(
    allowing: Path, small_encoder: Path, demo_store: Store, tmp_path: Path
) -> None:
    lexicons = tmp_path / "lexicons"
    lexicons.mkdir()
    pairs = "alarm\tWecker\nplay\tWecker\nfive\tfünf\n"
    (lexicons / "de-DE.tsv").write_text(pairs, encoding="utf-8")
    encoder = GlossesOfEncoder(str(small_encoder), "query: ", cosine=-1.0)
    glossing = Glossing.of(allowing, [str(lexicons)], encoder=encoder, source="en-US")
    made = glossing.write(tmp_path / "new")
    assert made.words["de-DE"] == 2
    assert made.encoder_words is not None
    assert made.encoder_words > 50
    facts = made.run.facts()
    assert (facts["recipe"]["weight"], facts["recipe"]["encoder"]) == (0.5, str(small_encoder))
    assert facts["recipe"]["dictionaries"] == ["de-DE.tsv"]
    assert [file["name"] for file in facts["glosses"]["files"]["lexicon"]] == ["de-DE.tsv"]
    assert facts["parameters"] > RunFolder(allowing).facts()["parameters"]
    card = (made.run.model / "README.md").read_text(encoding="utf-8")
    assert f"| Glossed by | de-DE.tsv; the encoder {small_encoder.name}; in en-US |" in card
    assert {used.resource for used in run_resources(made.run)} == {"target-labels", "lexicon"}
    system = load_system(made.run.path)
    assert isinstance(system, GlossedSystem)
    french = Utterance("5", "fr-FR", "joue", ["joue"])
    twice = [*UTTERANCES, french]
    german, english, japanese, _, of_french = system.glosser.glosses(twice)
    assert german[0].word in {"alarm", "play"}
    assert german[2].word == "five"
    # What no dictionary has, and a language without one, the encoder reads as words of English.
    english_rows = demo_store.read("train", ["en-US"], ["tokens"]).column("tokens").to_pylist()
    source = {plain(word) for row in english_rows for word in row}
    assert german[1].word in source
    assert [word.word in source for word in of_french] == [True]
    assert [(word.start, word.end) for word in german] == [(0, 1), (1, 2), (2, 3)]
    assert (english, japanese) == ([], [])
    assert len([*system.predict(twice)]) == len(twice)


def test_the_encoder_takes_what_it_reads_most_alike(small_encoder: Path, tmp_path: Path) -> None:
    settings = SentenceEncoderSettings(base=str(small_encoder), prefix="query: ")
    reader = ContextReader(SentenceEncoder.load(settings, "fp32"), (0, 1))
    words = NearestWords(reader, reader.words([["wake", "me", "up"], ["play", "jazz", "now"]]), 0.4)
    of = GlossSettings("en-US", ("en-US",), joint=True)
    # Words that are the source's own are read like themselves.
    choices = {"wake": ("now", "wake"), "musik": ("jazz", "now"), "auf": ("up",)}
    write_glossaries(tmp_path / "glossaries", of, {"de-DE": choices})
    words.save(tmp_path / "glossaries" / "words")
    glosser = load_glosser(tmp_path / "glossaries", {"ja-JP"})
    texts = [["wake", "me", "up"], ["musik", "7"], ["auf", "auf"], []]
    utterances = [Utterance(str(n), "de-DE", " ".join(row), row) for n, row in enumerate(texts)]
    glosses = glosser.glosses(utterances)
    assert [word.word for word in glosses[0]] == ["wake", "me", "up"]
    assert glosses[1][1].word == "7"
    assert [word.word for word in glosses[2]] == ["up", "up"]
    assert glosses[3] == []
    assert glosser.glosses([]) == []
    assert glosser.settings == replace(of, targets=("de-DE",))
    # Characters are no words of a text, and a word of several tokens is read as they all are.
    several = {"ja-JP": {"部屋": ("room", "now")}, "de-DE": {"weck mich": ("now", "wake me")}}
    shutil.rmtree(tmp_path / "glossaries")
    write_glossaries(tmp_path / "glossaries", of, several)
    words.save(tmp_path / "glossaries" / "words")
    glosser = load_glosser(tmp_path / "glossaries", {"ja-JP"})
    room = Utterance("1", "ja-JP", "部屋", ["部", "屋"])
    wake = Utterance("2", "de-DE", "weck mich auf", ["weck", "mich", "auf"])
    of_room, of_wake = glosser.glosses([room, wake])
    assert [(word.word, word.start, word.end) for word in of_room] == [("room", 0, 2)]
    assert {(word.start, word.end) for word in of_wake} == {(0, 2), (2, 3)}
    assert " ".join(word.word for word in of_wake if word.end == 2) in several["de-DE"]["weck mich"]


@pytest.mark.parametrize("half", ["words", "de-DE.tsv"])
def test_half_of_what_glosses_is_missed(half: str, small_encoder: Path, tmp_path: Path) -> None:
    settings = SentenceEncoderSettings(base=str(small_encoder))
    reader = ContextReader(SentenceEncoder.load(settings, "fp32"), (0, 1))
    folder = tmp_path / "glossaries"
    of = GlossSettings("en-US", joint=True)
    write_glossaries(folder, of, {"de-DE": {"wecker": ("alarm",)}})
    NearestWords(reader, reader.words([["alarm"]]), 0.4).save(folder / "words")
    load_glosser(folder, ())
    part = folder / half
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    with pytest.raises(MissingDataError, match="make the run again"):
        load_glosser(folder, ())


def test_mistakes(runs: dict[str, Path], small_encoder: Path, tmp_path: Path) -> None:
    encoder = GlossesOfEncoder(str(small_encoder))
    with pytest.raises(UsageError, match="lemmas are looked up in dictionaries"):
        Glossing.of(runs["encoder"], encoder=encoder, lemmas=tmp_path / "l.tsv", source="en-US")
    with pytest.raises(ConfigError, match="has learnt from data"):
        GlossesOfEncoder(str(runs["encoder"]))
    rare = GlossesOfEncoder(str(small_encoder), occurrences=100_000)
    with pytest.raises(UsageError, match="no word of en-US in demo occurs 100000 times"):
        Glossing.of(runs["encoder"], encoder=rare, source="en-US").write(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_command(runs: dict[str, Path], small_encoder: Path, tmp_path: Path) -> None:
    arguments = ["gloss", str(runs["encoder"]), "--base", str(small_encoder), "--source", "en-US"]
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "a"), "--weight", "0.2"])
    assert done.exit_code == 0, done.output
    assert "words of en-US" in done.stdout
    assert RunFolder(tmp_path / "a").facts()["recipe"]["weight"] == 0.2
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "b"), "--format", "json"])
    told = json.loads(done.stdout)
    assert (told["words"], told["encoder_words"] > 0) == ({}, True)
    bare = ["gloss", str(runs["encoder"]), "--out", str(tmp_path / "c")]
    (tmp_path / "de-DE.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    assert "nothing glosses" in str(CliRunner().invoke(app, bare).exception)
    done = CliRunner().invoke(app, [*bare, "--lexicon", "words", "--prefix", "query: "])
    assert "--prefix and --revision are for the encoder of --base" in str(done.exception)
    joint = [*arguments, "--lexicon", str(tmp_path / "de-DE.tsv")]
    done = CliRunner().invoke(app, [*joint, "--out", str(tmp_path / "d")])
    assert done.exit_code == 1
    assert "lexicon was used" in str(done.exception)


def test_the_command_with_both(allowing: Path, small_encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lexicons"
    folder.mkdir()
    (folder / "fr-FR.tsv").write_text("zebra\tzèbre\n", encoding="utf-8")
    (folder / "de-DE.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    out = tmp_path / "new"
    arguments = ["gloss", str(allowing), "--base", str(small_encoder), "--source", "en-US"]
    done = CliRunner().invoke(app, [*arguments, "--lexicon", str(folder), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "1 word of 1 dictionary and an encoder with " in done.stdout
    made = [*arguments, "--lexicon", str(folder), "--out", f"{out}-json", "--format", "json"]
    as_json = json.loads(CliRunner().invoke(app, made).stdout)
    assert as_json["words"] == {"de-DE": 1, "fr-FR": 0}
    assert as_json["encoder_words"] > 0
    assert "no entry is a word of the text: fr-FR" in done.stderr


def test_induced_dictionaries_beside_it_use_what_they_used(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path
) -> None:
    words = tmp_path / "words"
    induced = ["data", "induce", "--base", str(small_encoder), "--data", "demo", "--margin", "-9"]
    done = CliRunner().invoke(app, [*induced, "--out", str(words)])
    assert done.exit_code == 0, done.output
    encoder = GlossesOfEncoder(str(small_encoder))
    glossing = Glossing.of(runs["encoder"], [str(words)], encoder=encoder, source="en-US")
    assert glossing.used == []
    (path, *_) = sorted(words.glob("*.tsv"))
    path.write_text(path.read_text(encoding="utf-8") + "zebra\tzebra\t1.0\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="lexicon was used"):
        Glossing.of(runs["encoder"], [str(words)], encoder=encoder, source="en-US")


def test_a_revision_of_the_hub_is_read(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "hub" / "models--someone--words"
    shutil.copytree(small_encoder, repository / "snapshots" / ("a" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "v2").write_text("a" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    run = str(runs["encoder"])
    glossed = ["gloss", run, "--base", "someone/words", "--source", "en-US"]
    without = CliRunner().invoke(app, [*glossed, "--out", str(tmp_path / "a")])
    assert isinstance(without.exception, MissingDataError)
    done = CliRunner().invoke(app, [*glossed, "--out", str(tmp_path / "b"), "--revision", "v2"])
    assert done.exit_code == 0, done.output
    assert RunFolder(tmp_path / "b").facts()["glosses"]["revision"] == "v2"
    for command in ("induce", "induce-from-text"):
        induced = ["data", command, "--base", "someone/words", "--data", "demo"]
        options = ["--revision", "v2", "--margin", "-9", "--out", str(tmp_path / command)]
        done = CliRunner().invoke(app, [*induced, *options])
        assert done.exit_code == 0, done.output
        kept = InducedLexicons.read(tmp_path / command)
        assert kept is not None
        assert kept.facts["encoder"]["revision"] == "v2"
