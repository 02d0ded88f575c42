"""Carries on many dialogues with an endpoint at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from massive_kit.systems.prompted.budget import BudgetSpentError
from massive_kit.systems.prompted.dialogue import Dialogue, Reply
from massive_kit.systems.prompted.endpoint.endpoint import Endpoint
from massive_kit.systems.prompted.endpoint.pace import StoppedError

# So many dialogues for each request that may be on its way wait for their turn.
_AHEAD = 4


def converse(
    endpoint: Endpoint, dialogues: Iterable[Dialogue], concurrency: int
) -> Iterator[Reply]:
    """The replies, in order.

    Raises:
        BudgetSpentError: The budget is used up; every reply that there is has been yielded.
        MassiveKitError: The endpoint cannot be asked, or does not answer.
    """
    spent = False
    left = iter(dialogues)
    pool = ThreadPoolExecutor(concurrency, "endpoint")
    waiting: deque[Future[Reply]] = deque()

    def begin(count: int) -> None:
        for dialogue in islice(left, count):
            waiting.append(pool.submit(_carried_on, endpoint, dialogue))

    ended = False
    try:
        begin(concurrency * _AHEAD)
        while waiting:
            try:
                yield waiting.popleft().result()
            except BudgetSpentError:
                spent = True
                endpoint.pace.stop()
            except StoppedError:
                # Told by the thread that stopped the others.
                continue
            if not spent:
                begin(1)
        ended = True
    finally:
        if not ended:
            endpoint.pace.stop()
        # Answers that are on their way are waited for and kept: they are paid.
        pool.shutdown(wait=True, cancel_futures=True)
    if spent:
        raise BudgetSpentError


def _carried_on(endpoint: Endpoint, dialogue: Dialogue) -> Reply:
    try:
        prompt = next(dialogue)
        while True:
            prompt = dialogue.send(endpoint.ask(prompt))
    except StopIteration as end:
        reply: Reply = end.value
        return reply
    except (BudgetSpentError, StoppedError):
        raise
    except BaseException:
        # What has gone wrong here would go wrong for the others, too.
        endpoint.pace.stop()
        raise
