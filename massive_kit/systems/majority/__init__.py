"""The most frequent intent, and no slots."""
