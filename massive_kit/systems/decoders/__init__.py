"""Decoder-only language models: loaded from wherever they are, with or without an adapter."""
