"""How Sphinx builds the documentation; `make docs` calls it."""

import sys
from pathlib import Path

from app import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Customer profiles"
release = version = __version__
extensions = ["generated", "myst_parser", "sphinx_click"]
html_theme = "furo"
html_show_copyright = False
html_title = f"{project} {release}"
myst_heading_anchors = 3  # as on a repository host
