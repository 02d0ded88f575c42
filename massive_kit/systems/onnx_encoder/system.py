"""An exported encoder at work: `tokenizers` cuts texts, `onnxruntime` computes the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import places as flat_places
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.length_batches import length_batches
from massive_kit.errors import (
    ConfigError,
    ContentError,
    MassiveKitError,
    MissingExtraError,
    Problem,
)
from massive_kit.systems.interface import ConfidentPrediction, Prediction, Utterance
from massive_kit.systems.onnx_encoder.files import ModelFiles
from massive_kit.systems.onnx_encoder.recipe import OnnxEncoderRecipe
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.subwords.alignment import AlignedSubwords, align_tokens
from massive_kit.systems.subwords.portable import (
    CONFIDENCES,
    INPUTS,
    INTENT_LOGITS,
    INTENTS,
    LABELS,
    OUTPUTS,
    SLOT_LOGITS,
    TOKENIZER,
    ReadingSettings,
)
from massive_kit.systems.subwords.rows import BatchPlaces, padded, speaking_subwords, token_labels
from massive_kit.systems.subwords.word_places import reached, shared_subwords, word_places


@dataclass(frozen=True, slots=True)
class OnnxEncoderSystem:
    """A graph with its tokenizer.

    Attributes:
        session: What computes the graph.
        tokenizer: The one it was trained with, a `tokenizers.Tokenizer`.
        inventory: The labels it knows.
        reading: How utterances become subwords.
        shapes: Inputs and outputs of each product with weights, where they are known.
        budget: Most padded subwords of a batch.
    """

    session: Any
    tokenizer: Any
    inventory: Inventory
    reading: ReadingSettings
    shapes: Sequence[tuple[int, int]] = ()
    budget: int = 8192

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> OnnxEncoderSystem:
        """The system in a model folder, whose files are read as hostile.

        Args:
            folder: The folder.
            threads: How many threads compute it; as many as there are cores by default.

        Raises:
            MissingExtraError: What computes it is not installed.
            ContentError: A file is not what the export writes.
            MassiveKitError: The files do not fit together.
        """
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError:
            raise MissingExtraError("deploy", "predicting with an exported model") from None
        files = ModelFiles.checked(folder)
        with _readable(folder / TOKENIZER):
            tokenizer = Tokenizer.from_str(files.tokenizer)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        # Sizes of utterances vary, and memory for the largest would be kept for good.
        options.enable_mem_pattern = False
        with _readable(files.graph):
            session = onnxruntime.InferenceSession(
                str(files.graph), options, providers=["CPUExecutionProvider"]
            )
        _check_ends(session, files)
        return cls(session, tokenizer, files.inventory, files.reading)

    @property
    def character_locales(self) -> frozenset[str]:
        """Locales whose tokens are characters."""
        return frozenset(self.reading.character_locales)

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order; computed all at once, longest with longest."""
        for prediction, _ in self._predicted(utterances):
            yield prediction

    def predict_confidently(
        self, utterances: Sequence[Utterance], *, smoothing: float = 0.0, seed: int = 0
    ) -> Iterator[ConfidentPrediction]:
        """As `predict`, and how sure the model is.

        Args:
            utterances: The utterances.
            smoothing: 0; an exported model cuts texts in the best way alone.
            seed: Of nothing.

        Raises:
            ConfigError: Other cuts are asked for.
        """
        del seed
        if smoothing:
            problem = Problem("recipe", "kind is onnx_encoder", "a run that is no export")
            raise ConfigError("an exported model draws no other cuts of texts", [problem])
        for prediction, confidence in self._predicted(utterances):
            yield ConfidentPrediction(prediction, confidence)

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        """The logarithms of the probabilities of all intents, and of the labels of each token.

        Args:
            utterances: The utterances.
            asked: Hidden states, which an exported model does not show.
            progress: Called with the number of utterances of each batch when it is computed.

        Raises:
            ConfigError: Hidden states are asked for.
        """
        if asked is not None:
            problem = Problem("recipe", "kind is onnx_encoder", "the run that was exported")
            raise ConfigError("an exported model shows no hidden states", [problem])
        data = self.encoded(utterances)
        inventory = self.inventory
        intents = np.zeros((len(utterances), len(inventory.intents)), np.float32)
        labels = np.zeros((len(data.positions), len(inventory.labels)), np.float32)
        names = [INTENT_LOGITS, SLOT_LOGITS] if inventory.intents else [SLOT_LOGITS]
        for rows, batch in self._batches(data):
            result = self._run(batch, names)
            self._check_logits(result, batch["input_ids"].shape)
            if inventory.intents:
                intents[rows] = _log_softmax(result[INTENT_LOGITS])
            of_subwords = result[SLOT_LOGITS].reshape(-1, labels.shape[1])
            flat = flat_places(data.token_offsets, rows)
            labels[flat] = _log_softmax(of_subwords[word_places(data, rows)])
            if progress:
                progress(len(rows))
        return LabelDistributions(
            intents,
            labels,
            data.token_offsets,
            reached(data),
            shared=shared_subwords(data),
        )

    def products(self) -> Sequence[tuple[int, int]]:
        """Inputs and outputs of each product with weights."""
        return self.shapes

    def subword_counts(self, utterances: Sequence[Utterance]) -> Sequence[int]:
        """Subwords of each utterance."""
        return [*map(int, np.diff(self.encoded(utterances).subword_offsets))]

    def encoded(self, utterances: Sequence[Utterance]) -> AlignedSubwords:
        """Utterances as subwords."""
        return align_tokens(
            self.tokenizer,
            [utterance.text for utterance in utterances],
            [utterance.tokens for utterance in utterances],
            placement=self.reading.placement,
            max_length=self.reading.max_pieces,
        )

    def _predicted(self, utterances: Sequence[Utterance]) -> Iterator[tuple[Prediction, float]]:
        data = self.encoded(utterances)
        yield from self._computed(data).predictions(utterances, data.token_offsets, self.inventory)

    def _batches(
        self, data: AlignedSubwords
    ) -> Iterator[tuple[NDArray[np.int64], dict[str, NDArray[Any]]]]:
        """Rows of like length, and what the graph takes of them."""
        lengths = np.diff(data.subword_offsets)
        spoken, special = speaking_subwords(data), np.array(self.reading.special, np.int32)
        order = np.argsort(lengths, kind="stable")
        for rows in length_batches(lengths, order, self.budget):
            places = BatchPlaces.of(data, rows)
            batch = padded(data, places, special, self.reading.pad)
            batch["speaking"] = spoken[places.at] & places.inside
            yield rows, batch

    def _computed(self, data: AlignedSubwords) -> PredictedLabels:
        count = len(data.subword_offsets) - 1
        intents = np.full(count, -1, np.int32)
        confidences = np.zeros(count, np.float32)
        labels = np.zeros(len(data.subwords), np.int16)
        for rows, batch in self._batches(data):
            result = self._run(batch, [INTENTS, LABELS, CONFIDENCES])
            self._check_labels(result, batch["input_ids"].shape)
            intents[rows] = result[INTENTS]
            confidences[rows] = result[CONFIDENCES]
            places = BatchPlaces.of(data, rows)
            labels[places.at[places.inside]] = result[LABELS][places.inside]
        return PredictedLabels(intents, token_labels(labels, data, self.inventory), confidences)

    def _run(self, batch: dict[str, NDArray[Any]], names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Some of what the graph says of a batch."""
        taken = {entry.name for entry in self.session.get_inputs()}
        try:
            values = self.session.run([*names], {name: batch[name] for name in taken})
        except Exception as error:  # of the runtime's own, which have no common base
            raise MassiveKitError(
                f"the exported model cannot be computed: {str(error).splitlines()[0]};"
                " export it again"
            ) from error
        return dict(zip(names, values, strict=True))

    def _check_labels(self, result: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> None:
        low, high = (0 if self.inventory.intents else -1), len(self.inventory.intents)
        fits = (
            result[INTENTS].shape == result[CONFIDENCES].shape == shape[:1]
            and result[LABELS].shape == shape
            and _within(result[INTENTS], low, high or 0)
            and _within(result[LABELS], 0, len(self.inventory.labels))
        )
        if not fits:
            raise _foreign_labels()

    def _check_logits(self, result: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> None:
        wanted = {SLOT_LOGITS: (*shape, len(self.inventory.labels))}
        if self.inventory.intents:
            wanted[INTENT_LOGITS] = (shape[0], len(self.inventory.intents))
        if any(result[name].shape != size for name, size in wanted.items()):
            raise _foreign_labels()


def load(folder: Path, recipe: OnnxEncoderRecipe) -> OnnxEncoderSystem:
    """The system in a model folder, as its recipe says."""
    return replace(OnnxEncoderSystem.load(folder, recipe.threads), shapes=recipe.model.products)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Tells what a library says of a file that it cannot read."""
    try:
        yield
    except Exception as error:
        problem = Problem(str(path), str(error).splitlines()[0], todo="export the run again")
        raise ContentError(f"{path} cannot be read", [problem]) from error


def _foreign_labels() -> MassiveKitError:
    return MassiveKitError(
        "the exported model gives labels that its inventory lacks; export it again"
    )


def _within(values: NDArray[Any], low: int, end: int) -> bool:
    return not values.size or (int(values.min()) >= low and int(values.max()) < end)


def _log_softmax(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Logarithms of the probabilities that logits stand for, over the last axis."""
    shifted = logits.astype(np.float32) - logits.max(axis=-1, keepdims=True)
    logarithms: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logarithms


def _check_ends(session: Any, files: ModelFiles) -> None:
    """Refuses a graph that takes or gives something else than the export's."""
    inputs = {entry.name for entry in session.get_inputs()}
    outputs = {entry.name: entry.shape for entry in session.get_outputs()}
    wanted = {*OUTPUTS} if files.inventory.intents else {*OUTPUTS} - {INTENT_LOGITS}
    where, todo = str(files.graph), "export the run again"
    problems = []
    if not inputs <= {*INPUTS}:
        problems.append(Problem(where, f"inputs {_listed(inputs)}", _listed(INPUTS), todo))
    if outputs.keys() != wanted:
        problems.append(Problem(where, f"outputs {_listed(outputs)}", _listed(wanted), todo))
    widths = {
        INTENT_LOGITS: len(files.inventory.intents),
        SLOT_LOGITS: len(files.inventory.labels),
    }
    for name, width in widths.items():
        shape = outputs.get(name)
        # A width that the graph leaves open is seen when it is computed.
        if shape and isinstance(shape[-1], int) and shape[-1] != width:
            found = f"{name} of {shape[-1]}"
            problems.append(Problem(where, found, f"{width}, as inventory.json", todo))
    if problems:
        raise ConfigError(f"{where} is not an exported encoder", problems)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))
