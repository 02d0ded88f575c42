"""What memory the processor's kernels and the C library keep."""

from __future__ import annotations

import os
import platform

import numpy as np
import pytest

from massive_kit.engine.memory import bound_kernel_cache, release_memory, resident_memory


def test_whoever_sets_how_much_kernels_keep_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, "7")
    bound_kernel_cache()
    assert os.environ[name] == "7"
    monkeypatch.delenv(name)
    bound_kernel_cache()
    assert int(os.environ[name]) < 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_was_let_go_is_given_back() -> None:
    # Small pieces, the last of which stays: the C library cannot give back the rest by itself.
    pieces = [np.ones(2_000) for _ in range(20_000)]
    full = resident_memory()
    last = pieces[-1]
    del pieces
    release_memory()
    assert resident_memory() < full - 200 * 2**20
    assert last[0] == 1
