"""Figures for papers: a module for each kind. They need matplotlib (extra `figures`)."""
