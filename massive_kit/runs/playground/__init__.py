"""A local page to try systems on: a sentence goes in, intent and slots come out."""
