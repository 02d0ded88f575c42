"""A locale is found however it is spelled."""

from __future__ import annotations

import pytest

from massive_kit.languages import LocaleMatch, match_locale

KNOWN = ("en-US", "ja-JP", "sl-SL", "zh-CN", "tlh")


@pytest.mark.parametrize(
    ("given", "locale"),
    [
        ("ja-JP", "ja-JP"),
        ("JA_jp", "ja-JP"),
        ("sl-SI", "sl-SL"),
        ("sl_si", "sl-SL"),
        ("TLH", "tlh"),
    ],
)
def test_case_underscore_and_aliases_do_not_matter(given: str, locale: str) -> None:
    assert match_locale(given, KNOWN) == LocaleMatch(locale, known=True)


@pytest.mark.parametrize(
    ("given", "near"), [("ja", "ja-JP"), ("zh-CH", "zh-CN"), ("xxxxxx", None), ("", None)]
)
def test_an_unknown_one_stays_as_it_is(given: str, near: str | None) -> None:
    assert match_locale(given, KNOWN) == LocaleMatch(given, known=False, near=near)
