"""For other platforms."""
