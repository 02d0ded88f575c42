"""A server that speaks as OpenAI's does, and answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server sends.

    Attributes:
        status: The HTTP status.
        body: What stands in the response.
        headers: Beside those that belong to every response.
        cut: The connection ends after half of the body.
        drip: The body comes byte by byte, with so many seconds between.
        wait: Seconds before anything is sent.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    drip: float = 0
    wait: float = 0


@dataclass
class ScriptedServer:
    """The server.

    Attributes:
        answer: What it does with a request, which comes with its number from 0.
        requests: The bodies of all requests, in order.
        headers: Their headers.
        together: Most requests at a time.
    """

    answer: Callable[[int, dict[str, Any]], Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    together: int = 0
    address: str = ""
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        with self._lock:
            number = len(self.requests)
            self.requests.append(body)
            self.headers.append(headers)
            self._now += 1
            self.together = max(self.together, self._now)
        try:
            reply = self.answer(number, body)
            time.sleep(reply.wait)
            return reply
        finally:
            with self._lock:
                self._now -= 1


def completion(text: str, **more: Any) -> Reply:
    """A good response."""
    value = {
        "id": "x",
        "object": "chat.completion",
        "model": "tester-2026",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return Reply(body=json.dumps(value | more).encode())


def failure(status: int, message: str, code: str = "", **headers: str) -> Reply:
    """A response that tells of a failure."""
    value = {"error": {"message": message, "code": code or None, "type": "x"}}
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), named)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.scripted.reply(json.loads(raw), headers)
        try:
            self._send(reply)
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:
            # Not even a status line.
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.cut:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
            return
        for byte in reply.body if reply.drip else ():
            self.wfile.write(bytes([byte]))
            time.sleep(reply.drip)
        if not reply.drip:
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    scripted: ScriptedServer

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(answer: Callable[[int, dict[str, Any]], Reply]) -> Iterator[ScriptedServer]:
    """The server, for the time of the block, on a port of its own."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.scripted = ScriptedServer(answer, address=f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
