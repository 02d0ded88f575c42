"""A finished run as an ONNX graph with its tokenizer: a run of the same name and lineage."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, ContentError, Problem
from massive_kit.exports.onnx.gate import GateLimits, GateResult, GateSample, Reading
from massive_kit.exports.onnx.ladder import Ladder
from massive_kit.exports.onnx.quantising import Quantisable
from massive_kit.exports.onnx.trial import Trial
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import Kind, kind_of, kinds
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.subwords.portable import FILES, GRAPH

# Told what is being done.
Note = Callable[[str], None]
_FULL_PRECISION = "training.precision"


@dataclass(frozen=True, slots=True)
class Export:
    """An export that passed.

    Attributes:
        folder: Where it is.
        gate: How it compares with its run.
        taken: What was made smaller, and how.
        bytes: Of graph and tokenizer.
    """

    folder: RunFolder
    gate: GateResult
    taken: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Exporter:
    """What is needed to export a run.

    Attributes:
        run: The finished run.
        recipe: Its recipe.
        kind: Its kind.
        task_data: Its task, whose text is compared.
        sample: What is compared.
        limits: What may be lost.
        note: Told what is being done.
    """

    run: RunFolder
    recipe: Recipe
    kind: Kind
    task_data: TaskData
    sample: GateSample
    limits: GateLimits
    note: Note

    @classmethod
    def of(
        cls, path: Path, task_data: TaskData, *, rows: int, limits: GateLimits, note: Note
    ) -> Exporter:
        """Finds out whether a run can be exported.

        Raises:
            MissingDataError: The run has not ended, or there is no text to compare on.
            ConfigError: Its kind has no such form.
        """
        run = RunFolder(path)
        recipe = run.recipe()
        run.facts()
        kind = kind_of(recipe)
        if not kind.portable_path:
            able = ", ".join(name for name, other in kinds().items() if other.portable_path)
            problem = Problem(str(path), f"a run of kind {kind.name}", f"one of kind {able}")
            raise ConfigError("the run cannot be exported", [problem])
        return cls(run, recipe, kind, task_data, GateSample.of(task_data, rows), limits, note)

    def write(self, out: Path, *, int8: bool = False) -> Export:
        """Writes the export into a new directory, all at once or not at all.

        Args:
            out: The directory.
            int8: Whether weights become 8-bit integers, where the export still passes.

        Raises:
            MassiveKitError: The directory holds something.
            ConfigError: The run predicts by what is not exported.
            ContentError: The export reads other than the run.
        """
        check_free(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
            return self._write(Path(name), out, int8=int8)

    def _write(self, work: Path, out: Path, *, int8: bool) -> Export:
        self.note("writing the graph")
        model = self.kind.write_portable(self.recipe, self.run.model, work)
        precision = "int8" if int8 else "float32"
        recipe = self._exported_recipe(model | {"precision": precision})
        self.note(f"reading {len(self.sample.utterances):,} utterances with the run, then without")
        trial = Trial(work, recipe, self.sample, self._readings_of_run(), self.limits)
        gate = trial.gate()
        taken: tuple[str, ...] = ()
        if not gate.passed:
            raise _refusal(gate, "the graph in float32")
        if int8:
            attempt = Ladder(Quantisable.read(work / GRAPH), trial, self.note).climb()
            gate, taken = attempt.gate, attempt.way.words()
            if not gate.passed:
                raise _refusal(gate, "the graph with weights in 8 bits")
        facts = {
            **_carried(self.run.facts()),
            "export": {"precision": precision, "taken": [*taken], **gate.facts()},
        }
        made = RunOfRuns((self.run,), recipe, self.run.task(), self.run.facts()["data"])
        made.write(out, lambda folder: _moved(work, folder, facts))
        size = sum((RunFolder(out).model / name).stat().st_size for name in FILES)
        return Export(RunFolder(out), gate, taken, size)

    def _exported_recipe(self, model: dict[str, Any]) -> Recipe:
        about = self.recipe.model_dump(mode="json", include={"title", "published", "note"})
        values = {**about, "kind": self.kind.portable_kind, "model": model}
        return parse_recipe(values, f"the export of {self.run.path}")

    def _readings_of_run(self) -> list[Reading]:
        # The graph computes in float32; the run may do so in bf16.
        free = _FULL_PRECISION in self.kind.prediction_keys
        system = load_system(self.run.path, [f"{_FULL_PRECISION}=fp32"] if free else ())
        return self.sample.readings(system)


def _refusal(gate: GateResult, what: str) -> ContentError:
    """Why an export does not pass, with the locales that fell, the worst first."""
    limits, total = gate.limits, gate.total
    problems = [
        Problem(
            part.locale,
            f"{part.agreement:.1f} % of {part.rows:,} utterances are read as the run reads them"
            + (f", {part.loss:+.2f} points of exact match lost" if part.labelled else ""),
            f"at least {limits.agreement:g} %"
            + (f", at most {limits.loss:g} points lost" if part.labelled else ""),
        )
        for part in gate.fallen
    ]
    if total.loss > limits.loss:
        found = f"{total.loss:.2f} points of exact match lost on {total.labelled:,} labelled rows"
        problems.append(Problem("all locales", found, f"at most {limits.loss:g}"))
    return ContentError(f"{what} does not read as the run does; nothing is written", problems)


def _carried(facts: dict[str, Any]) -> dict[str, Any]:
    """What is true of the export because it is of the run."""
    names = ("parameters", "parameters_without_embeddings", "train_rows")
    return {name: facts[name] for name in names if name in facts}


def _moved(work: Path, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    for path in work.iterdir():
        shutil.move(path, folder / path.name)
    (folder / GRAPH).chmod((folder / FILES[-1]).stat().st_mode)
    return facts
