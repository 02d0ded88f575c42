"""The breakdown stage."""
