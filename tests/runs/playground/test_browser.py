"""The playground in a real browser, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from massive_kit.languages import LanguageTable
from massive_kit.runs.playground.readings import NamedSystem
from massive_kit.runs.playground.server import Playground, server
from tests.chromium import violations
from tests.runs.playground.clock import Clock, SureClock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    systems = [NamedSystem("first", Clock()), NamedSystem("second", SureClock())]
    with server(Playground(systems, LanguageTable.shipped(), "ar-SA"), 0) as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}/"
        made.shutdown()
        thread.join()


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_a_sentence_is_typed_and_read(
    browser: Any, axe: str, address: str, theme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 844})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on(
        "request", lambda request: wrong.append(request.url) if address not in request.url else 0
    )
    page.goto(address)
    # The field has the focus: nothing but typing is needed.
    page.wait_for_function("document.activeElement.id === 'text'")
    page.keyboard.type("ذكرني الثلاثاء الساعة تسعة")
    page.keyboard.press("Enter")
    page.wait_for_selector("section")
    assert page.locator("mark small").all_text_contents() == ["date", "time"] * 2
    assert page.locator("#text").input_value() == "ذكرني الثلاثاء الساعة تسعة"
    # Arabic begins at the right: the first word lies to the right of the last one.
    first, last = (page.locator("section mark").nth(i).bounding_box()["x"] for i in (0, 1))
    assert first > last
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "ذكرني" not in page.url
    assert violations(page, axe) == []
    assert wrong == []
    context.close()
