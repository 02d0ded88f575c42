"""Previews the site: builds it, serves it, builds it again when its sources change.

Open pages reload without polling timers or `connect-src`: a script of the server's own stays
unanswered until there is a new site.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from massive_kit import content
from massive_kit.counted import counted
from massive_kit.errors import MassiveKitError
from massive_kit.publish.site import build

RELOAD = "/-/reload.js"
_TAG = f'<script src="{RELOAD}?seen=%d" async></script>\n</body>'
# A browser gives up on a silent server after minutes; this answers before and is asked again.
_PATIENCE = 20.0
_AGAIN = (
    '(() => {{ const s = document.createElement("script");'
    ' s.src = "{path}?seen={seen}&again=" + Date.now(); document.head.append(s); }})();\n'
)

TellLine = Callable[[str], None]


class Preview:
    """A site that is built again when its sources change.

    Args:
        root: The leaderboard's folder.
        out: The site's folder.
        tell: Gets a line for each build.
        results: A results tree in the place of the folder's own.
    """

    def __init__(self, root: Path, out: Path, tell: TellLine, results: Path | None = None) -> None:
        self.root, self.out, self.tell, self.results = root, out, tell, results
        self.version = 0
        self._changed = threading.Condition()
        self._stamps: dict[Path, tuple[float, int]] = {}

    def check(self) -> bool:
        """Builds if anything changed; whether it did. A failed build leaves the old site."""
        stamps = dict(self._watched())
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        try:
            built = build(self.root, self.out, results=self.results)
        except (MassiveKitError, OSError) as error:
            # A file may vanish while it is read; the next look sees the change.
            self.tell(f"not built: {error}")
            return False
        self.tell(f"{counted(built.systems, 'system')}, {counted(built.pages, 'page')}")
        with self._changed:
            self.version += 1
            self._changed.notify_all()
        return True

    def wait(self, seen: int, patience: float = _PATIENCE) -> int:
        """The version, as soon as it is not the one seen, or when patience ends."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, patience)
            return self.version

    def _watched(self) -> Iterator[tuple[Path, tuple[float, int]]]:
        folders = {self.root, content.installed_root() / "leaderboard", self.results or self.root}
        for folder in folders:
            # Walking passes over a folder that vanishes meanwhile; a file may do so, too.
            for parent, _, names in os.walk(folder):
                for name in names:
                    path = Path(parent, name)
                    with suppress(FileNotFoundError):
                        stat = path.stat()
                        yield path, (stat.st_mtime, stat.st_size)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, preview: Preview, **more: object) -> None:
        self._preview = preview
        super().__init__(*args, directory=str(preview.out), **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """A file of the site; pages with the reloading script, unknown addresses with the 404."""
        parts = urlsplit(self.path)
        if parts.path == RELOAD:
            self._reload(parse_qs(parts.query).get("seen", ["0"])[0])
            return
        path = Path(self.translate_path(parts.path))
        if path.is_dir():
            path /= "index.html"
        if path.suffix == ".html" or not path.is_file():
            exists = path.is_file()
            page = path if exists else self._preview.out / "404.html"
            text = page.read_text(encoding="utf-8") if page.is_file() else "</body>"
            tagged = text.replace("</body>", _TAG % self._preview.version)
            status = HTTPStatus.OK if exists else HTTPStatus.NOT_FOUND
            self._send(status, "text/html; charset=utf-8", tagged)
            return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Says nothing of each request."""

    def _reload(self, seen: str) -> None:
        seen_version = int(seen) if seen.isdecimal() else 0
        version = self._preview.wait(seen_version)
        script = (
            "location.reload();\n"
            if version != seen_version
            else _AGAIN.format(path=RELOAD, seen=version)
        )
        self._send(HTTPStatus.OK, "text/javascript; charset=utf-8", script)

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        raw = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(raw)
        except (BrokenPipeError, ConnectionResetError):
            # The page that asked has been closed.
            return


def server(preview: Preview, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the preview; port 0 takes a free one."""
    made = ThreadingHTTPServer((host, port), partial(_Handler, preview=preview))
    made.daemon_threads = True
    return made
