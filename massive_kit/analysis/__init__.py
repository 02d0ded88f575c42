"""What representations hold of languages and meanings."""
