"""The nearest training rows vote on the intent; slots are copied from what training has seen."""
