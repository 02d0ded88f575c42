"""A finished run that also reads texts word by word in its source language: `massive-kit gloss`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from massive_kit.data.lexicons.files import read_lemmas
from massive_kit.data.lexicons.glossaries import FOLDER, write_glossary
from massive_kit.data.lexicons.looked_up import Dictionaries
from massive_kit.data.lexicons.reversing import entry_counts, reversed_lexicon
from massive_kit.data.opening import open_task
from massive_kit.data.resources import check_allowed
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, recipe_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.own_task import own_task
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.runs.source_text import SourceText
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.kind import Facts, MemberRun, kind_of, kinds
from massive_kit.systems.recipes import parse_recipe

_KIND = "glossed"
# What the new run says of its model as the run did.
_KEPT = ("parameters", "parameters_without_embeddings")


@dataclass(frozen=True, slots=True)
class Glossing:
    """A finished run with dictionaries, checked and not yet written.

    Attributes:
        run: The finished run.
        recipe: The recipe of the glossed run.
        task_data: Its task, on the data whose words are counted.
        dictionaries: What its glossaries are made of.
    """

    run: RunFolder
    recipe: Recipe
    task_data: TaskData
    dictionaries: Dictionaries

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
            ConfigError: The run does not say how likely each label is, or more would be used than
                the task allows.
            DataError: What a folder says of dictionaries that were induced is damaged.
        """
        run = RunFolder(path)
        _check_kind(run)
        task_data = _opened(run, task, data)
        source = source or task_data.task.source_locale
        if source is None:
            raise UsageError(
                f"the task {task_data.task.name} has no source language; name the one that the"
                " dictionaries translate from with --source"
            )
        dictionaries = Dictionaries(lexicons, lemmas, source, [*task_data.store.parts])
        names = [file.path.name for file in dictionaries.files]
        dictionaries.check()
        title = str(run.facts()["title"])
        values = {
            "kind": _KIND,
            "title": f"{title} (glossed)",
            "run": str(path),
            "dictionaries": names,
            "induced": not dictionaries.resources,
            "weight": weight,
        }
        recipe = parse_recipe(values, "the glossed run")
        check_run(run, task_data)
        check_allowed(task_data.task, recipe_resources(recipe))
        return cls(run, recipe, task_data, dictionaries)

    def write(
        self, out: Path, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> Glossed:
        """Writes the new run into a directory, all at once or not at all.

        Args:
            out: The directory.
            progress: Called with how many dictionaries were read, and of how many.

        Raises:
            MassiveKitError: The directory holds something, or the run's model is damaged.
            MissingDataError: The data have no text of the source language.
            DataError: A dictionary is broken; every mistake is told.
            UsageError: No dictionary has a word of the text.
        """
        check_free(out)
        glossaries = self._glossaries(progress)
        run, kind = self.run, kinds()[_KIND]
        facts = run.facts()
        member = MemberRun(str(run.path), run.model, run.recipe(), load_system(run.path))
        used = self.dictionaries.used_files()

        def write_model(folder: Path) -> Facts:
            kind.assemble([member], folder)
            (folder / FOLDER).mkdir()
            for target, glosses in glossaries.items():
                write_glossary(folder / FOLDER, target, glosses)
            return {
                **{key: facts[key] for key in _KEPT if key in facts},
                "dictionaries": {
                    name: [asdict(file) for file in files] for name, files in used.items()
                },
            }

        made = RunOfRuns(
            (run,),
            self.recipe,
            self.task_data.task.model_dump(mode="json"),
            facts["data"],
            recipe_resources(self.recipe),
        )
        counts = {target: len(glosses) for target, glosses in glossaries.items()}
        return Glossed(made.write(out, write_model), counts)

    def _glossaries(self, progress: Callable[[int, int], None]) -> Mapping[str, Mapping[str, str]]:
        """By target, what stands for its words."""
        text = SourceText(
            self.task_data.store,
            self.dictionaries.source,
            (self.task_data.train.partition,),
        )
        lemmas = self.dictionaries.lemmas and read_lemmas(self.dictionaries.lemmas)
        counts = entry_counts(text.rows(), lemmas or None)
        glossaries = {}
        files = self.dictionaries.files
        for done, file in enumerate(files, start=1):
            glosses = reversed_lexicon(file.read(counts.keys()), counts)
            if glosses:
                glossaries[file.target] = glosses
            progress(done, len(files))
        if not glossaries:
            raise UsageError(
                f"no dictionary has a word of {self.dictionaries.source} in"
                f" {self.task_data.store.name}; look whether they are the right way round"
            )
        return glossaries


@dataclass(frozen=True, slots=True)
class Glossed:
    """What was made.

    Attributes:
        run: The new run.
        words: By language how many words have a gloss.
    """

    run: RunFolder
    words: Mapping[str, int]


def _check_kind(run: RunFolder) -> None:
    """Refuses a run that cannot read two texts at once."""
    run.facts()
    kind = kind_of(run.recipe())
    if kind.name == _KIND:
        problem = Problem(str(run.path), "it is glossed already", "the run that was glossed")
    elif kind.distributions:
        return
    else:
        expected = "a run that says how likely each label is, such as an encoder's"
        problem = Problem(str(run.path), f"a run of kind {kind.name}", expected)
    raise ConfigError("the run cannot be glossed", [problem])


def _opened(run: RunFolder, task: str | None, data: str | None) -> TaskData:
    store = data or run.facts()["data"]["name"]
    try:
        return open_task(load_task(task) if task else own_task(run), store)
    except MissingDataError as error:
        raise MissingDataError(
            f"{error}; name the data whose words are counted with --data"
        ) from None
