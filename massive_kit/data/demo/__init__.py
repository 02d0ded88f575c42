"""The demo corpus: machine-written text in MASSIVE's format, not a benchmark."""

from massive_kit.data.demo.corpus import open_demo

__all__ = ["open_demo"]
