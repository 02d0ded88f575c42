"""The pictures of a probe."""
