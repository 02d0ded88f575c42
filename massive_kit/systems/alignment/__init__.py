"""What kinds share that learn where languages lie to each other."""
