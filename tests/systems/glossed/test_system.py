"""A glossed run says the mean of what is said of texts and of their glosses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.lexicons.glossaries import GlossSettings, write_glossaries
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError
from massive_kit.systems.glossed.glossers import load_glosser
from massive_kit.systems.glossed.system import GlossedSystem
from massive_kit.systems.interface import Utterance

INVENTORY = Inventory(("alarm_set", "play_music"), ("time",), {})


class Reader:
    """Is sure of labels by words: `five` is a time, `alarm` sets one; reads three words at most."""

    character_locales = frozenset({"ja-JP"})
    allowed_labels: Sequence[Sequence[int]] = ()

    def __init__(self, inventory: Inventory = INVENTORY) -> None:
        self.inventory = inventory
        self.texts: list[str] = []
        self.locales: list[str] = []

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        self.texts += [utterance.text for utterance in utterances]
        self.locales += [utterance.locale for utterance in utterances]
        intents = [[0.8, 0.2] if "alarm" in u.tokens else [0.4, 0.6] for u in utterances]
        labels = [self._of(token) for u in utterances for token in u.tokens]
        offsets = np.cumsum([0, *(len(u.tokens) for u in utterances)])
        read = [number < 3 for u in utterances for number in range(len(u.tokens))]
        if progress:
            progress(len(utterances))
        return LabelDistributions(
            np.log(np.array(intents, np.float32).reshape(-1, 2)),
            np.log(np.array(labels, np.float32).reshape(-1, len(self.inventory.labels))),
            offsets.astype(np.int64),
            np.array(read, bool),
            None,
            np.zeros(len(read), bool),
        )

    def _of(self, word: str) -> list[float]:
        in_slot = 0.8 if word == "five" else 0.1
        after = [0.05] * (len(self.inventory.labels) - 2)
        return [1 - in_slot - sum(after), in_slot, *after]

    def predict(self, utterances: Sequence[Utterance]) -> None:
        raise NotImplementedError


def said(*texts: str, locale: str = "de-DE") -> list[Utterance]:
    return [Utterance(str(i), locale, text, text.split()) for i, text in enumerate(texts)]


GLOSSARIES = {
    "de-DE": {"wecker": "alarm", "um": "at", "fünf": "five", "sechzehn": "one five one"},
    "fr-FR": {"cinq heures": "five"},
    "ja-JP": {"五時": "five"},
}


def glossed(folder: Path, reader: Reader | None = None, weight: float = 0.5) -> GlossedSystem:
    made = {
        locale: {word: (gloss,) for word, gloss in glosses.items()}
        for locale, glosses in GLOSSARIES.items()
    }
    write_glossaries(folder / "glossaries", GlossSettings("en-US", (), weight), made)
    reader = reader or Reader()
    glossaries = load_glosser(folder / "glossaries", reader.character_locales)
    return GlossedSystem.of(reader, glossaries)  # type: ignore[arg-type]  # it is never asked


@pytest.fixture
def system(tmp_path: Path) -> GlossedSystem:
    return glossed(tmp_path)


def test_it_says_the_mean_of_text_and_gloss(system: GlossedSystem) -> None:
    outputs = system.label_distributions(said("wecker fünf", "musik", "wecker"))
    assert np.exp(outputs.intents) == pytest.approx(
        np.array([[0.6, 0.4], [0.4, 0.6], [0.6, 0.4]]), abs=1e-5
    )
    assert np.exp(outputs.labels)[:, 1] == pytest.approx([0.1, 0.45, 0.1, 0.1], abs=1e-5)
    assert outputs.offsets.tolist() == [0, 2, 3, 4]
    assert isinstance(system.reader, Reader)
    # A gloss that is the text itself is not read again.
    assert system.reader.texts == ["wecker fünf", "musik", "wecker", "alarm five", "alarm"]
    # What is made for German, such as its rates of labels, is not for words of English.
    assert system.reader.locales == ["de-DE"] * 3 + ["en-US"] * 2


def test_a_token_has_the_label_of_the_word_that_is_likely_in_a_slot(system: GlossedSystem) -> None:
    # The gloss of the first is four words long, of which three are read: none stands for `six`.
    said_of = system.label_distributions(said("sechzehn six"))
    assert np.exp(said_of.labels)[:, 1] == pytest.approx([0.45, 0.1], abs=1e-5)
    said_of = system.label_distributions(said("cinq heures", locale="fr-FR"))
    assert np.exp(said_of.labels)[:, 1] == pytest.approx([0.45, 0.45], abs=1e-5)


def test_a_span_that_one_word_stands_for_begins_once(tmp_path: Path) -> None:
    brackets = Inventory(("alarm_set", "play_music"), ("time",), {}, "brackets")
    system = glossed(tmp_path, Reader(brackets), weight=0.9)
    (french,) = system.predict(said("cinq heures", locale="fr-FR"))
    assert french.labels == ["B-time", "I-time"]
    japanese = Utterance("1", "ja-JP", "五時", ["五", "時"])
    (prediction,) = system.predict([japanese])
    assert prediction.labels == ["B-time", "I-time"]
    likely = np.exp(system.label_distributions([japanese]).labels)
    assert likely.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_tokens_that_were_not_read_stay_so(tmp_path: Path) -> None:
    system = glossed(tmp_path, weight=1.0)
    utterances = said("um um um fünf")
    outputs = system.label_distributions(utterances)
    assert outputs.read.tolist() == [True, True, True, False]
    alone = system.reader.label_distributions(utterances)
    np.testing.assert_allclose(outputs.labels[3], alone.labels[3])
    no_tokens = [Utterance("1", "de-DE", "", []), *utterances]
    assert system.label_distributions(no_tokens).offsets.tolist() == [0, 0, 4]


def test_a_language_without_glossary_is_read_as_it_is(system: GlossedSystem) -> None:
    utterances = said("wecker fünf", locale="sw-KE")
    outputs, alone = (s.label_distributions(utterances) for s in (system, system.reader))
    np.testing.assert_array_equal(outputs.intents, alone.intents)
    np.testing.assert_array_equal(outputs.labels, alone.labels)
    mixed = [*said("wecker"), *utterances, *said("fünf")]
    outputs = system.label_distributions(mixed)
    assert np.exp(outputs.labels)[:, 1] == pytest.approx([0.1, 0.1, 0.1, 0.45], abs=1e-5)


def test_progress_counts_what_was_read_in_both_ways(system: GlossedSystem) -> None:
    counted: list[int] = []
    mixed = [*said("wecker", "um fünf"), *said("wecker", locale="sw-KE")]
    system.label_distributions(mixed, progress=counted.append)
    assert sum(counted) == 3
    counted.clear()
    system.label_distributions(said("musik"), progress=counted.append)
    assert counted == [1]
    assert len(system.label_distributions([])) == 0


def test_labels_are_decoded_from_the_mean(system: GlossedSystem) -> None:
    (answer,) = system.predict_confidently(said("wecker um fünf"))
    assert answer.prediction.intent == "alarm_set"
    assert answer.prediction.labels == ["Other", "Other", "Other"]
    assert 0 < answer.confidence < 1
    (prediction,) = system.predict(said("um"))
    assert prediction.intent == "play_music"


def test_it_has_no_hidden_states_and_draws_no_cuts(system: GlossedSystem) -> None:
    with pytest.raises(ConfigError, match="no hidden states"):
        system.label_distributions(said("wecker"), StatesAsked((0,), 8))
    with pytest.raises(ConfigError, match="no other cuts"):
        next(system.predict_confidently(said("wecker"), smoothing=0.5))
