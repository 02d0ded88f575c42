"""What trains anything: it knows no intents, no slots and no kind of system."""
