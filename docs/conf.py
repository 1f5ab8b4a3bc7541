"""How Sphinx makes the site of these pages: ``nox -s docs``.

What is documented is the installed package, not the source tree beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Tuple, Type, Union

from pygments.lexers import BashLexer, TextLexer

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
# Last, or the tree's package would be imported instead of the installed one.
sys.path.append(str(ROOT))

import geventconnpool_ext  # noqa: E402
from geventconnpool_ext import _arguments  # noqa: E402
from geventconnpool_ext.epp import EPPPool  # noqa: E402

URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]

project = "geventconnpool_ext"
project_copyright = "the geventconnpool_ext maintainers"
version = release = geventconnpool_ext.__version__

extensions = [
    "maintenance.docs.docstrings",
    "maintenance.docs.source_links",
    "myst_parser",
    "sphinx.ext.autodoc",
]
# Dashes only: what is quoted must stay what it is.
smartquotes_action = "D"

# --- the pages ------------------------------------------------------------------------

# GitHub's anchors, so that a link to a heading works there and here.
myst_heading_anchors = 4
source_links_home = URLS["Source"]
source_links_root = str(ROOT)
# These pages are files of the root, included.
source_links_pages = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "security": "SECURITY.md",
}

# --- the reference --------------------------------------------------------------------

# epplib is not on PyPI; its names are enough to describe what is built on it.
autodoc_mock_imports = ["epplib"]
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
autodoc_typehints = "signature"
maximum_signature_line_length = 80
add_module_names = False
python_use_unqualified_type_names = True
# So that autodoc reads __init__ itself, with the defaults as they are written there.
del EPPPool.__new__, EPPPool.__signature__
# Known to type checkers alone, and needed where autodoc evaluates overloads.
_arguments.ExceptionClasses = Union[
    Type[BaseException], Tuple[Type[BaseException], ...]
]
# What has no entry here; everything else that is named must be found.
nitpick_ignore_regex = [
    # Of other packages: their inventories would have to be downloaded.
    ("py:class", r"(datetime|gevent|logging)\..*|Element|StackSummary"),
    ("py:class", "CollectorRegistry|Metric|MeterProvider|TracerProvider"),
    # Variables and other names for types, which exist for type checkers alone.
    ("py:class", r"(.*\.)?C|P|R|Attributes|(.*\.)?ExceptionClasses|Path|Request"),
    # Private here, though a signature names it.
    ("py:class", r"(.*\.)?(BasePool|PreparedRequest|Unset)"),
    ("py:class", r"geventconnpool_ext\.testing\.(.*)\..*"),
]

# --- the look -------------------------------------------------------------------------

html_theme = "furo"
# Furo's own underlines what is imported, as if it were a link.
pygments_dark_style = "github-dark"
html_title = f"{project} {version}"
html_baseurl = URLS["Documentation"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {
    "source_repository": URLS["Source"],
    "source_branch": "main",
    "source_directory": "docs/",
}


def setup(app: Any) -> None:
    """Know the two languages that docs/contingency.md has of its own, and one type."""
    app.add_lexer("fails", BashLexer)
    app.add_lexer("requirements", TextLexer)
    app.connect("autodoc-process-signature", spell_out)


def spell_out(app: Any, *described: Any) -> Any:
    """Put what ExceptionClasses stands for where autodoc could not evaluate it."""
    arguments, returned = described[-2:]
    known_as, stands_for = (
        "_arguments.ExceptionClasses",
        ("Type[BaseException] | Tuple[Type[BaseException], ...]"),
    )
    return arguments and arguments.replace(known_as, stands_for), returned
