"""Serves the page on the loopback address alone.

Nothing is kept: no text stands in an address, a log or a file. Other sites that are open in the
same browser can neither read answers nor ask anything: requests under another name are refused
(DNS rebinding), and so are forms that another site sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from massive_kit.errors import MassiveKitError
from massive_kit.languages import LanguageTable
from massive_kit.runs.playground.page import Shown, page, stylesheet
from massive_kit.runs.playground.readings import NamedSystem

HOST = "127.0.0.1"
MOST_CHARACTERS = 1000
# Each character may take four bytes, each of them three signs of a form.
_MOST_BYTES = 16 * MOST_CHARACTERS
_SECONDS = 10.0
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Under `no-referrer` a browser sends the page's own form with the origin `null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Playground:
    """What the page is made of.

    Args:
        systems: Whom to ask.
        languages: What can be chosen.
        locale: What is chosen first.
    """

    def __init__(
        self, systems: Sequence[NamedSystem], languages: LanguageTable, locale: str
    ) -> None:
        self.systems = tuple(systems)
        self.languages = languages
        self.locale = locale

    def empty(self) -> str:
        """The page before anything is typed."""
        return self._page(Shown("", self.locale))

    def answer(self, text: str, locale: str) -> tuple[HTTPStatus, str]:
        """The page with what each system makes of a text."""
        if locale not in self.languages:
            problem = "There is no such language to choose."
            return HTTPStatus.BAD_REQUEST, self._page(Shown("", self.locale, problem=problem))
        shown = Shown(text, locale)
        if not text.strip():
            problem = "Type a sentence first."
        elif len(text) > MOST_CHARACTERS:
            problem = f"The text is too long: {MOST_CHARACTERS:,} characters are the most."
            shown = Shown("", locale)
        else:
            try:
                readings = [system.read(text, locale) for system in self.systems]
            except MassiveKitError as error:
                problem = f"It could not be read: {error}"
            else:
                return HTTPStatus.OK, self._page(Shown(text, locale, readings))
        shown = Shown(shown.text, locale, problem=problem)
        return HTTPStatus.BAD_REQUEST, self._page(shown)

    def _page(self, shown: Shown) -> str:
        return page(shown, self.languages, [system.name for system in self.systems])


def server(playground: Playground, port: int) -> ThreadingHTTPServer:
    """A server of the page; port 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    made = ThreadingHTTPServer((HOST, port), partial(_Handler, playground=playground))
    made.daemon_threads = True
    return made


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server_version = "massive-kit"
    sys_version = ""

    def __init__(self, *args: object, playground: Playground, **more: object) -> None:
        self._playground = playground
        super().__init__(*args, **more)  # type: ignore[arg-type] # as the base takes them

    def do_GET(self) -> None:
        """The empty page, and its stylesheet."""
        if not self._is_of_this_page():
            return
        match urlsplit(self.path).path:
            case "/":
                self._send(HTTPStatus.OK, "text/html", self._playground.empty())
            case "/page.css":
                self._send(HTTPStatus.OK, "text/css", stylesheet())
            case _:
                self._refuse(HTTPStatus.NOT_FOUND, "there is one page: /")

    def do_POST(self) -> None:
        """The page with an answer."""
        if not self._is_of_this_page():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {_MOST_BYTES:,} bytes")
            return
        try:
            form = parse_qs(
                self.rfile.read(int(length)).decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=4,
            )
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST, "no form in UTF-8")
            return
        text, locale = (form.get(name, [""])[0] for name in ("text", "locale"))
        status, html = self._playground.answer(text, locale)
        self._send(status, "text/html", html)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Says nothing of requests."""

    def _is_of_this_page(self) -> bool:
        assert isinstance(self.server, ThreadingHTTPServer)
        names = {f"{host}:{self.server.server_port}" for host in (HOST, "localhost")}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") in names and (
            origin is None or urlsplit(origin).netloc in names
        ):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "this page answers itself alone")
        return False

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        # What was sent besides is not read.
        self.close_connection = True
        self._send(status, "text/plain", why + "\n")

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        raw = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)
        except (BrokenPipeError, ConnectionResetError):
            # The page that asked has been closed.
            return
