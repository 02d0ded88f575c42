"""A finished run that also reads texts word by word in its source language: `massive-kit gloss`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from massive_kit.data.lexicons.files import LexiconFile, read_lemmas
from massive_kit.data.lexicons.glossaries import FOLDER, GlossSettings, write_glossaries
from massive_kit.data.lexicons.looked_up import Dictionaries
from massive_kit.data.lexicons.reversing import entry_counts, reversed_lexicon
from massive_kit.data.lineage import UsedResource
from massive_kit.data.opening import open_task
from massive_kit.data.resources import check_allowed
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.runs.folder import RunFolder
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
# What the new run says of its model as the run did.
_KEPT = ("parameters", "parameters_without_embeddings")
# Dictionaries that a line names.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Glossing:
    """A finished run with dictionaries, checked and not yet written.

    Attributes:
        run: The finished run.
        recipe: The recipe of the glossed run.
        task_data: Its task, on the data whose words are counted.
        dictionaries: What its glossaries are made of.
        settings: What its glossaries are for.
    """

    run: RunFolder
    recipe: Recipe
    task_data: TaskData
    dictionaries: Dictionaries
    settings: GlossSettings

    @classmethod
    def of(
        cls,
        path: Path,
        lexicons: Sequence[str],
        *,
        lemmas: Path | None = None,
        weight: float = 0.5,
        task: str | None = None,
        data: str | None = None,
        source: str | None = None,
    ) -> Glossing:
        """Finds out whether a run can be had with glosses.

        Args:
            path: The run directory.
            lexicons: Dictionaries from the source language, as `lexicon_files` takes them.
            lemmas: A file with forms and lemmas of the source language.
            weight: Weight of what the run says of glosses.
            task: Another task that the new run is of; the run's own if not given.
            data: The store whose words are counted, where it is not found under the name that the
                run's data had.
            source: The locale that glosses are in; the task's source if not given.

        Raises:
            MissingDataError: The run has not ended, or its data are not found.
            UsageError: Dictionaries are missing or say no language, or the task has no source.
            ConfigError: The run does not say how likely each label is, was selected on other data,
                has not learnt labels of the source, or would use more than the task allows.
            DataError: What a folder says of dictionaries that were induced is damaged.
        """
        run = RunFolder(path)
        _check_kind(run)
        task_data = _opened(run, task, data)
        check_own_rows(run, task_data, other_task=task is not None, splits=("dev",))
        source = _source(run, task_data, source)
        dictionaries = Dictionaries(lexicons, lemmas, source, [*task_data.store.parts])
        names = dict.fromkeys(file.path.name for file in dictionaries.files)
        dictionaries.check()
        values = {
            "kind": _KIND,
            "title": f"{run.facts()['title']} (glossed)",
            "run": str(path),
            "source": source,
            "dictionaries": [*names],
            "used": [*dictionaries.resources],
            "weight": weight,
        }
        recipe = parse_recipe(values, "the glossed run")
        learnt = learnt_languages(run) or ()
        settings = GlossSettings(source, tuple(learnt), weight)
        glossing = cls(run, recipe, task_data, dictionaries, settings)
        check_run(run, task_data)
        check_allowed(task_data.task, glossing.used)
        return glossing

    @property
    def used(self) -> list[UsedResource]:
        """What the dictionaries are, beside what the run used."""
        return [*self.dictionaries.used("the dictionaries of --lexicon")]

    def write(
        self, out: Path, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> GlossedRun:
        """Writes the new run into a directory, all at once or not at all.

        Args:
            out: The directory.
            progress: Called with how many dictionaries were read, and of how many.

        Raises:
            MassiveKitError: The directory holds something, or the run's model is damaged.
            MissingDataError: The data have no text of the source language.
            ConfigError: The text is not the corpus's own.
            DataError: A dictionary is broken; every mistake is told.
            UsageError: No dictionary has a word of the text.
        """
        check_free(out)
        glossaries = self._glossaries(progress)
        run, kind, store = self.run, kinds()[_KIND], self.task_data.store
        facts = run.facts()
        member = MemberRun(str(run.path), run.model, run.recipe(), load_system(run.path))
        text = {
            "store": store.name,
            "hash": store.hash,
            "source": self.settings.source,
            "partitions": [self.task_data.train.partition],
        }
        files = self.dictionaries.used_files()

        def write_model(folder: Path) -> Facts:
            kind.assemble([member], folder)
            write_glossaries(folder / FOLDER, self.settings, glossaries)
            return {
                **{key: facts[key] for key in _KEPT if key in facts},
                "glosses": {
                    "text": text,
                    "files": {
                        name: [asdict(file) for file in used] for name, used in files.items()
                    },
                },
            }

        made = RunOfRuns(
            (run,),
            self.recipe,
            self.task_data.task.model_dump(mode="json"),
            facts["data"],
            self.used,
        )
        words = {file.target: len(glossaries.get(file.target, ())) for file in self._files}
        return GlossedRun(made.write(out, write_model), words)

    @property
    def _files(self) -> Sequence[LexiconFile]:
        return self.dictionaries.files

    def _glossaries(self, progress: Callable[[int, int], None]) -> Mapping[str, Mapping[str, str]]:
        """By target, what stands for its words."""
        store, source = self.task_data.store, self.settings.source
        text = SourceText(store, source, (self.task_data.train.partition,))
        lemmas = self.dictionaries.lemmas and read_lemmas(self.dictionaries.lemmas)
        counts = entry_counts(text.rows(), lemmas or None)
        glossaries = {}
        for done, file in enumerate(self._files, start=1):
            glosses = reversed_lexicon(file.read(counts.keys()), counts)
            if glosses:
                glossaries[file.target] = glosses
            progress(done, len(self._files))
        if not glossaries:
            names = ", ".join(file.path.name for file in self._files[:_SHOWN])
            more = f" and {len(self._files) - _SHOWN} more" * (len(self._files) > _SHOWN)
            raise UsageError(
                f"{names}{more}: no entry is a word of the {source} text of {store.name}; entries"
                f" stand first on a line, in {source}, their translations second"
            )
        return glossaries


@dataclass(frozen=True, slots=True)
class GlossedRun:
    """What was made.

    Attributes:
        run: The new run.
        words: By language, or script, how many words have a gloss; 0 where a dictionary has no word
            of the text.
    """

    run: RunFolder
    words: Mapping[str, int]


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
