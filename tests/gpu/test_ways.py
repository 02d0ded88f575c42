"""What travels to a GPU and back arrives whole, while the device computes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from massive_kit.engine.transfers import Computed, brought_back, on_device

BATCHES, SIZE = 8, 1024


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore:Synchronization debug mode:UserWarning")
def test_results_are_those_of_their_batch() -> None:
    assert_whole(torch.device("cuda"))


def assert_whole(device: torch.device) -> None:
    def computed() -> Iterator[Computed]:
        for number in range(BATCHES):
            batch = {"ones": torch.ones(SIZE, SIZE), "number": torch.tensor([float(number)])}
            torch.cuda.set_sync_debug_mode("error")
            there = on_device(batch, device)
            product = there["ones"]
            for _ in range(20):
                product = product @ there["ones"] / SIZE
            made = Computed(np.array([number]), (product * there["number"], there["number"]))
            torch.cuda.set_sync_debug_mode("default")
            yield made

    for number, read in enumerate(brought_back(computed())):
        product, told = read.values
        assert read.rows.tolist() == [number]
        assert told.tolist() == [number]
        assert np.allclose(product, number, rtol=1e-3)
    assert number == BATCHES - 1
