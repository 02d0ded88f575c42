"""A run that reads each utterance twice: as it is, and word by word in the source language."""
