"""A text-to-text model that writes the labels out."""
