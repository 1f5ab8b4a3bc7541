"""Docstrings for autodoc: sections such as ``Arguments:``, by Sphinx's own napoleon.

A Sphinx extension in the place of ``sphinx.ext.napoleon``, which takes the words before
a colon in an attribute's docstring for its type.
"""

from __future__ import annotations

from typing import Any

__all__ = ["setup"]

_WITHOUT_SECTIONS = frozenset(("attribute", "data", "property"))


def setup(app: Any) -> dict[str, Any]:
    """Make it known to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", _arrange)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _arrange(
    app: Any, what: str, name: str, described: Any, options: Any, lines: list[str]
) -> None:
    """Turn the sections of one docstring into fields, in place."""
    from sphinx.ext.napoleon import Config, GoogleDocstring

    if what not in _WITHOUT_SECTIONS:
        arranged = GoogleDocstring(lines, Config(), app, what, name, described, options)
        lines[:] = arranged.lines()
