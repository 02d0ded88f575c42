"""The wrapper for `evaluate`; a folder, because that is how the library finds a script by path."""
