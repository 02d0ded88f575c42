"""What Sphinx reads: how the manual is built."""

from massive_kit.version import __version__

project = "massive-kit"
version = release = __version__
copyright = "The massive-kit authors"  # noqa: A001 - the name that Sphinx reads
html_show_copyright = html_show_sphinx = False
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
# Two hyphens are two hyphens: options begin with them.
smartquotes = False
# Docstrings put code in single backticks.
default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
napoleon_use_ivar = True
html_theme = "furo"
html_title = "massive-kit"
html_static_path = ["static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_use_index = False
# It would fetch pages, which a browser refuses to one that was opened from the disk.
html_show_search_summary = False
