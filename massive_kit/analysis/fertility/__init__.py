"""What a tokenizer makes of the text of languages: subwords, unknown characters, bytes."""
