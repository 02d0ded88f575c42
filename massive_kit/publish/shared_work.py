"""Makes the pages of a large site in two processes at once, where forking one is safe."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.pages import PageMaker, page_makers
from massive_kit.publish.site_writer import SiteWriter, Written

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

# So many scores (versions times languages) take a second, and less is not worth a process.
_WORTH_IT = 3000


@dataclass(frozen=True, slots=True)
class _Share:
    """What a process did of the work: which of the makers, and what it wrote for them."""

    done: list[int]
    written: Written


def write_pages(model: BoardModel, writer: SiteWriter) -> None:
    """Writes all pages of a site; who writes which page makes no difference to any of them."""
    makers = page_makers(model)
    if len(model.versions) * len(model.locales) < _WORTH_IT or not can_fork():
        for make in makers:
            writer.write_pages(make())
    else:
        share_out(makers, writer)


def can_fork() -> bool:
    """Whether a second process helps and forking one is safe: not with threads, nor on macOS."""
    return (
        sys.platform == "linux"
        and len(os.sched_getaffinity(0)) > 1
        and threading.active_count() == 1
    )


def share_out(makers: list[PageMaker], writer: SiteWriter) -> None:
    """Writes the pages of all makers; this process and a fork of it take the next one in turn.

    A fork has the scores of all systems without reading or sending them. What it cannot do, since
    it failed or was killed, is done here, where an error is raised as always.
    """
    context = multiprocessing.get_context("fork")
    turn = context.Value("i", 0)
    receiver, sender = context.Pipe(duplex=False)
    helper = context.Process(target=_help, args=(makers, writer, turn, sender), daemon=True)
    with warnings.catch_warnings():
        # Threads of a numerical library wait for work and hold no lock that a page needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        helper.start()
    sender.close()
    try:
        done = _work(makers, writer, turn)
        share = _received(receiver)
    finally:
        # After an error here nothing may write into a folder that is being removed.
        helper.kill()
        helper.join()
    if share is not None:
        writer.written.add(share.written)
        done += share.done
    for number in sorted({*range(len(makers))}.difference(done)):
        writer.write_pages(makers[number]())


def _work(makers: list[PageMaker], writer: SiteWriter, turn: Synchronized[int]) -> list[int]:
    done = []
    for number in _turns(turn, len(makers)):
        writer.write_pages(makers[number]())
        done.append(number)
    return done


def _turns(turn: Synchronized[int], count: int) -> Iterator[int]:
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        if number >= count:
            return
        yield number


def _help(
    makers: list[PageMaker], writer: SiteWriter, turn: Synchronized[int], sender: Connection
) -> None:
    # The process that was interrupted ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    writer.written = Written()
    # What fails here is done again by the other process, which tells what is wrong.
    with contextlib.suppress(Exception):
        sender.send(_Share(_work(makers, writer, turn), writer.written))


def _received(receiver: Connection) -> _Share | None:
    try:
        share: _Share = receiver.recv()
    except EOFError:
        return None
    return share
