"""The command line as a user types it, without the seconds that a process takes to load libraries.

A command runs in the process of the tests, or in one of its own. The latter is a copy of a process
that has loaded PyTorch and what stands on it, and nothing of massive-kit: that it loads by itself.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

import pytest

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


def in_this_process(
    *arguments: object, folder: Path | None = None, encoding: str = "utf-8", stdin: str = ""
) -> CompletedProcess[bytes]:
    """Runs a command through its entry point and gives its exit code and what it printed.

    What only a process shows is not seen: what libraries write to the descriptors themselves, what
    is logged, and what happens when a reader goes.

    Args:
        arguments: What stands after `massive-kit` on the command line.
        folder: Where it runs; by default here.
        encoding: Of its three streams, which are strict about it.
        stdin: What it may read.
    """
    from massive_kit.cli.app import main

    words = ["massive-kit", *map(str, arguments)]
    stdout, stderr = (
        io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in _STREAMS
    )
    code: int | str | None = 0
    variables = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", words)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding=encoding))
        patch.setattr(sys, "stdout", stdout)
        patch.setattr(sys, "stderr", stderr)
        # A command may set it, and variables; the next one starts without.
        patch.setattr(sys, "excepthook", sys.excepthook)
        if folder is not None:
            patch.chdir(folder)
        try:
            main()
        except SystemExit as done:
            code = done.code
        except Exception as error:
            error.add_note(f"printed before: {_written(stderr).decode(encoding)}")
            raise
        finally:
            os.environ.clear()
            os.environ.update(variables)
    number = code if isinstance(code, int) else int(code is not None)
    return CompletedProcess(words, number, _written(stdout), _written(stderr))


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def as_text(done: CompletedProcess[bytes]) -> CompletedProcess[str]:
    """What a command printed in UTF-8, as text."""
    return CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


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
