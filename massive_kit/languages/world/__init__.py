"""The living languages of the world: where, of what family, in what script, how many users."""
