"""`massive-kit submission manifest`: a manifest to start from."""

from __future__ import annotations

from massive_kit.cli.console import emit


def manifest() -> None:
    """Print a manifest to fill in."""
    from massive_kit.submission.manifests import TEMPLATE

    emit(TEMPLATE)
