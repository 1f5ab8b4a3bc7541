"""Links from a page to a file that is no page, in a form that works on the site, too.

The pages are read in two places. Next to the source, ``../examples/x.py`` leads to the
file; on the site there is no such file, so the link goes to the project's home. A root
file that is itself a page of the site, such as CHANGELOG.md, is linked as that page.

As a Sphinx extension it reads ``source_links_home``, the URL of the repository,
``source_links_root``, its directory here, and ``source_links_pages``, which names the
root file that a page includes: ``{"changelog": "CHANGELOG.md"}``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, NamedTuple
from urllib.parse import quote, unquote

__all__ = ["Links", "PageLink", "setup"]

_BRANCH = "main"


class PageLink(NamedTuple):
    """A place in the site: a page by its name, and an anchor or an empty text."""

    page: str
    anchor: str


class Links:
    """Where relative links lead that stand in the pages of ``root / "docs"``."""

    def __init__(self, root: Path, home: str, included: Mapping[str, str]) -> None:
        self._root = root.resolve()
        self._home = home.rstrip("/")
        self._included = dict(included)
        self._page_of = {name: page for page, name in included.items()}

    def follow(self, page: str, link: str) -> PageLink | str | None:
        """Return the place in the site, or the URL, that *link* on *page* means.

        None: it is for Sphinx to resolve, or to complain of.
        """
        path, _, anchor = link.partition("#")
        # What was included came from elsewhere, and so do its links.
        base = self._root / self._included.get(page, f"docs/{page}")
        target = (base.parent / unquote(path)).resolve()
        if not path or not target.exists() or self._root not in target.parents:
            return None
        relative = target.relative_to(self._root).as_posix()
        if relative in self._page_of:
            return PageLink(self._page_of[relative], anchor)
        if relative.startswith("docs/") and target.is_file():
            return PageLink(relative[5:-3], anchor) if target.suffix == ".md" else None
        kind = "tree" if target.is_dir() else "blob"
        url = f"{self._home}/{kind}/{_BRANCH}/{quote(relative)}"
        return f"{url}#{anchor}" if anchor else url


def setup(app: Any) -> dict[str, Any]:
    """Make it known to Sphinx."""
    app.add_config_value("source_links_home", "", "env", (str,))
    app.add_config_value("source_links_root", "", "env", (str,))
    app.add_config_value("source_links_pages", {}, "env", (dict,))
    # Before Sphinx gathers the files that are to be downloaded.
    app.connect("doctree-read", _replace, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _replace(app: Any, document: Any) -> None:
    from docutils import nodes
    from sphinx import addnodes

    config = app.config
    links = Links(
        Path(config.source_links_root),
        config.source_links_home,
        config.source_links_pages,
    )
    page, known = app.env.docname, app.env.found_docs
    for kind in (addnodes.pending_xref, addnodes.download_reference):
        for node in list(document.findall(kind)):
            if node.get("reftype") != "myst" or node["reftarget"] in known:
                continue
            found = links.follow(page, _link_of(node))
            if isinstance(found, PageLink):
                node.replace_self(_to_page(addnodes.pending_xref, page, found, node))
            elif found is not None:
                plain = nodes.reference("", "", *node.children, refuri=found)
                node.replace_self(plain)
            elif list(node.findall(nodes.image)):
                # A picture that leads to itself is to be opened, not saved.
                node.replace_self(_to_picture(nodes.reference, page, node))


def _link_of(node: Any) -> str:
    """What MyST has found: a link, or the name that a page would have at its end."""
    link = str(node["reftarget"])
    if node.get("refdomain") == "doc":
        link += ".md"
        if node.get("reftargetid"):
            link += f"#{node['reftargetid']}"
    return link


def _to_page(made: Any, page: str, found: PageLink, node: Any) -> Any:
    """A reference of the kind that MyST resolves, with its anchors."""
    return made(
        "",
        *node.children,
        refdomain="doc",
        reftype="myst",
        reftarget=found.page,
        reftargetid=found.anchor or None,
        refdoc=page,
        refexplicit=True,
    )


def _to_picture(made: Any, page: str, node: Any) -> Any:
    up = "../" * page.count("/")
    uri = f"{up}_images/{Path(node['reftarget']).name}"
    return made("", "", *node.children, refuri=uri)
