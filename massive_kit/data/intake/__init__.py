"""Every foreign format, to rows, to a store."""
