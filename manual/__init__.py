"""Builds the manual: a static site from the pages in `docs/` and from what the code says of itself.

`python -m manual` builds it; `make docs` sets up what that needs. The package is no part of what is
installed.
"""
