"""The page answers itself alone, keeps nothing, and shows what is typed as text."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from threading import Thread
from urllib.parse import urlencode

import pytest

from massive_kit.languages import LanguageTable
from massive_kit.runs.playground.readings import NamedSystem
from massive_kit.runs.playground.server import MOST_CHARACTERS, Playground, server
from tests.runs.playground.clock import Clock, SureClock


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    systems = [NamedSystem("first", Clock()), NamedSystem("second", SureClock())]
    with server(Playground(systems, LanguageTable.shipped(), "sw-KE"), 0) as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield made.server_port
        made.shutdown()
        thread.join()


def ask(
    port: int, method: str = "GET", path: str = "/", body: str | None = None, **headers: str
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def say(port: int, text: str, locale: str = "en-US", **headers: str) -> tuple[HTTPResponse, str]:
    return ask(port, "POST", "/", urlencode({"text": text, "locale": locale}), **headers)


def test_the_empty_page_has_the_chosen_language_and_no_script(port: int) -> None:
    response, html = ask(port)
    assert response.status == 200
    assert '<option value="sw-KE" selected>Swahili (sw-KE)</option>' in html
    assert "<script" not in html
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert ask(port, path="/page.css")[0].headers["Content-Type"].startswith("text/css")
    assert ask(port, path="/etc/passwd")[0].status == 404


def test_each_system_says_what_it_makes_of_a_text(port: int) -> None:
    response, html = say(port, "wake me tomorrow nine", "de-DE")
    assert response.status == 200
    assert html.count("<section>") == 2
    assert html.count('<span>nine</span><small lang="en" dir="ltr">time</small>') == 2
    assert "75.0 %" in html
    assert 'lang="de-DE" dir="auto"' in html


def test_what_is_typed_is_text_and_no_markup(port: int) -> None:
    _, html = say(port, "<script>alert(1)</script> \"nine'")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("text", "locale", "why"),
    [
        ("  ", "en-US", "Type a sentence first"),
        ("x" * (MOST_CHARACTERS + 1), "en-US", "too long"),
        ("nine", "../../etc", "no such language"),
    ],
)
def test_what_cannot_be_read_is_told_on_the_page(
    port: int, text: str, locale: str, why: str
) -> None:
    response, html = say(port, text, locale)
    assert response.status == 400
    assert why in html
    assert "<section>" not in html


def test_other_sites_get_nothing(port: int) -> None:
    assert ask(port, Host="evil.example")[0].status == 403
    assert say(port, "nine", Origin="http://evil.example")[0].status == 403
    assert say(port, "nine", Origin="null")[0].status == 403
    assert say(port, "nine", Origin=f"http://localhost:{port}")[0].status == 200
    assert ask(port, Host=f"localhost:{port}")[0].status == 200


def test_bodies_that_are_no_form_are_refused(port: int) -> None:
    assert ask(port, "POST", "/", "x" * 20_000)[0].status == 413
    assert ask(port, "POST", "/", "text=%FF&locale=en-US")[0].status == 400
    assert ask(port, "POST", "/", "a=1&b=2&c=3&d=4&e=5&text=x")[0].status == 400
    assert ask(port, "POST", "/", Content_Length="many")[0].status == 413
