"""What a system may have used beside the labels that its setting names: a closed vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Resource = Literal[
    "lexicon",
    "morphology",
    "unlabelled-text",
    "parallel-text",
    "machine-translation",
    "feedback",
    "target-labels",
]

# "Target" is every language that a task asks to transfer to.
RESOURCES: Mapping[Resource, str] = {
    "lexicon": "A bilingual dictionary.",
    "morphology": "Inflection tables or rules of a target language.",
    "unlabelled-text": "Utterances of a target language without labels.",
    "parallel-text": "Aligned utterances, without labels on the target side.",
    "machine-translation": "Text that a machine translated, or a translation system.",
    "feedback": "What users of a target language did after a system's answers.",
    "target-labels": "Labelled utterances of a target language.",
}
