"""massive-kit: load, train, score, break down, validate and publish MASSIVE-style benchmarks."""

__version__ = "0.1.0"
