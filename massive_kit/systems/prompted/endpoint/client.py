"""Sends one request, with bounds on all that comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from massive_kit.errors import MissingExtraError
from massive_kit.systems.prompted.endpoint.credentials import Credentials
from massive_kit.systems.prompted.endpoint.response_body import MOST_BYTES, error_message

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

_OK = 200
_LONGEST_CONNECT = 30


@dataclass(frozen=True, slots=True)
class Response:
    """What came back.

    Attributes:
        status: The HTTP status; 0 where there was no response.
        body: Of a success, what was sent.
        message: Of a failure, what the endpoint or the network says of it, without the key.
        code: The endpoint's word for the failure, or "".
        headers: The response's headers, in lower case.
        too_large: The body was larger than any honest one, and left at that.
        late: There was none in the time that a request may take.
    """

    status: int
    body: bytes = b""
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] | None = None
    too_large: bool = False
    late: bool = False


class _TooLargeError(Exception):
    """A response is larger than any honest one."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _TooSlowError(Exception):
    """A response comes in drops."""


class EndpointClient:
    """The `openai` client, told to try once, follow nowhere and read no more than it should."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        """Makes the client; nothing is sent.

        Raises:
            MissingExtraError: The `openai` package is not installed.
        """
        self._credentials = credentials
        self._client = self._made(address)

    def send(self, body: Mapping[str, Any], more: Mapping[str, Any], timeout: float) -> Response:
        """The response to a request for a chat completion.

        Args:
            body: Its keys.
            more: Keys that only the server knows.
            timeout: Most seconds until all of it is there.
        """
        import httpx2
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        try:
            raw = self._client.chat.completions.with_raw_response.create(
                **body,
                extra_body=dict(more) or None,
                timeout=httpx2.Timeout(timeout, connect=min(timeout, _LONGEST_CONNECT)),
            )
            content = self._credentials.hide(raw.content.decode("utf-8", "replace"))
            return Response(raw.status_code, content.encode())
        except _TooLargeError as error:
            failure = "" if error.status == _OK else "a response that is larger than any should be"
            return Response(error.status, message=failure, too_large=True)
        except (_TooSlowError, APITimeoutError):
            return Response(0, message=f"no answer within {timeout:g} seconds", late=True)
        except APIStatusError as error:
            code = error.code if isinstance(error.code, str) else ""
            message = self._credentials.hide(error_message(error.body or error.response.text))
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            return Response(error.status_code, message=message, code=code[:100], headers=headers)
        except APIConnectionError as error:
            cause = error.__cause__ or error
            return Response(0, message=self._credentials.hide(error_message(str(cause))))
        except OpenAIError as error:
            return Response(0, message=self._credentials.hide(error_message(str(error))))

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def _made(self, address: str) -> OpenAI:
        try:
            from openai import DefaultHttpx2Client, OpenAI
        except ImportError:
            raise MissingExtraError("llm", "asking an endpoint") from None
        http_client = DefaultHttpx2Client(
            # An endpoint that moves must be told, not followed with everything that is sent.
            follow_redirects=False,
            event_hooks={"response": [self._bound]},
            headers={"Accept-Encoding": "identity"},
        )
        return OpenAI(
            api_key=self._credentials.key,
            base_url=address,
            max_retries=0,
            http_client=http_client,
        )

    def _bound(self, response: httpx2.Response) -> None:
        """Lets a response be read up to a size and for a time; nothing has been read of it yet."""
        # What is packed may be as large as it likes when unpacked, and was not asked for.
        packed = response.headers.get("content-encoding", "identity").lower() != "identity"
        most = 0 if packed else MOST_BYTES
        deadline = time.monotonic() + response.request.extensions["timeout"]["read"]
        response.stream = _bounded(response.stream, most, deadline, response.status_code)


def _bounded(stream: Any, most: int, deadline: float, status: int) -> httpx2.SyncByteStream:
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        """A stream that ends in an error where it is too long or too slow."""

        def __iter__(self) -> Iterator[bytes]:
            left = most
            for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    raise _TooLargeError(status)
                if time.monotonic() > deadline:
                    raise _TooSlowError
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()
