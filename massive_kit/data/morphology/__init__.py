"""Inflection tables as UniMorph has them, and utterances in other forms."""
