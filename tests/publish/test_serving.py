from __future__ import annotations

import shutil
import threading
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from massive_kit.publish.serving import RELOAD, Preview, server
from tests.publish.boards import shipped


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    root = tmp_path / "leaderboard"
    root.mkdir()
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    system = "results/xlm-r-base-full"
    shutil.copytree(shipped() / system, root / system)
    return Preview(root, tmp_path / "site", lambda line: None)


def get(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        text: str = answer.read().decode()
        return text


def test_pages_reload_when_a_source_changes(preview: Preview) -> None:
    assert preview.check()
    assert not preview.check()
    with server(preview, "127.0.0.1", 0) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{made.server_address[1]}"
        assert f"{RELOAD}?seen=1" in get(base + "/")
        assert "color-scheme" in get(base + "/assets/board.css")
        with pytest.raises(HTTPError) as caught:
            get(base + "/nowhere/at/all.html")
        assert caught.value.code == 404
        caught.value.close()
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(get(f"{base}{RELOAD}?seen=1")))
        asking.start()
        board = preview.root / "board.yaml"
        board.write_text(board.read_text().replace("title: MASSIVE leaderboard", "title: Changed"))
        assert preview.check()
        asking.join(10)
        assert answers == ["location.reload();\n"]
        assert "<h1>Changed</h1>" in get(base + "/index.html")
        made.shutdown()


def test_failed_build_keeps_the_old_site(preview: Preview) -> None:
    lines: list[str] = []
    preview.tell = lines.append
    preview.check()
    (preview.root / "board.yaml").write_text("titel: x\n")
    assert not preview.check()
    assert "did you mean 'title'" in lines[-1]
    assert (preview.out / "index.html").exists()
    assert preview.version == 1
    assert preview.wait(0, patience=0) == 1
