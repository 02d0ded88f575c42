"""Pictures as SVG, written by hand; they open anywhere, in a light and in a dark theme."""
