"""Self-learning: what users said to a run becomes rows, labelled by what they meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from massive_kit.data.derivation import Derived, derive
from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.feedback.carrying import Carrying, Matcher, ParallelIds
from massive_kit.feedback.rephrased_texts import rephrased_texts
from massive_kit.feedback.rephrases import Rephrases
from massive_kit.languages import LanguageTable
from massive_kit.runs.lineage import facts_of_parents, run_resources
from massive_kit.runs.named_runs import named_run
from massive_kit.runs.pseudo_labelling import RunTeacher, RunThatLabels, labelling_run

_PARTITION = "train"


@dataclass(frozen=True, slots=True)
class CarryingSettings:
    """How labels are carried into other languages.

    Attributes:
        into: The locales whose text is labelled by what was said in others.
        by: Through the `ids` of a parallel corpus, or by `retrieval`.
        encoder: Of retrieval, a sentence encoder: a folder, a name on the hub, or a run; by default
            the run that users talked to.
        prefix: Of retrieval, what the encoder wants before each text.
        cosine: Of retrieval, the least cosine.
    """

    into: tuple[str, ...] = ()
    by: Literal["ids", "retrieval"] = "ids"
    encoder: str | None = None
    prefix: str = ""
    cosine: float = 0.6


def label_rephrases(
    store: Store,
    run: Path,
    sessions: Sequence[Path],
    target: Path,
    *,
    name: str,
    languages: LanguageTable,
    locales: Sequence[str] | None = None,
    confidence: float = 0.6,
    carrying: CarryingSettings | None = None,
    overwrite: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Derived:
    """Writes a store of the rows that a run was trained on and of what users said to it.

    Args:
        store: The rows of the run's own locales, and the labels.
        run: The run that users talked to, or whose predictions they were simulated around.
        sessions: Files of sessions.
        target: Folder of the new store.
        name: What the new store is called.
        languages: What locales there are.
        locales: Only what was said in these; by default in all.
        confidence: Texts that are less sure are left out.
        carrying: How labels are carried into other languages; by default they are not.
        overwrite: As that of `derive`.
        progress: Called with each locale when it is written.

    Raises:
        MissingDataError: A file or the run is not there, or no session fits.
        DataError: Sessions are wrong.
        ConfigError: The run has learnt the labels of all ids, or has other labels than the store.
        UsageError: The run has learnt no labels, or a number is out of its range.
    """
    behind = labelling_run(run)
    settings = carrying or CarryingSettings()
    ids = _ids_not_learnt(behind.run) if settings.into and settings.by == "ids" else None
    _check_targets(store, behind, settings)
    transform = Rephrases(
        rephrased_texts(sessions, languages),
        behind.run,
        behind.sources,
        tuple(sessions),
        confidence,
        settings.into,
        settings.by if settings.into else None,
        None if ids is None else ids.to_json(),
        _carrying(store, run, settings, ids) if settings.into else None,
    )
    return derive(
        store,
        transform,
        target,
        name=name,
        locales=locales,
        overwrite=overwrite,
        progress=progress,
    )


def _ids_not_learnt(run: LabellingRun) -> IdSplit:
    """The ids whose labels a run has not learnt in any language.

    Raises:
        ConfigError: It has learnt them all.
    """
    splits = {used.ids for used in run.used if used.resource == "target-labels"}
    (ids,) = splits if len(splits) == 1 else (None,)
    if ids is None:
        problem = Problem(
            f"run {run.name}",
            "it has learnt the labels of all ids, which mean the same in every language",
            "a run that left some out",
            "train it with -o objective.pairs.ids=0.5, or take --by retrieval",
        )
        raise ConfigError("no id may be read in several languages", [problem])
    return ids


def _check_targets(store: Store, behind: RunThatLabels, settings: CarryingSettings) -> None:
    if not 0 <= settings.cosine <= 1:
        raise UsageError("--cosine is between 0 and 1")
    learnt = [locale for locale in settings.into if locale in behind.sources]
    if learnt:
        raise UsageError(f"--into {learnt[0]}: the run has learnt the labels of that locale")
    lacking = [name for name in settings.into if _PARTITION not in store.parts.get(name, {})]
    if lacking:
        raise MissingDataError(f"{store.name} has no {_PARTITION} text of {', '.join(lacking)}")


def _carrying(store: Store, run: Path, settings: CarryingSettings, ids: IdSplit | None) -> Carrying:
    reader = RunTeacher.load(run)
    if {*reader.inventory.labels} - {*store.inventory.labels}:
        problem = Problem(f"run {run}", "it knows other labels", f"those of {store.name}")
        raise ConfigError("the run does not fit the store", [problem])
    matcher: Matcher
    if ids is not None:
        matcher = ParallelIds(store, _PARTITION, ids)
        return Carrying(matcher, reader)
    from massive_kit.feedback.nearest_texts import NearestTexts
    from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
    from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

    folder = named_run(str(run) if settings.encoder is None else settings.encoder, "--encoder")
    no_vectors = folder is None or not (folder.model / "tokenizer.json").is_file()
    if settings.encoder is None and no_vectors:
        raise UsageError(f"{run} makes no vectors of texts; name an encoder with --encoder")
    base = str(settings.encoder if folder is None else folder.model)
    encoder = SentenceEncoder.load(SentenceEncoderSettings(base=base, prefix=settings.prefix))
    further: tuple[LabellingRun, ...] = ()
    if folder is not None and settings.encoder is not None:
        (facts,) = facts_of_parents([folder])
        further = (LabellingRun(str(folder.path), run_resources(folder), facts),)
    return Carrying(NearestTexts(encoder, settings.cosine), reader, further)
