"""Self-learning: what users said to a run becomes rows, labelled by what they meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from massive_kit.data.derivation import Derived, derive
from massive_kit.data.store import Store
from massive_kit.feedback.rephrased_texts import rephrased_texts
from massive_kit.feedback.rephrases import Rephrases
from massive_kit.languages import LanguageTable
from massive_kit.runs.pseudo_labelling import labelling_run


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
    progress: Callable[[str], None] | None = None,
) -> Derived:
    """Writes a store of the rows that a run was trained on and of what users said to it.

    Args:
        store: The rows of the run's own locales, and the labels.
        run: The run that users talked to, or whose predictions they were simulated around.
        sessions: Files of sessions.
        target: Folder of the new store; an older store there is replaced.
        name: What the new store is called.
        languages: What locales there are.
        locales: Only these; by default all.
        confidence: Texts that are less sure are left out.
        progress: Called with each locale when it is written.

    Raises:
        MissingDataError: A file or the run is not there, or no session fits.
        DataError: Sessions are wrong.
        UsageError: The run has learnt no labels, or a number is out of its range.
    """
    behind = labelling_run(run)
    transform = Rephrases(
        rephrased_texts(sessions, languages),
        behind.run,
        behind.sources,
        tuple(sessions),
        confidence,
    )
    return derive(store, transform, target, name=name, locales=locales, progress=progress)
