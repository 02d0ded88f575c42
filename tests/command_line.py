"""The command line in processes of its own, which start at once.

To load PyTorch and what stands on it takes a process seconds. Here each command runs in a copy of
a process that has loaded these libraries, and nothing of massive-kit: that it loads by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

# What the commands load of others; `transformers` loads its parts when they are asked for.
_LIBRARIES = [
    "torch",
    "torch.distributed.tensor",
    "transformers.conversion_mapping",
    "transformers.integrations.finegrained_fp8",
    "transformers.loss.loss_utils",
    "transformers.trainer",
    "datasets",
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "rich.console",
    "typer.core",
]
_STREAMS = {"stdout": 1, "stderr": 2}


def massive_kit(
    *arguments: object, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Runs a command and gives its exit code and what it printed.

    Args:
        arguments: What stands after `massive-kit` on the command line.
        folder: Where it runs; by default here.
        environment: All of its variables; by default those of this process.
    """
    words = [str(argument) for argument in arguments]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LIBRARIES)
    with TemporaryDirectory() as written:
        process = context.Process(
            target=_become,
            args=(words, str(folder or Path.cwd()), dict(environment or os.environ), written),
        )
        process.start()
        process.join()
        streams = {name: Path(written, name).read_text("utf-8") for name in _STREAMS}
    assert process.exitcode is not None
    return CompletedProcess(["massive-kit", *words], process.exitcode, **streams)


def _become(words: list[str], folder: str, environment: dict[str, str], written: str) -> None:
    for name, descriptor in _STREAMS.items():
        file = os.open(Path(written, name), os.O_WRONLY | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    assert "massive_kit" not in sys.modules
    sys.argv = ["massive-kit", *words]
    from massive_kit.cli.app import main

    main()
