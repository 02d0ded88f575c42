"""Rows to vote or to demonstrate with: the nearest by vectors or by characters, or drawn ones."""
