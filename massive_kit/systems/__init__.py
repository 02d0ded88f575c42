"""Kinds of system, one folder each, found by being there."""
