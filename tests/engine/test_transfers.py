"""Batches go to a device and come back as they were."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from massive_kit.engine.transfers import Computed, brought_back, on_device

CPU = torch.device("cpu")


def test_a_batch_is_moved_whole() -> None:
    batch = {"input_ids": torch.arange(3), "mask": torch.ones(2, dtype=torch.bool)}
    moved = on_device(batch, CPU)
    assert moved.keys() == batch.keys()
    assert all(torch.equal(moved[name], batch[name]) for name in batch)


def test_results_come_in_order_and_the_device_is_few_batches_ahead() -> None:
    computed: list[int] = []

    def batches() -> Iterator[Computed]:
        for number in range(6):
            computed.append(number)
            yield Computed(np.array([number]), (torch.full((1, 2), number), torch.ones(3)))

    for read, result in enumerate(brought_back(batches())):
        assert result.rows.tolist() == [read]
        first, other = result.values
        assert (first == read).all()
        assert other.tolist() == [1, 1, 1]
        assert len(computed) <= read + 3
    assert read == 5
