"""What of the world's languages a benchmark has, and which to annotate next."""
