"""A grid of runs over keys of a recipe, keys of the data and seeds."""
