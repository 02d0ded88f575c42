"""Utterances as subwords, and labels of subwords as labels of tokens; for encoders of any form."""
