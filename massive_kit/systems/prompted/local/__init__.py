"""Runs a language model here, whose answers cannot break."""
