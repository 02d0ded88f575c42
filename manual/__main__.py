"""`python -m manual`: builds the manual."""

from manual.building import main

main()
