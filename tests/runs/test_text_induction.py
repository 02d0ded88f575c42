"""Dictionaries made of text are unlabelled text, whoever reads them, and pairs are never read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.derive.switch import Switch
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.lexicons.induced import INDUCED, InducedLexicons
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, DataError, MissingDataError, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.glossing import Glossing
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.source_text import SourceText
from massive_kit.runs.text_induction import TextReading, induce_from_text
from massive_kit.systems.lexicon_induction.matching import Matching
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings

ANYTHING = Matching(margin=-9.0, cosine=-1.0, most=1)
LOCALES = ("de-DE", "en-US", "ja-JP")


@pytest.fixture(scope="module")
def induced_once(
    small_encoder: Path, demo_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("induced") / "words"
    counted: list[tuple[int, int]] = []
    made = induce_from_text(
        SourceText(demo_store, "en-US"),
        LOCALES,
        SentenceEncoderSettings(base=str(small_encoder)),
        ANYTHING,
        TextReading(rows=50),
        out,
        lambda done, total: counted.append((done, total)),
    )
    assert sum(done for done, _ in counted) == counted[-1][1]
    assert [language.locale for language in made.languages] == ["de-DE", "ja-JP"]
    assert all(language.translated == language.words > 50 for language in made.languages)
    assert all(language.tokens == 1 for language in made.languages)
    return out


@pytest.fixture
def induced(induced_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(induced_once, tmp_path / "words"))


def test_each_word_of_a_language_has_a_word_of_the_source(induced: Path, demo_store: Store) -> None:
    rows = [line.split("\t") for line in (induced / "de-DE.tsv").read_text("utf-8").splitlines()]
    english = demo_store.read("train", ["en-US"], ["tokens"]).column(0).to_pylist()
    german = demo_store.read("train", ["de-DE"], ["tokens"]).column(0).to_pylist()
    counts: dict[str, int] = {}
    for tokens in english:
        for token in tokens:
            counts[token.lower()] = counts.get(token.lower(), 0) + 1
    assert all(counts[word] >= 3 for word, _, _ in rows)
    # The best translation of a word is its first.
    assert rows == sorted(rows, key=lambda row: (row[0], -float(row[2])))
    translations = [translation for _, translation, _ in rows]
    assert len({*translations}) == len(translations)
    assert {*translations} <= {token.lower() for tokens in german for token in tokens}
    kept = json.loads((induced / INDUCED).read_text())
    (used,) = kept["resources"]
    assert used == {
        "resource": "unlabelled-text",
        "by": [f"store {demo_store.name}"],
        "locales": ["de-DE", "ja-JP"],
    }
    assert kept["facts"]["text"]["partitions"] == ["train"]
    assert str(induced) not in (induced / INDUCED).read_text()


def test_glosses_by_them_use_unlabelled_text_with_its_chain(
    runs: dict[str, Path], induced: Path, tmp_path: Path
) -> None:
    run = runs["encoder"]
    with pytest.raises(ConfigError, match="unlabelled-text was used") as caught:
        Glossing.of(run, [str(induced)], source="en-US")
    assert "the dictionaries of --lexicon, made of store demo" in str(caught.value)
    folder = RunFolder(shutil.copytree(run, tmp_path / "run"))
    task = folder.task()
    assert task is not None
    folder.write_task({**task, "allow": ["target-labels", "unlabelled-text", "lexicon"]})
    glossing = Glossing.of(folder.path, [str(induced)], source="en-US")
    glossed = glossing.write(tmp_path / "new").run
    beside = [used for used in run_resources(glossed) if used.resource != "target-labels"]
    (used,) = beside
    assert (used.resource, used.locales) == ("unlabelled-text", ("de-DE", "ja-JP"))
    assert glossed.facts()["recipe"]["used"] == ["unlabelled-text"]
    # What says nothing of resources is damaged.
    kept = json.loads((induced / INDUCED).read_text())
    resources = kept.pop("resources")
    (induced / INDUCED).write_text(json.dumps(kept))
    with pytest.raises(DataError, match="cannot be read"):
        Glossing.of(folder.path, [str(induced)], source="en-US")
    (induced / INDUCED).write_text(json.dumps({**kept, "resources": resources}))
    with (induced / "de-DE.tsv").open("a", encoding="utf-8") as stream:
        stream.write("alarm\tWecker\n")
    changed = Glossing.of(folder.path, [str(induced)], source="en-US")
    assert [used.resource for used in changed.used] == ["lexicon", "unlabelled-text"]


def test_stores_that_are_made_by_them_use_unlabelled_text(induced: Path) -> None:
    assert Switch(lexicon=(str(induced),)).resources() == ("unlabelled-text",)
    assert TranslateWords((str(induced),)).resources() == ("unlabelled-text",)
    de = str(induced / "de-DE.tsv")
    assert TranslateWords((de,)).resources() == ("unlabelled-text",)
    report = CliRunner().invoke(
        app,
        ["data", "derive", "translate-words", "--data", "demo", "--lexicon", de, "--dry-run"],
    )
    assert "resources used: unlabelled-text" in report.stdout
    # Somebody says of which language it is, and the text is used all the same.
    for named in (f"fr-FR={de}", f"de-DE={de}"):
        assert TranslateWords((named,)).resources() == ("lexicon", "unlabelled-text")
    link = induced.with_name("de-DE.tsv")
    link.symlink_to(de)
    assert TranslateWords((str(link),)).resources() == ("unlabelled-text",)


def test_the_texts_of_two_languages_are_drawn_apart(
    small_encoder: Path, demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: dict[str, list[str]] = {}
    of_store = Store.read

    def recorded(self: Store, *args: object, **more: object) -> object:
        table = of_store(self, *args, **more)  # type: ignore[arg-type]  # passed on
        assert {*table.column_names} <= {"id", "tokens"}
        read.setdefault(args[1][0], []).append(str(args[0]))  # type: ignore[index]  # locales
        return table

    monkeypatch.setattr(Store, "read", recorded)
    settings = SentenceEncoderSettings(base=str(small_encoder))
    text = SourceText(demo_store, "en-US")
    made = [
        induce_from_text(
            text, LOCALES, settings, ANYTHING, TextReading(rows=20, seed=seed), tmp_path / name
        )
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    words = [(one.path / "de-DE.tsv").read_text("utf-8") for one in made]
    assert words[0] == words[1] != words[2]
    assert {*read} == {*LOCALES}
    assert {partition for partitions in read.values() for partition in partitions} == {"train"}


def test_mistakes(
    runs: dict[str, Path], induced: Path, small_encoder: Path, demo_store: Store, tmp_path: Path
) -> None:
    settings = SentenceEncoderSettings(base=str(small_encoder))
    text, out = SourceText(demo_store, "en-US"), tmp_path / "out"
    with pytest.raises(MissingDataError, match="no train text of fr-XX"):
        induce_from_text(text, ["fr-XX"], settings, ANYTHING, TextReading(), out)
    with pytest.raises(UsageError, match="no language to translate en-US into"):
        induce_from_text(text, ["en-US"], settings, ANYTHING, TextReading(), out)
    with pytest.raises(UsageError, match="no word of en-US in demo occurs 100000 times"):
        induce_from_text(text, LOCALES, settings, ANYTHING, TextReading(occurrences=100_000), out)
    trained = SentenceEncoderSettings(base=str(runs["encoder"]))
    with pytest.raises(ConfigError, match="has learnt from data"):
        induce_from_text(text, LOCALES, trained, ANYTHING, TextReading(), out)
    with pytest.raises(UsageError, match=r"--rows 0.*--occurrences 0.*--depth 1\.5.*--depth nan"):
        TextReading(0, 0, (1.5, float("nan")))
    with pytest.raises(UsageError, match="no --depth"):
        TextReading(depths=())
    assert not out.exists()
    (induced / "de-DE.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"as they were induced: de-DE\.tsv; name a new"):
        induce_from_text(text, LOCALES, settings, ANYTHING, TextReading(), induced)
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(UsageError, match="holds other files"):
        induce_from_text(text, LOCALES, settings, ANYTHING, TextReading(), tmp_path)


def test_the_command(small_encoder: Path, tmp_path: Path) -> None:
    arguments = ["data", "induce-from-text", "--base", str(small_encoder), "--data", "demo"]
    arguments += ["--out", str(tmp_path / "out"), "--rows", "20"]
    anything = ["--margin", "-9", "--cosine", "-1", "--depth", "1", "--locale", "de_de"]
    done = CliRunner().invoke(app, [*arguments, *anything, "--format", "json"])
    assert done.exit_code == 0, done.output
    (made,) = json.loads(done.stdout)["dictionaries"].items()
    assert made[0] == "de-DE"
    assert made[1]["translated"] == made[1]["words"] > 20
    done = CliRunner().invoke(app, [*arguments, *anything])
    assert "de-DE" in done.stdout
    assert "100.0" in done.stdout
    kept = InducedLexicons.read(tmp_path / "out")
    assert kept is not None
    assert kept.facts["reading"]["depths"] == [1]
    done = CliRunner().invoke(app, [*arguments, "--margin", "9", "--locale", "de-DE"])
    assert done.exit_code == 0
    assert "no word has a translation" in done.stderr
    done = CliRunner().invoke(app, [*arguments, "--locale", "xx-XX"])
    assert "the store demo has no locale 'xx-XX'" in str(done.exception)
