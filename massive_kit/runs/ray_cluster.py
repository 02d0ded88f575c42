"""Ray for several runs at a time: the cluster that is joined already, or this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ray_cluster(workers: int) -> Iterator[None]:
    """Ray within the block; ended afterwards where it was not there before.

    Args:
        workers: Processors to use, where this machine is taken.
    """
    import ray

    started = not ray.is_initialized()
    if started:
        ray.init(
            num_cpus=workers,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    try:
        yield
    finally:
        if started:
            ray.shutdown()
