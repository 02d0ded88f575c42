"""What kinds share that ask other systems: those systems, and labels out of what they say."""
