"""Has prompts answered by an endpoint: each once, however often it is asked and stopped."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from massive_kit.systems.prompted.answer_store import Answer, AnswerStore, answer_key
from massive_kit.systems.prompted.answer_text import LONGEST
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.budget import Purse, Tokens
from massive_kit.systems.prompted.endpoint.client import EndpointClient, Response
from massive_kit.systems.prompted.endpoint.credentials import Credentials
from massive_kit.systems.prompted.endpoint.dialect import Dialect
from massive_kit.systems.prompted.endpoint.pace import Pace
from massive_kit.systems.prompted.endpoint.refusals import Refusals, is_used_up, reason
from massive_kit.systems.prompted.endpoint.response_body import read_completion
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.token_counts import TokenCounter

_LOG = logging.getLogger(__name__)
_OK = 200
_REFUSED = {400, 413, 422}
_PASSING = {0, 408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
# Refusals that are about one prompt, whatever the others say.
_OF_PROMPT = {"content_filter", "context_length_exceeded"}
# A response that is no completion may have been paid; it is asked for again so often and no more.
_MOST_UNREADABLE = 2
_LONGEST_TIMEOUT = 3600
_READ = "they are read as far as they can be, and what cannot be read is counted"


class Endpoint:
    """A model behind an address.

    Its methods are safe to call from several threads.
    """

    def __init__(
        self, recipe: PromptedRecipe, store: AnswerStore, credentials: Credentials
    ) -> None:
        """Gets ready to ask; nothing is sent."""
        model = recipe.model
        assert model.endpoint is not None
        self._recipe = recipe
        self._store = store
        self._credentials = credentials
        self._address = model.endpoint
        self._client: EndpointClient | None = None
        self._counter = TokenCounter(model.tokenizer)
        self._purse = Purse(recipe.budget, recipe.prices, store.spent())
        self._refusals = Refusals(model.endpoint, model.base, credentials.given)
        self._note = f"dialect {model.endpoint} {model.base}"
        self._dialect = Dialect.from_json(store.note(self._note))
        self._proven = False
        self._proving = threading.Lock()
        self._learning = threading.Lock()
        self._asked: dict[str, threading.Lock] = {}
        self._asking = threading.Lock()
        self.pace = Pace(recipe.decoding)

    def ask(self, prompt: Prompt) -> Answer:
        """The answer to a prompt, from the store or from the endpoint.

        Raises:
            MissingExtraError: The client is not installed.
            MassiveKitError: The endpoint cannot be asked, or does not answer.
            BudgetSpentError: The budget does not allow the request.
            StoppedError: Another thread has met an error.
        """
        key = prompt_key(self._recipe, prompt)
        with self._asking:
            lock = self._asked.setdefault(key, threading.Lock())
        # The same prompt of two utterances is sent once.
        with lock:
            known = self._store.get(key)
            if known is not None:
                return known
            if self._proven:
                return self._sent(key, prompt)
            # Until one request has gone well the others wait, so that a wrong key or model is
            # found out by one request, not by sixteen.
            with self._proving:
                if not self._proven:
                    return self._first_sent(key, prompt)
            return self._sent(key, prompt)

    def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            self._client.close()

    def _first_sent(self, key: str, prompt: Prompt) -> Answer:
        try:
            answer = self._sent(key, prompt)
        except BaseException:
            # Before the next one that waits may send.
            self.pace.stop()
            raise
        self._proven = True
        return answer

    def _sent(self, key: str, prompt: Prompt) -> Answer:
        most = Tokens(self._counter.prompt(prompt), self._recipe.decoding.max_tokens)
        with self._purse.promise(most) as answers:
            answer = self._store.put(key, self._answered(prompt))
            answers.append(answer)
        return answer

    def _answered(self, prompt: Prompt) -> Answer:
        decoding = self._recipe.decoding
        unreadable = attempt = 0
        timeout = decoding.timeout
        dialect, is_lesson = self._dialect, False
        while True:
            body = dialect.body(self._recipe.model.base, prompt, decoding)
            self.pace.turn()
            start = time.monotonic()
            response = self._opened().send(body, decoding.parameters, timeout)
            seconds = time.monotonic() - start
            if response.status == _OK:
                if is_lesson:
                    self._learn(dialect)
                answer = self._read(prompt, response, seconds)
                unreadable += 1
                if answer is not None or unreadable > _MOST_UNREADABLE:
                    answer = answer or self._unreadable(prompt, response, seconds)
                    if "response_format" in body and answer.finish == "stop":
                        self._check_held(prompt, answer)
                    return answer
                response = Response(_OK, message="a response that is no completion")
            elif response.status in _REFUSED:
                other = dialect.without(body, response.message)
                is_lesson = other is not None or not self._proven
                if other is None and "response_format" in body:
                    # It may be the schema; where others are answered with theirs, only this one.
                    other = dialect.freely()
                if other is None:
                    return self._refused(response, seconds)
                dialect = other
                continue
            elif response.status not in _PASSING or is_used_up(response):
                raise self._refusals.final(response)
            # What was late takes as long again, and may be paid each time: it gets twice the time.
            timeout = min(timeout * (2 if response.late else 1), _LONGEST_TIMEOUT)
            attempt += 1
            self._wait(attempt, response)

    def _wait(self, attempt: int, response: Response) -> None:
        """Waits before the next attempt, if there may be one."""
        attempts = self._recipe.decoding.attempts
        if attempt >= attempts:
            raise self._refusals.no_answer(response, attempt, answered=self._proven)
        # Who has just begun waits in front of the screen.
        level = logging.INFO if self._proven or attempt > 1 else logging.WARNING
        again = f"attempt {attempt + 1} of {attempts} follows"
        _LOG.log(level, "%s: %s; %s", self._refusals.where, reason(response), again)
        self.pace.hold(attempt - 1, response.headers)

    def _opened(self) -> EndpointClient:
        """The client, which takes a while to load and is not needed where all answers are kept."""
        if self._client is None:
            self._client = EndpointClient(self._address, self._credentials)
        return self._client

    def _read(self, prompt: Prompt, response: Response, seconds: float) -> Answer | None:
        if response.too_large:
            return self._answer(prompt, "", "too large", seconds, (None, None), "")
        completion = read_completion(response.body)
        if completion is None:
            return None
        counts = (completion.prompt_tokens, completion.answer_tokens)
        # A key that came in another spelling (`\u0073k-...`) is itself again only now.
        hide = self._credentials.hide
        text, model = hide(completion.text), hide(completion.model)
        return self._answer(prompt, text, completion.finish, seconds, counts, model)

    def _unreadable(self, prompt: Prompt, response: Response, seconds: float) -> Answer:
        if not self._proven:
            raise self._refusals.no_completions()
        text = response.body.decode("utf-8", "replace")[:LONGEST]
        return self._answer(prompt, text, "no completion", seconds, (None, None), "")

    def _answer(
        self,
        prompt: Prompt,
        text: str,
        finish: str,
        seconds: float,
        counts: tuple[int | None, int | None],
        model: str,
    ) -> Answer:
        sent, came = counts
        return Answer(
            text,
            finish,
            self._counter.prompt(prompt) if sent is None else sent,
            self._counter.text(text) if came is None else came,
            counted=sent is not None and came is not None,
            seconds=round(seconds, 3),
            model=model,
            date=datetime.now(UTC).date().isoformat(),
        )

    def _learn(self, dialect: Dialect) -> None:
        """Keeps what a request did without that went well."""
        with self._learning:
            is_freed = self._dialect.structured and not dialect.structured
            self._dialect = dialect
            self._store.remember(self._note, dialect.to_json())
        if is_freed:
            text = "%s cannot hold its answers to a JSON schema; %s"
            _LOG.warning(text, self._refusals.where, _READ)

    def _check_held(self, prompt: Prompt, answer: Answer) -> None:
        """Tells once of a run that the endpoint takes a schema, and does not keep to it."""
        note = f"free {self._note}"
        with self._learning:
            if prompt.holds(answer.text) or self._store.note(note) is not None:
                return
            self._store.remember(note, answer.text[:100])
        text = "%s takes a JSON schema and does not hold its answers to it; %s"
        _LOG.warning(text, self._refusals.where, _READ)

    def _refused(self, response: Response, seconds: float) -> Answer:
        """A prompt that the endpoint will not take, where it takes others: it counts as failed."""
        if not self._proven and response.code not in _OF_PROMPT:
            raise self._refusals.of_first(response)
        return Answer("", f"refused: {reason(response)}"[:200], seconds=round(seconds, 3))


def prompt_key(recipe: PromptedRecipe, prompt: Prompt) -> str:
    """The key under which the answer to a prompt is kept."""
    decoding = recipe.decoding
    return answer_key(
        {
            "model": recipe.model.base,
            "messages": prompt.messages,
            # Not whether the endpoint could be held to it, which is for it to say.
            "schema": prompt.schema if prompt.form == "json" else None,
            "max_tokens": decoding.max_tokens,
            "temperature": decoding.temperature,
            "seed": decoding.seed,
            "structured": decoding.structured,
            "parameters": decoding.parameters,
        }
    )
