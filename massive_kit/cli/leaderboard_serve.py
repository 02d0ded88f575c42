"""`massive-kit leaderboard serve`: a preview that follows its sources."""

from __future__ import annotations

from typing import Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.options import Results

_PAUSE = 0.5


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    results: Results = None,
) -> None:
    """Build the board, serve it, and reload open pages when results or templates change."""
    import tempfile
    import threading
    import time
    from pathlib import Path

    from massive_kit.publish.results import board_folder
    from massive_kit.publish.serving import Preview, server

    with tempfile.TemporaryDirectory() as name:
        preview = Preview(
            board_folder(results),
            Path(name) / "site",
            lambda line: err.print(line, markup=False, soft_wrap=True),
            results,
        )
        preview.check()
        with server(preview, host, port) as made:
            threading.Thread(target=made.serve_forever, daemon=True).start()
            out.print(f"http://{host}:{made.server_address[1]}/  (Ctrl-C ends it)", soft_wrap=True)
            try:
                while True:
                    time.sleep(_PAUSE)
                    preview.check()
            except KeyboardInterrupt:
                made.shutdown()
