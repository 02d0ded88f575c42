"""A finished run that also reads texts word by word in its source language: `massive-kit gloss`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.lexicons.glossaries import FOLDER, GlossSettings
from massive_kit.data.lexicons.glossing import MOST_CHOICES
from massive_kit.data.lexicons.looked_up import Dictionaries
from massive_kit.data.lineage import UsedResource
from massive_kit.data.opening import open_task
from massive_kit.data.resources import check_allowed
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.gloss_making import (
    GlossesOfBoth,
    GlossesOfDictionaries,
    GlossesOfEncoder,
    GlossMaker,
)
from massive_kit.runs.lineage import check_run, learnt_languages
from massive_kit.runs.loading import load_system
from massive_kit.runs.own_task import check_own_rows, own_task
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.runs.source_text import SourceText
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.kind import Facts, MemberRun, kind_of, kinds
from massive_kit.systems.recipes import parse_recipe

_KIND = "glossed"
# What the new run says of its model as the run did, with what an encoder adds.
_KEPT = ("parameters", "parameters_without_embeddings")
# Of what is said of glosses, where nothing else is given.
WEIGHT, WEIGHT_OF_ENCODER = 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Glossing:
    """A finished run with what glosses its texts, checked and not yet written.

    Attributes:
        run: The finished run.
        recipe: The recipe of the glossed run.
        task_data: Its task, on the data whose words are counted.
        maker: What its texts are glossed by.
        settings: What its glosses are for.
    """

    run: RunFolder
    recipe: Recipe
    task_data: TaskData
    maker: GlossMaker
    settings: GlossSettings

    @classmethod
    def of(
        cls,
        path: Path,
        lexicons: Sequence[str] = (),
        *,
        lemmas: Path | None = None,
        encoder: GlossesOfEncoder | None = None,
        weight: float | None = None,
        task: str | None = None,
        data: str | None = None,
        source: str | None = None,
    ) -> Glossing:
        """Finds out whether a run can be had with glosses.

        Args:
            path: The run directory.
            lexicons: Dictionaries from the source language, as `lexicon_files` takes them.
            lemmas: A file with forms and lemmas of the source language, beside dictionaries.
            encoder: What glosses texts in the place of dictionaries, or beside them.
            weight: Weight of what the run says of glosses; `WEIGHT` if not given, or
                `WEIGHT_OF_ENCODER` without dictionaries.
            task: Another task that the new run is of; the run's own if not given.
            data: The store whose words are counted, where it is not found under the name that the
                run's data had.
            source: The locale that glosses are in; the task's source if not given.

        Raises:
            MissingDataError: The run has not ended, or its data or a dictionary are not found.
            UsageError: There is nothing that glosses; lemmas are named without a dictionary; a
                dictionary says no language; or the task has no source.
            ConfigError: The run does not say how likely each label is, was selected on other data,
                has not learnt labels of the source, or would use more than the task allows.
            DataError: What a folder says of dictionaries that were induced is damaged.
        """
        if lemmas and not lexicons:
            raise UsageError("lemmas are looked up in dictionaries; name them with --lexicon")
        if not encoder and not lexicons:
            raise UsageError("nothing glosses; name dictionaries with --lexicon, or --base ENCODER")
        run = RunFolder(path)
        _check_kind(run)
        task_data = _opened(run, task, data)
        check_own_rows(run, task_data, other_task=task is not None, splits=("dev",))
        source = _source(run, task_data, source)
        maker = _maker(lexicons, lemmas, encoder, source, task_data)
        if weight is None:
            weight = WEIGHT if lexicons else WEIGHT_OF_ENCODER
        values = {
            "kind": _KIND,
            "title": f"{run.facts()['title']} (glossed)",
            "run": str(path),
            "source": source,
            "weight": weight,
            **maker.values(),
        }
        recipe = parse_recipe(values, "the glossed run")
        learnt = learnt_languages(run) or ()
        settings = GlossSettings(source, tuple(learnt), weight)
        glossing = cls(run, recipe, task_data, maker, settings)
        check_run(run, task_data)
        check_allowed(task_data.task, glossing.used)
        return glossing

    @property
    def used(self) -> list[UsedResource]:
        """What glosses use, beside what the run used."""
        return self.maker.used

    def write(
        self, out: Path, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> GlossedRun:
        """Writes the new run into a directory, all at once or not at all.

        Args:
            out: The directory.
            progress: Called with how many dictionaries, or texts, were read, and of how many.

        Raises:
            MassiveKitError: The directory holds something, or the run's model is damaged.
            MissingDataError: The data have no text of the source language.
            ConfigError: The text is not the corpus's own.
            DataError: A dictionary is broken, or none has a word of the text; every mistake is
                told.
            UsageError: No word of the text occurs often enough.
        """
        check_free(out)
        store, source = self.task_data.store, self.settings.source
        partition = self.task_data.train.partition
        made_glosses = self.maker.make(SourceText(store, source, (partition,)), progress)
        run, kind = self.run, kinds()[_KIND]
        facts = run.facts()
        member = MemberRun(str(run.path), run.model, run.recipe(), load_system(run.path))
        text = {
            "store": store.name,
            "hash": store.hash,
            "source": source,
            "partitions": [partition],
        }

        def write_model(folder: Path) -> Facts:
            kind.assemble([member], folder)
            made_glosses.write(folder / FOLDER, self.settings)
            return {
                **{
                    key: facts[key] + made_glosses.parameters.get(key, 0)
                    for key in _KEPT
                    if key in facts
                },
                "glosses": {"text": text, **made_glosses.facts},
            }

        made = RunOfRuns(
            (run,),
            self.recipe,
            self.task_data.task.model_dump(mode="json"),
            facts["data"],
            self.used,
        )
        written = made.write(out, write_model)
        return GlossedRun(written, made_glosses.words, made_glosses.encoder_words, source)


@dataclass(frozen=True, slots=True)
class GlossedRun:
    """What was made.

    Attributes:
        run: The new run.
        words: By language, or script, how many words have a gloss, 0 where a dictionary has no word
            of the text.
        encoder_words: How many words of the source an encoder glosses by; `None` without one.
        source: The locale that glosses are in.
    """

    run: RunFolder
    words: Mapping[str, int]
    encoder_words: int | None
    source: str


def _maker(
    lexicons: Sequence[str],
    lemmas: Path | None,
    encoder: GlossesOfEncoder | None,
    source: str,
    task_data: TaskData,
) -> GlossMaker:
    if encoder and not lexicons:
        return encoder
    dictionaries = Dictionaries(lexicons, lemmas, source, [*task_data.store.parts])
    dictionaries.check()
    if not encoder:
        return GlossesOfDictionaries(dictionaries)
    return GlossesOfBoth(GlossesOfDictionaries(dictionaries, MOST_CHOICES), encoder)


def _check_kind(run: RunFolder) -> None:
    """Refuses a run that cannot read two texts at once."""
    run.facts()
    recipe = run.recipe()
    kind = kind_of(recipe)
    if kind.name == _KIND:
        glossed = recipe.model_dump()["run"]
        problem = Problem(str(run.path), "it is glossed already", f"a run that is not: {glossed}")
    elif kind.distributions:
        return
    else:
        expected = "a run that says how likely each label is, such as an encoder's"
        problem = Problem(str(run.path), f"a run of kind {kind.name}", expected)
    raise ConfigError("the run cannot be glossed", [problem])


def _opened(run: RunFolder, task: str | None, data: str | None) -> TaskData:
    loaded = load_task(task) if task else own_task(run)
    name = data or run.facts()["data"]["name"]
    names = name.split(" + ")
    if len(names) > 1:
        raise UsageError(
            f"the runs in {run.path} were trained on {' and '.join(names)}; name the one whose"
            " words are counted with --data"
        )
    try:
        return open_task(loaded, name)
    except MissingDataError as error:
        raise MissingDataError(
            f"{error}; name the data whose words are counted with --data"
        ) from None


def _source(run: RunFolder, task_data: TaskData, source: str | None) -> str:
    """The locale that glosses are in, whose labels the run has learnt."""
    task, store = task_data.task, task_data.store
    named = source or task.source_locale
    if named is None:
        raise UsageError(
            f"the task {task.name} has no source language; name the one that the dictionaries"
            " translate from with --source"
        )
    (locale,) = LanguageTable.shipped().find([named], store.parts, f"the store {store.name}")
    learnt = learnt_languages(run)
    if learnt is not None and locale not in learnt:
        problem = Problem(
            "--source", locale, f"a language whose labels it has: {', '.join(learnt)}"
        )
        raise ConfigError(f"{run.path} has not learnt the language of the glosses", [problem])
    return locale
