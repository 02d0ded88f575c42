"""Dictionaries of an encoder alone are no resource, as long as nobody changes them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.derivation import derive
from massive_kit.data.derive.switch import Switch
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.lexicons.induced import INDUCED, InducedLexicons
from massive_kit.data.lexicons.scripts import locales_of, table_scripts
from massive_kit.data.opening import open_data
from massive_kit.data.resources import check_resources, used_resources
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError, DataError, MissingDataError, UsageError
from massive_kit.runs.glossing import Glossing
from massive_kit.runs.lexicon_induction import induce
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.source_text import SourceText
from massive_kit.schema.task import load_task
from massive_kit.systems.lexicon_induction.matching import Matching
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings

ANYTHING = Matching(margin=-9.0, cosine=-1.0, most=2)


@pytest.fixture(scope="module")
def induced_once(
    small_encoder: Path, demo_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("induced") / "words"
    settings = SentenceEncoderSettings(base=str(small_encoder))
    counted = []
    made = induce(
        SourceText(demo_store, "en-US"),
        settings,
        ANYTHING,
        out,
        lambda done, total: counted.append((done, total)),
    )
    assert sum(done for done, _ in counted) == counted[-1][1]
    assert made.pairs["und-Latn"] > 100
    return out


@pytest.fixture
def induced(induced_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(induced_once, tmp_path / "words"))


def switched(store: Store, folder: Path, *lexicons: Path) -> Store:
    transform = Switch(lexicon=tuple(map(str, lexicons)), rate=1.0)
    return derive(store, transform, folder, name="out", locales=("en-US",)).store


def test_each_line_is_a_word_its_translation_and_their_margin(
    induced: Path, demo_store: Store
) -> None:
    lines = (induced / "und-Latn.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    text = demo_store.read("train", ["en-US"], ["tokens"]).column(0).to_pylist()
    english = {token.lower() for tokens in text for token in tokens}
    words = {word for word, _, _ in rows}
    assert words <= english
    assert min(map(len, words)) == 3
    assert not {translation.lower() for _, translation, _ in rows} & english
    margins = [float(margin) for word, _, margin in rows if word == rows[0][0]]
    assert margins == sorted(margins, reverse=True)
    manifest = json.loads((induced / INDUCED).read_text())
    assert manifest["facts"]["text"]["source"] == "en-US"
    assert str(induced) not in (induced / INDUCED).read_text()


def test_a_strict_run_may_be_trained_on_words_so_switched(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    store = switched(demo_store, tmp_path / "out", induced)
    task = load_task("massive-zeroshot-strict")
    task_data = lay_task(task, demo_store, train_store=store)
    check_resources(task_data)
    assert {used.resource for used in used_resources(task_data)} == {"target-labels"}
    assert store.lineage is not None
    (encoder,) = store.lineage.parameters["encoder"]
    assert len(encoder["sha256"]) == 64


@pytest.mark.parametrize("change", ["edit", "add", "beside", "renamed", "lone"])
def test_changed_dictionaries_are_a_resource(
    change: str, induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    more: tuple[Path, ...] = ()
    if change == "edit":
        with (induced / "und-Latn.tsv").open("a", encoding="utf-8") as stream:
            stream.write("alarm\tWecker\n")
    elif change == "renamed":
        (induced / "und-Latn.tsv").rename(induced / "en-de.tsv")
    else:
        folder = induced if change == "add" else tmp_path
        path = folder / "en-de.tsv"
        path.write_text("alarm\tWecker\n", encoding="utf-8")
        more = (path,) if change != "add" else ()
    lexicons = more if change == "lone" else (induced, *more)
    store = switched(demo_store, tmp_path / "out", *lexicons)
    task_data = lay_task(load_task("massive-zeroshot-strict"), demo_store, train_store=store)
    with pytest.raises(ConfigError, match="more was used"):
        check_resources(task_data)


def test_what_is_no_dictionary_changes_none(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    (induced / ".DS_Store").write_bytes(b"\0")
    (induced / "README.md").write_text("Words.\n", encoding="utf-8")
    (induced / "older").mkdir()
    (induced / "gone").symlink_to("nowhere")
    os.mkfifo(induced / "pipe")
    store = switched(demo_store, tmp_path / "out", induced)
    assert store.lineage is not None
    assert store.lineage.resources == ()
    # A folder in a dictionary's place is one of another kind.
    (induced / "en-de.tsv").mkdir()
    assert Switch(lexicon=(str(induced),)).resources() == ("lexicon",)


def test_one_dictionary_of_the_folder_is_as_good_as_all(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    named = (induced / "und-Latn.tsv", induced / "und-Jpan.tsv")
    store = switched(demo_store, tmp_path / "out", *named)
    assert store.lineage is not None
    assert store.lineage.resources == ()
    assert len(store.lineage.parameters["encoder"]) == 1
    # It is said to be of a language, which nothing but a person knows.
    renamed = f"de-DE={named[0]}"
    assert Switch(lexicon=(renamed,)).resources() == ("lexicon",)


def test_a_change_is_told_and_what_is_used(induced: Path, demo_store: Store) -> None:
    command = ["data", "derive", "switch", "--data", "demo", "--lexicon", str(induced), "--dry-run"]
    before = CliRunner().invoke(app, command)
    assert "resources used: none, as all dictionaries are of an encoder" in before.stdout
    (induced / "und-Latn.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert "resources used: lexicon" in done.stdout
    assert "und-Latn.tsv is not as it was induced" in " ".join(done.stderr.split())


def test_lemmas_are_a_resource(induced: Path, tmp_path: Path) -> None:
    lemmas = tmp_path / "lemmas.tsv"
    lemmas.write_text("alarms\talarm\n", encoding="utf-8")
    assert Switch(lexicon=(str(induced),)).resources() == ()
    assert Switch(lexicon=(str(induced),), lemmas=lemmas).resources() == ("lexicon",)
    assert Switch().resources() == ("lexicon",)


def test_what_a_folder_says_of_itself_may_be_damaged(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    texts = ["{", "[]", '{"format": "x"}', '{"format": 1, "encoder": 2, "files": 3}']
    kept = (induced / INDUCED).read_text()
    for text in (*texts, "[" * 100_000, kept + " " * (1 << 20)):
        (induced / INDUCED).write_text(text)
        with pytest.raises(DataError, match="cannot be read"):
            switched(demo_store, tmp_path / "out", induced)
    (induced / INDUCED).unlink()
    assert InducedLexicons.read(induced) is None
    assert Switch(lexicon=(str(induced),)).resources() == ("lexicon",)


def test_words_of_another_language_are_not_looked_up(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    transform = Switch(lexicon=(str(induced),), source="de-DE")
    with pytest.raises(UsageError, match="was induced for en-US, and the rows are de-DE"):
        derive(demo_store, transform, tmp_path / "out", name="out")


def test_a_script_is_no_language_to_translate_into(
    induced: Path, demo_store: Store, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="words of a script and of no language alone"):
        derive(demo_store, TranslateWords((str(induced),)), tmp_path / "out", name="out")


def test_a_script_is_drawn_as_often_as_locales_are_written_in_it() -> None:
    assert table_scripts()["Hani"] == 2
    latin = table_scripts()["Latn"]
    assert locales_of("und-Latn", "en-US") == latin - 1
    assert locales_of("und-Latn", "ru-RU") == latin
    assert locales_of("und-Hani", "zh-CN") == 1
    assert locales_of("und-Copt", "en-US") == locales_of("de-DE", "en-US") == 1


def test_glosses_by_them_use_no_resource_until_they_are_changed(
    runs: dict[str, Path], induced: Path, tmp_path: Path
) -> None:
    run = runs["encoder"]
    glossing = Glossing.of(run, [str(induced)], source="en-US")
    assert glossing.used == []
    glossed = glossing.write(tmp_path / "new").run
    assert glossed.facts()["recipe"]["used"] == []
    assert {used.resource for used in run_resources(glossed)} == {"target-labels"}
    with (induced / "und-Latn.tsv").open("a", encoding="utf-8") as stream:
        stream.write("alarm\tWecker\n")
    with pytest.raises(ConfigError, match="lexicon was used"):
        Glossing.of(run, [str(induced)], source="en-US")


def test_an_encoder_that_was_trained_is_refused(
    runs: dict[str, Path], demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SourceText(demo_store, "en-US")
    model = runs["encoder"] / "model"
    link, copy = tmp_path / "link", tmp_path / "copy"
    link.symlink_to(model)
    shutil.copytree(model, copy)
    monkeypatch.chdir(model)
    for base in (runs["encoder"], model, link, copy, "."):
        settings = SentenceEncoderSettings(base=str(base))
        with pytest.raises(ConfigError, match="has learnt from data"):
            induce(text, settings, ANYTHING, tmp_path / "out")


def test_text_that_comes_from_elsewhere_is_refused(
    induced: Path, small_encoder: Path, demo_store: Store, tmp_path: Path
) -> None:
    lexicon = tmp_path / "en-de.tsv"
    lexicon.write_text("the\tdie\nto\tzu\n", encoding="utf-8")
    made = switched(demo_store, tmp_path / "made", lexicon)
    settings = SentenceEncoderSettings(base=str(small_encoder))
    with pytest.raises(ConfigError, match="come from elsewhere"):
        induce(SourceText(made, "en-US"), settings, ANYTHING, tmp_path / "out")
    # Words of the encoder itself are no text of the source either.
    again = switched(demo_store, tmp_path / "again", induced)
    with pytest.raises(ConfigError, match="come from elsewhere"):
        induce(SourceText(again, "en-US"), settings, ANYTHING, tmp_path / "out")
    with pytest.raises(UsageError, match="ja-JP is scored by character"):
        induce(SourceText(demo_store, "ja-JP"), settings, ANYTHING, tmp_path / "out")
    with pytest.raises(UsageError, match="no word of en-US in demo has 99 letters"):
        induce(SourceText(demo_store, "en-US"), settings, ANYTHING, tmp_path / "out", letters=99)
    text = SourceText(demo_store, "fr-XX", ("dev", "test2"))
    with pytest.raises(MissingDataError, match="no dev, test2 of fr-XX"):
        induce(text, settings, ANYTHING, tmp_path / "out")


def test_words_with_control_characters_are_left_out(small_encoder: Path, tmp_path: Path) -> None:
    row = {"id": "1", "locale": "en-US", "partition": "train", "intent": "alarm_set"}
    text = "wake foo\x07bar early"
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(
        json.dumps({**row, "scenario": "alarm", "utt": text, "annot_utt": text, "worker_id": "1"})
    )
    store = open_data(str(corpus), [])
    settings = SentenceEncoderSettings(base=str(small_encoder))
    out = tmp_path / "out"
    induce(SourceText(store, "en-US"), settings, ANYTHING, out)
    words = {line.split("\t")[0] for line in (out / "und-Latn.tsv").read_text().splitlines()}
    assert words == {"wake", "early"}
    switched(store, tmp_path / "made", out)


def test_a_folder_with_other_files_stays(
    small_encoder: Path, demo_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("")
    settings = SentenceEncoderSettings(base=str(small_encoder))
    with pytest.raises(UsageError, match="holds other files"):
        induce(SourceText(demo_store, "en-US"), settings, ANYTHING, tmp_path)


def test_what_somebody_wrote_into_the_dictionaries_is_not_replaced(
    induced: Path, small_encoder: Path, demo_store: Store
) -> None:
    (induced / "en-de.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    (induced / "und-Latn.tsv").write_text("alarm\tWecker\n", encoding="utf-8")
    settings = SentenceEncoderSettings(base=str(small_encoder))
    with pytest.raises(UsageError, match=r"induced: en-de\.tsv, und-Latn\.tsv; name a new"):
        induce(SourceText(demo_store, "en-US"), settings, ANYTHING, induced)
    assert (induced / "en-de.tsv").exists()
    # What is damaged is made again.
    (induced / "en-de.tsv").unlink()
    (induced / INDUCED).write_text("{")
    induce(SourceText(demo_store, "en-US"), settings, ANYTHING, induced)
    assert Switch(lexicon=(str(induced),)).resources() == ()


def test_the_command(small_encoder: Path, tmp_path: Path) -> None:
    arguments = ["data", "induce", "--base", str(small_encoder), "--data", "demo"]
    arguments += ["--out", str(tmp_path / "out"), "--margin", "-9", "--cosine", "-1"]
    done = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made["dictionaries"]["und-Latn"]["pairs"] > 100
    # Once more in the same place, with another spelling.
    done = CliRunner().invoke(app, [*arguments, "--source", "en_us"])
    assert "und-Latn" in done.stdout
    assert InducedLexicons.read(tmp_path / "out").source == "en-US"  # type: ignore[union-attr]  # just made
    done = CliRunner().invoke(app, [*arguments, "--margin", "9"])
    assert done.exit_code == 0
    assert "no word has a translation" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--base", ""), "--base is empty"),
        (("--margin", "nan"), "--margin nan is not a finite number"),
        (("--source", "en-XX"), "the store demo has no locale 'en-XX'"),
    ],
)
def test_mistakes_on_the_command_line(
    arguments: tuple[str, ...], message: str, small_encoder: Path, tmp_path: Path
) -> None:
    given = ["data", "induce", "--base", str(small_encoder), "--data", "demo"]
    done = CliRunner().invoke(app, [*given, "--out", str(tmp_path / "out"), *arguments])
    assert message in str(done.exception)
    assert not (tmp_path / "out").exists()
