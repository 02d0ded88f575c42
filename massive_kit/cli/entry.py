"""Runs the command line: what holds for every command, and errors as messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from massive_kit.cli.console import (
    err,
    escape_what_cannot_be_shown,
    let_readers_go,
    show_error,
)
from massive_kit.errors import MassiveKitError


def run(app: Callable[[], object]) -> None:
    """Runs an application and ends the process.

    The exit code is 0, 1 (the content is wrong) or 2 (the command line is wrong). `--debug` shows
    the traceback of an error instead of its message.
    """
    escape_what_cannot_be_shown()
    let_readers_go()
    _let_threads_wait()
    # Read before parsing, so that it also holds for errors of parsing.
    debug = "--debug" in sys.argv[1:]
    try:
        app()
    except MassiveKitError as error:
        if debug:
            raise
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("interrupted")
        sys.exit(130)
    except OSError as error:
        if debug:
            raise
        show_error(MassiveKitError(f"{error.filename or 'file system'}: {error.strerror or error}"))
        sys.exit(1)


def _let_threads_wait() -> None:
    # Threads of torch that spin while they wait make small models several times slower on a busy
    # machine; threads that sleep at once cost a third of the speed on a quiet one. A short spin
    # (GNU's runtime alone knows it) does without both. The variables are read when torch is loaded.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ["OMP_WAIT_POLICY"] = "passive"
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")
