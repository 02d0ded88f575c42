"""Decoder-only language models, fine-tuned to write an utterance's labels after it."""
