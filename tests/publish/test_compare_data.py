"""What the compare page reads is what `stats.npz` holds."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from massive_kit.breakdown.replicate_comparison import Replicates
from massive_kit.files.npz import write_arrays
from massive_kit.publish.compare_data import system_script
from massive_kit.publish.results import load_results
from massive_kit.schema.metrics import MAIN_METRICS

UTTERANCES = 2974
KEYS = ("locale:de-DE", "locale:sw-KE", "average:pooled")
SLOT_F1 = MAIN_METRICS.index("slot_f1")


def made_up() -> Replicates:
    """Accuracies of languages are shares of their utterances; slot F1 and averages are not."""
    random = np.random.default_rng(0)
    point = random.uniform(0.4, 0.8, (len(KEYS), len(MAIN_METRICS)))
    values = point + random.normal(0, 0.009, (501, *point.shape))
    for array in (point, values):
        shares = np.rint(array[..., :2, :] * UTTERANCES) / UTTERANCES
        array[..., :2, :SLOT_F1] = shares[..., :SLOT_F1]
        array[..., :2, SLOT_F1 + 1 :] = shares[..., SLOT_F1 + 1 :]
    values[3, 0, 0] = values[5, 0, SLOT_F1] = np.nan
    return Replicates(KEYS, point, values.astype(np.float32), "a draw")


def resampled(root: Path, replicates: Replicates) -> dict[str, Any]:
    """What the page is given of a system with these resamples."""
    folder = root / "results" / "good" / "1.0"
    write_arrays(folder / "stats.npz", replicates.arrays())
    scores = json.loads((folder / "scores.json").read_text())
    some = next(iter(scores["locales"].values()))
    scores["locales"] = {locale: {**some, "n": UTTERANCES} for locale in ("de-DE", "sw-KE")}
    (folder / "scores.json").write_text(json.dumps(scores))
    (entry,) = load_results(root / "results")
    script = system_script(entry, "a section")
    value = json.loads(script.removeprefix("massiveKit.receive(").removesuffix(");\n"))
    kept: dict[str, Any] = value["resampled"]
    return kept


def unpacked(kept: dict[str, Any]) -> NDArray[np.float64]:
    """The scores on each resample, as `compare.js` reads them."""
    content = base64.b64decode(kept["packed"])
    values = np.zeros((kept["count"], len(kept["keys"]), len(MAIN_METRICS)))
    start = 0
    for key in range(len(kept["keys"])):
        for metric in range(len(MAIN_METRICS)):
            width = kept["bytes"][key][metric]
            end = start + width * kept["count"]
            column = np.frombuffer(content[start:end], f"<i{width}").astype(float)
            column[column == (-128 if width == 1 else -32768)] = np.nan
            steps = column * kept["steps"][key][metric]
            values[:, key, metric] = kept["point"][key][metric] + steps
            start = end
    assert start == len(content)
    return values


@pytest.fixture
def root(board_root: Path, tmp_path: Path) -> Path:
    shutil.copytree(board_root / "results" / "good" / "1.0", tmp_path / "results" / "good" / "1.0")
    return tmp_path


def test_shares_of_utterances_take_a_byte_and_stay_as_they_are(root: Path) -> None:
    replicates = made_up()
    kept = resampled(root, replicates)
    assert kept["bytes"] == [[1, 2, 1], [1, 2, 1], [2, 2, 2]]
    values = unpacked(kept)
    assert np.isnan(values).sum() == 2
    assert np.array_equal(np.isnan(values), np.isnan(replicates.values))
    np.testing.assert_allclose(values, replicates.values, atol=1e-6)


def test_printed_intervals_are_those_of_all_resamples(root: Path) -> None:
    replicates = made_up()
    values = unpacked(resampled(root, replicates))
    for metric in (0, 2):
        for ends in zip(
            np.nanquantile(values[:, :2, metric], [0.025, 0.975]).tolist(),
            np.nanquantile(replicates.values[:, :2, metric], [0.025, 0.975]).tolist(),
            strict=True,
        ):
            assert f"{100 * ends[0]:.2f}" == f"{100 * ends[1]:.2f}"


def test_shares_too_far_apart_for_a_byte_take_two(root: Path) -> None:
    replicates = made_up()
    replicates.values[7, 1, 0] = replicates.point[1, 0] + 200 / UTTERANCES
    kept = resampled(root, replicates)
    assert kept["bytes"][1] == [2, 2, 1]
    np.testing.assert_allclose(unpacked(kept), replicates.values, atol=2e-6)
