"""The pages of the board, one kind a module; each module has `pages(model)`."""
