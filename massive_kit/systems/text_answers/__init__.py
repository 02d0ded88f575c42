"""Answers as text: formats and the grammar of what can be read back."""
