"""What enters or leaves as text, checked with pydantic."""
