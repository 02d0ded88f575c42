"""Checks, statistics, differences and cards of a store."""
