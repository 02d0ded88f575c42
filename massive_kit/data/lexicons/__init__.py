"""Other people's dictionaries: what they hold, and reading them."""
