from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from massive_kit.errors import ConfigError
from massive_kit.publish.serving import RELOAD, Preview, server
from massive_kit.publish.site import build
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<p>\n{% if %}", r"about\.html:2: Expected an expression"),
        ("<p>\n{{ nothing.there }}", r"about\.html:2: 'nothing' is undefined"),
        ("<p>\n{% include 'gone.html' %}", r"about\.html:2: no template gone\.html"),
        ("<p>\n\n{{ page.title + 1 }}", r"about\.html:3: can only concatenate str"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_line_and_the_old_site_stays(
    text: str, message: str, preview: Preview
) -> None:
    lines: list[str] = []
    preview.tell = lines.append
    preview.check()
    template = preview.root / "templates" / "about.html"
    template.parent.mkdir()
    template.write_text(text)
    assert not preview.check()
    assert re.search(message, lines[-1])
    assert str(template) in lines[-1]
    assert (preview.out / "index.html").exists()
    with pytest.raises(ConfigError, match=message):
        build(preview.root, preview.out)
    template.write_text("{% extends 'base.html' %}")
    assert preview.check()


def test_a_file_that_cannot_be_looked_at_is_no_reason_to_stop(preview: Preview) -> None:
    # A link that leads nowhere is met as a file that has just been removed.
    (preview.root / "gone").symlink_to(preview.root / "nothing")
    assert preview.check()
    assert not preview.check()
