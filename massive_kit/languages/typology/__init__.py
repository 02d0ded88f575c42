"""How far languages are from each other, and how much text there is in each."""
