"""Several trained runs that are asked together."""
