"""The encoder family as a system."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.tokenizers import backend_of, load_tokenizer
from massive_kit.errors import MassiveKitError
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_utterances
from massive_kit.systems.encoder.distributions import label_distributions
from massive_kit.systems.encoder.inference import BUDGET, IntentPrior, infer
from massive_kit.systems.encoder.inference_settings import Inference
from massive_kit.systems.encoder.intent_centring import LanguageShifts
from massive_kit.systems.encoder.intent_neighbours import FOLDER, NeighbourVotes
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.label_offsets import LabelOffsets
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.saved_vocabulary import read_full_ids, unknown_subwords
from massive_kit.systems.encoder.subword_sampling import SegmentationSampler
from massive_kit.systems.encoder.transitions import LabelTransitions
from massive_kit.systems.interface import ConfidentPrediction, Prediction, Utterance
from massive_kit.systems.label_transitions import Transitions
from massive_kit.systems.model_size import linear_shapes
from massive_kit.systems.subwords.alignment import Segmenter
from massive_kit.systems.subwords.placement import Placement

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EncoderSystem:
    """A joint model with its tokenizer.

    Attributes:
        model: In evaluation mode, on its device.
        tokenizer: The one it was trained with.
        inventory: The labels it knows.
        precision: bf16 or fp32.
        placement: Which subword speaks for a token.
        budget: Most padded subwords of a batch.
        neighbours: Training rows that have a say in the intent.
        shifts: What moves the vectors of languages to where intents were learnt.
        offsets: What moves the labels of languages to the rates that they were learnt with.
        transitions: Shape (labels, labels), what is added where the second label follows the first.
        trimmed: Whether its vocabulary was trimmed, so that text may have letters it does not know.
    """

    model: JointModel
    tokenizer: Any
    inventory: Inventory
    precision: str
    placement: Placement
    budget: int = BUDGET
    neighbours: NeighbourVotes | None = None
    shifts: LanguageShifts | None = None
    offsets: LabelOffsets | None = None
    transitions: Transitions | None = None
    trimmed: bool = False

    @classmethod
    def load(
        cls,
        folder: Path | str,
        precision: str = "auto",
        placement: Placement | None = None,
        inference: Inference | None = None,
    ) -> EncoderSystem:
        """The system in a model folder; it places tokens as in training if not told otherwise.

        Raises:
            MassiveKitError: The folder's files do not fit together.
        """
        quiet()
        folder = Path(folder)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = JointModel.from_pretrained(folder, use_safetensors=True).to(device).eval()
        inventory = read_inventory(folder)
        config = model.config
        if (tuple(config.intents), tuple(config.labels)) != (inventory.intents, inventory.labels):
            raise MassiveKitError(
                f"the model in {folder} cannot be loaded: config.json and inventory.json name"
                " different labels; train again"
            )
        precision = choose_precision(precision)
        voters = None
        inference = inference or Inference()
        neighbours = inference.neighbours
        if neighbours is not None and neighbours.weight != 0:
            count = len(inventory.intents)
            voters = NeighbourVotes.load(folder / FOLDER, neighbours, count, precision)
        shifts = None
        if inference.centring is not None:
            shifts = LanguageShifts.load(folder, int(model.body.config.hidden_size))
        offsets = None
        if inference.label_rates is not None:
            offsets = LabelOffsets.load(folder, len(inventory.intents), len(inventory.labels))
        transitions = None
        if inference.transitions is not None and inference.transitions.weight:
            known = LabelTransitions.load(folder, inventory)
            transitions = np.float32(inference.transitions.weight) * known.ratios
        return cls(
            model,
            load_tokenizer(folder),
            inventory,
            precision,
            placement or Placement(model.config.placement),
            neighbours=voters,
            shifts=shifts,
            offsets=offsets,
            transitions=transitions,
            trimmed=read_full_ids(folder) is not None,
        )

    @property
    def character_locales(self) -> frozenset[str]:
        """Locales whose tokens are characters."""
        return frozenset(self.model.config.character_locales)

    @property
    def allowed_labels(self) -> Sequence[Sequence[int]]:
        """For each intent the labels that may stand with it; empty where any may."""
        allowed: Sequence[Sequence[int]] = self.model.config.allowed_labels or ()
        return allowed

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order; computed all at once, longest with longest."""
        for prediction, _ in self._predicted(utterances, None, confident=False):
            yield prediction

    def predict_confidently(
        self, utterances: Sequence[Utterance], *, smoothing: float = 0.0, seed: int = 0
    ) -> Iterator[ConfidentPrediction]:
        """As `predict`, and how sure the model is, the votes of neighbours included.

        Args:
            utterances: The utterances.
            smoothing: With a value above 0 they are cut into other subwords, drawn by their
                unigram probability to this power.
            seed: Of these draws.

        Raises:
            ConfigError: The tokenizer is none of a unigram model.
        """
        segmenter = None
        if smoothing:
            backend = backend_of(self.tokenizer)
            segmenter = SegmentationSampler(backend, smoothing, np.random.default_rng(seed))
        for prediction, confidence in self._predicted(utterances, segmenter, confident=True):
            yield ConfidentPrediction(prediction, confidence)

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        """The logarithms of the probabilities of all intents, and of the labels of each token.

        Intents with the votes of neighbours and with centring, all at the rates asked for; labels
        each for itself, whatever joint decoding would make of them.

        Args:
            utterances: The utterances.
            asked: Which of its hidden states are wanted as well.
            progress: Called with the number of utterances of each batch when it is computed.

        Raises:
            ConfigError: It has no such states.
        """
        outputs: LabelDistributions = label_distributions(
            self.model,
            self._encoded(utterances, None),
            budget=self.budget,
            precision=self.precision,
            prior=self._prior(utterances),
            shift=None if self.shifts is None else self.shifts.of(utterances),
            offsets=None if self.offsets is None else self.offsets.of(utterances),
            asked=asked,
            progress=progress,
        )
        return outputs

    def products(self) -> Sequence[tuple[int, int]]:
        """Inputs and outputs of each product with weights."""
        return linear_shapes(self.model)

    def subword_counts(self, utterances: Sequence[Utterance]) -> Sequence[int]:
        """Subwords of each utterance."""
        return [*map(int, self._encoded(utterances, None).lengths)]

    def _encoded(
        self, utterances: Sequence[Utterance], segmenter: Segmenter | None
    ) -> EncoderDataset:
        return encode_utterances(
            [utterance.text for utterance in utterances],
            [utterance.tokens for utterance in utterances],
            self.tokenizer,
            placement=self.placement,
            max_length=self.model.config.max_pieces,
            segmenter=segmenter,
        )

    def _predicted(
        self, utterances: Sequence[Utterance], segmenter: Segmenter | None, *, confident: bool
    ) -> Iterator[tuple[Prediction, float]]:
        data = self._encoded(utterances, segmenter)
        if self.trimmed and (unknown := unknown_subwords(data, self.tokenizer)):
            _LOG.warning(
                "%d of %d subwords are unknown to the model's trimmed vocabulary",
                unknown,
                len(data.subwords),
            )
        predicted = infer(
            self.model,
            data,
            self.inventory,
            budget=self.budget,
            precision=self.precision,
            prior=self._prior(utterances),
            shift=None if self.shifts is None else self.shifts.of(utterances),
            offsets=None if self.offsets is None else self.offsets.of(utterances),
            transitions=self.transitions,
            confident=confident,
        )
        yield from predicted.predictions(utterances, data.token_offsets, self.inventory)

    def _prior(self, utterances: Sequence[Utterance]) -> IntentPrior | None:
        if self.neighbours is None or not utterances:
            return None
        texts = [utterance.text for utterance in utterances]
        locales = [utterance.locale for utterance in utterances]
        return IntentPrior(self.neighbours.shares(texts, locales), self.neighbours.weight)


def load(folder: Path, recipe: EncoderRecipe) -> EncoderSystem:
    """The system in a model folder, as its recipe says.

    Raises:
        MassiveKitError: The folder's files do not fit together.
    """
    system = EncoderSystem.load(
        folder, recipe.training.precision, recipe.model.placement, recipe.inference
    )
    budget = recipe.training.eval_batch_tokens
    return system if budget is None else replace(system, budget=budget)
