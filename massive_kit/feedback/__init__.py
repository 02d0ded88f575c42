"""Self-learning from rephrases: what users say again teaches the system, without annotators."""
