"""Scores in languages where a system was not measured, and whose labels to train on."""
