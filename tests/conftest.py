"""Fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from massive_kit.data.store import Store

pytest_plugins = [
    "tests.chromium",
    "tests.small_decoders",
    "tests.small_encoder",
    "tests.small_systems",
    "tests.small_unigram",
    "tests.subset_task",
    "tests.touching_spans",
]

# A machine with a GPU may have no more than its tests need.
if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    # Machines that run tests are busy; a slow example is no failure.
    settings.register_profile("quiet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("quiet")

# No test may reach a hub; the variable must be set before any library reads it.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
# The models of tests are tiny, and tests run side by side: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


REALDATA_VARIABLE = "MASSIVE_KIT_REALDATA"
KEPT_HOME_VARIABLE = "MASSIVE_KIT_TEST_HOME"

# This many new modules mean that a library was loaded.
MANY_MODULES = 100

# The files that take a minute or more, the longest first: no process of a session is then left
# alone with one at its end. Under `--dist loadfile` this needs `--no-loadscope-reorder`.
LONGEST = (
    "tests/engine/test_options.py",
    "tests/publish/test_accessibility.py",
    "tests/cli/test_demo.py",
    "tests/test_tutorials.py",
    "tests/engine/test_fsdp.py",
    "tests/engine/test_requirements.py",
    "tests/systems/encoder/test_families.py",
    "tests/manual/test_site.py",
    "tests/engine/test_processes.py",
    "tests/runs/test_search.py",
    "tests/test_adding_a_language_page.py",
    "tests/publish/test_browser.py",
    "tests/engine/test_distributed_dev.py",
    "tests/test_readme.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts what takes long to the front, and skips what this machine cannot run."""
    places = {file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONGEST)))
    skip = pytest.mark.skip(reason=f"{REALDATA_VARIABLE} does not name the folder of the archive")
    for item in items:
        if "realdata" in item.keywords and not os.environ.get(REALDATA_VARIABLE):
            item.add_marker(skip)
    for_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if for_gpu and not _has_gpu():
        for item in for_gpu:
            item.add_marker(pytest.mark.skip(reason="there is no CUDA device"))


def _has_gpu() -> bool:
    if find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, so that nothing of the user's is read or written."""
    kept_home = os.environ.get(KEPT_HOME_VARIABLE)
    home = Path(kept_home) if kept_home else tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASSIVE_KIT_HOME", str(home))
        patch.delenv("MASSIVE_KIT_DATA", raising=False)
        patch.delenv("MASSIVE_KIT_ROOT", raising=False)
        yield home


class _Frozen:
    """How many modules were loaded when what there was became no matter of collections."""

    modules = 0


@pytest.fixture(scope="module", autouse=True)
def _libraries_are_no_garbage() -> None:
    """Keeps what libraries are made of out of collections of garbage.

    Training runs a full collection several times, and to walk through all of PyTorch and
    transformers takes longer than the steps of a tiny model.
    """
    if len(sys.modules) > _Frozen.modules + MANY_MODULES:
        gc.collect()
        gc.freeze()
        _Frozen.modules = len(sys.modules)


@pytest.fixture(scope="session")
def demo_store() -> Store:
    """The demo corpus."""
    from massive_kit.data.demo import open_demo

    return open_demo()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real archive; only for tests marked `realdata`."""
    return Path(os.environ[REALDATA_VARIABLE])


@pytest.fixture(scope="session")
def real_store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Real MASSIVE 1.1, imported once for all processes of a session."""
    import fcntl

    from massive_kit.data.intake.importing import import_data
    from massive_kit.data.store import INDEX

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    target = Path(os.environ.get(KEPT_HOME_VARIABLE) or folder) / "data" / "1.1"
    with (folder / "real-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / INDEX).is_file():
            archive = shared_data / "amazon-massive-dataset-1.1.tar.gz"
            import_data(archive, target, name="1.1", version="1.1")
    return Store.open(target)
