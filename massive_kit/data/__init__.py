"""From raw rows to a checked store, and from the store to arrays."""
