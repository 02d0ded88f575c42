"""What may be spent, and what is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from massive_kit.systems.prompted.answer_store import Answer, Spent
from massive_kit.systems.prompted.recipe import Budget, Prices

_MILLION = 1_000_000


class BudgetSpentError(Exception):
    """The next request could cost more than is left; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a request: those sent, and those that come back."""

    prompt: int
    answer: int

    def cost(self, prices: Prices | None) -> float | None:
        """Their price; `None` where no prices are given."""
        if prices is None:
            return None
        return (self.prompt * prices.prompt + self.answer * prices.answer) / _MILLION


class Purse:
    """A budget, and what of it is spent or promised to requests that are on their way."""

    def __init__(self, budget: Budget, prices: Prices | None, spent: Spent) -> None:
        self._budget = budget
        self._prices = prices
        self._spent = Tokens(spent.prompt_tokens, spent.answer_tokens)
        self._promised: list[Tokens] = []
        self._changed = threading.Condition()

    @contextmanager
    def promise(self, most: Tokens) -> Iterator[list[Answer]]:
        """Sets tokens aside while the block runs; its answers are put into what it yields.

        Waits for requests on their way where what is left is not enough, since most take less than
        was set aside for them.

        Raises:
            BudgetSpentError: It is not enough even then.
        """
        with self._changed:
            while not self._enough(most):
                if not self._promised:
                    raise BudgetSpentError
                self._changed.wait()
            self._promised.append(most)
        answers: list[Answer] = []
        try:
            yield answers
        finally:
            with self._changed:
                self._promised.remove(most)
                for answer in answers:
                    self._spent = Tokens(
                        self._spent.prompt + answer.prompt_tokens,
                        self._spent.answer + answer.answer_tokens,
                    )
                self._changed.notify_all()

    def _enough(self, most: Tokens) -> bool:
        all_tokens = [self._spent, *self._promised, most]
        total = Tokens(sum(t.prompt for t in all_tokens), sum(t.answer for t in all_tokens))
        budget = self._budget
        if budget.tokens is not None and total.prompt + total.answer > budget.tokens:
            return False
        cost = total.cost(self._prices)
        return budget.cost is None or cost is None or cost <= budget.cost
