"""Pre-training: a model learns from text without labels, for others to start from."""
