"""The outline of the land, for maps of the world."""
