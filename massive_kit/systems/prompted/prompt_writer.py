"""Fills in the prompt for an utterance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from massive_kit.data.inventory import Inventory
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.asking import Form, Label, Prompt, Step, Turn, write_answer
from massive_kit.systems.prompted.choosing import Choice
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.frozen_prompt import FrozenPrompt
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.template import PromptTemplate

# An utterance without content (Zhao et al. 2021, Calibrate Before Use).
NOTHING = "N/A"
_REMEMBERED = 100_000


@dataclass(frozen=True)
class PromptWriter:
    """Writes prompts.

    Attributes:
        recipe: How questions are put.
        frozen: What prompts are made of.
        inventory: The labels.
    """

    recipe: PromptedRecipe
    frozen: FrozenPrompt
    inventory: Inventory

    @property
    def first_step(self) -> Step:
        """What is asked first about an utterance."""
        if not self.inventory.intents:
            return "slots"
        if self.recipe.prompt.format == "two_step" or not self.inventory.slots:
            return "intent"
        return "both"

    @property
    def form(self) -> Form:
        """How answers are written."""
        layout = self.recipe.prompt.format
        # An endpoint can be held to JSON; here the words of a text are held to the utterance's.
        if layout == "two_step":
            return "json" if self.recipe.model.backend == "openai" else "text"
        return "json" if layout == "json" else "text"

    def allowed_slots(self, intent: str | None) -> tuple[str, ...]:
        """The slots that may stand with an intent: those of the training data."""
        known = None if intent is None else self.frozen.slots_of_intent.get(intent)
        return self.inventory.slots if known is None else tuple(known)

    def usual_intent(self, best_first: Sequence[Demonstration]) -> str | None:
        """The intent that most demonstrations have; of equals that of the best."""
        if not self.inventory.intents:
            return None
        intents = [row.intent for row in best_first if row.intent]
        return max(intents, key=intents.count, default=self.inventory.intents[0])

    @cached_property
    def stand_in(self) -> str | None:
        """The intent that stands in where none can be read: the same whatever was asked about.

        That of most demonstrations of the run, so that no choice of demonstrations answers for the
        model; `None` where the inventory has none.
        """
        return self.usual_intent(self.frozen.demonstrations)

    def write(
        self, utterance: Utterance, choice: Choice, step: Step, intent: str | None = None
    ) -> Prompt:
        """The prompt for an utterance.

        Args:
            utterance: What is asked about.
            choice: The demonstrations.
            step: What is asked for.
            intent: Its intent, where its slots are asked for.

        Raises:
            ConfigError: The template asks for what there is not, or writes too much.
        """
        prompt = self._filled(utterance, choice.shown, step, intent)
        recipe = self.recipe
        if step == "slots" or recipe.model.backend != "transformers" or not recipe.decoding.prior:
            return prompt
        nothing = replace(utterance, text=NOTHING, tokens=(NOTHING,))
        blanks = [self._filled(nothing, rows, step, None).text for rows in choice.blanks]
        return replace(prompt, blanks=tuple(blanks))

    def _filled(
        self, utterance: Utterance, rows: Sequence[Demonstration], step: Step, intent: str | None
    ) -> Prompt:
        locale = utterance.locale
        slots = self.allowed_slots(intent) if step == "slots" else self.inventory.slots
        turns = [
            Turn(
                self._question(row.text, row.locale, step, row.intent),
                write_answer(row, step, self.form),
            )
            for row in rows
        ]
        return Prompt(
            utterance=utterance,
            step=step,
            form=self.form,
            instruction=self._instruction(locale, step, slots),
            turns=tuple(turns),
            question=self._question(utterance.text, locale, step, intent),
            intents=self.inventory.intents,
            slots=slots,
            shown=tuple(dict.fromkeys(row.intent for row in rows if row.intent)),
        )

    @cached_property
    def _question(self) -> Callable[[str, str, Step, str | None], str]:
        # Demonstrations stand in many prompts.
        @lru_cache(maxsize=_REMEMBERED)
        def write(text: str, locale: str, step: Step, intent: str | None) -> str:
            values = {
                "step": step,
                "form": self.form,
                "utterance": text,
                "language": self._language(locale),
                "intent": intent if step == "slots" else None,
            }
            return self._template.render("question", self._every_name(values))

        return write

    @cached_property
    def _instruction(self) -> Callable[[str, Step, tuple[str, ...]], str]:
        # The same for most utterances, and the longest part of a prompt.
        @lru_cache(maxsize=_REMEMBERED)
        def write(locale: str, step: Step, slots: tuple[str, ...]) -> str:
            listed = self.recipe.prompt.labels != "none"
            values = {
                "step": step,
                "form": self.form,
                "instruction": self._words(locale, step),
                "language": self._language(locale),
                "intents": self._labels("intents", self.inventory.intents) if listed else [],
                "slots": self._labels("slots", slots) if listed else [],
            }
            return self._template.render("instruction", self._every_name(values))

        return write

    def _words(self, locale: str, step: Step) -> str:
        words = self.frozen.instructions
        return words.get(locale, words[""])[step]

    def _labels(self, which: str, names: Iterable[str]) -> list[Label]:
        described = self.frozen.descriptions.get(which, {})
        return [Label(name, described.get(name, "")) for name in names]

    def _language(self, locale: str) -> str:
        return self.frozen.languages.get(locale, locale)

    @staticmethod
    def _every_name(values: dict[str, Any]) -> dict[str, Any]:
        """Each name that a template may use, so that one that it misspells is told."""
        nothing: dict[str, Any] = {
            "instruction": "",
            "intents": [],
            "slots": [],
            "utterance": "",
            "intent": None,
        }
        return nothing | values

    @cached_property
    def _template(self) -> PromptTemplate:
        return PromptTemplate(self.frozen.template, "the run's prompt")
