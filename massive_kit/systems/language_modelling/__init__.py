"""What kinds share that learn from text without labels."""
