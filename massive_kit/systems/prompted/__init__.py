"""Language models asked in context: nothing is fine-tuned."""
