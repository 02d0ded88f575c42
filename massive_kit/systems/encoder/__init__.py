"""An encoder with joint heads for intents and slots."""
