"""What is logged reads as other warnings do."""

from __future__ import annotations

import logging

import pytest

from massive_kit.cli.console import LogLines


def test_a_warning_is_a_line_without_the_name_of_a_module(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message, name = "%s is [odd]\x1b[31m", "massive_kit.some.module"
    LogLines().handle(logging.LogRecord(name, logging.WARNING, "", 1, message, ("it",), None))
    assert capsys.readouterr().err == "warning: it is [odd]\\u001b[31m\n"
