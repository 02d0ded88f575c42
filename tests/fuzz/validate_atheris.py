"""Coverage-guided fuzzing of the validator, for an afternoon rather than for a test run.

    pip install atheris
    python tests/fuzz/validate_atheris.py -max_total_time=600 CORPUS_FOLDER

What it finds goes to tests/submission/found/, where a test reads it for ever.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from massive_kit.submission import rendering
    from massive_kit.submission.reading import read_predictions
    from tests.submission.cases import CASES, tiny_index

INDEX = tiny_index(texts=True)
PATH = Path(tempfile.mkdtemp()) / "p.jsonl"


def check(content: bytes) -> None:
    """Any bytes give a report."""
    PATH.write_bytes(content)
    report = read_predictions([PATH], INDEX, allow_errors=True).report
    rendering.text(report, "tiny")
    rendering.as_json(report, "tiny")
    rendering.github(report, "tiny")


def main() -> None:
    """Starts from the known bad inputs."""
    corpus = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in corpus[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        for number, case in enumerate(CASES):
            for name, content in case.files().items():
                if len(content) < 1 << 14:
                    (folder / f"{number}-{Path(name).name}").write_bytes(content)
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
