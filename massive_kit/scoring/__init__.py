"""Scores with intervals, from labels."""
