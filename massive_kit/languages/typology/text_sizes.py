"""How much text of a language is in CC-100, the corpus that XLM-R was pre-trained on.

Conneau et al. 2020 (https://aclanthology.org/2020.acl-main.747), Table 6. Other corpora of the web
have other sizes in about the same order.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from massive_kit.languages.subtags import read_tag

CC100_FILE = Path(__file__).with_name("cc100.csv")
_HAN = {"CN": "Hans", "SG": "Hans", "": "Hans", "TW": "Hant", "HK": "Hant", "MO": "Hant"}
# Members of a macrolanguage whose text stands under its code.
_UNDER = {"kmr": "ku", "gaz": "om", "plt": "mg", "ory": "or", "nn": "nb", "no": "nb", "fil": "tl"}


def cc100_gib(language: str) -> float:
    """Gibibytes of text of a locale or language; 0 where there is none.

    Args:
        language: A locale or code, such as `zh-TW` or `sw`.
    """
    tag = read_tag(language)
    if tag is None:
        return 0.0
    name = _UNDER.get(tag.language, tag.language)
    script = tag.script or (_HAN.get(tag.region, "") if name == "zh" else "")
    sizes = _sizes()
    if script and f"{name}-{script}" in sizes:
        return sizes[f"{name}-{script}"]
    return sizes.get(name, 0.0)


@cache
def _sizes() -> dict[str, float]:
    with CC100_FILE.open(encoding="utf-8", newline="") as stream:
        return {row["language"]: float(row["gib"]) for row in csv.DictReader(stream)}
