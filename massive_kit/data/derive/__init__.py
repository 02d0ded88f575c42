"""Transforms: each module makes stores of stores, and is found by being here."""
