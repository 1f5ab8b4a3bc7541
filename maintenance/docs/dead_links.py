"""Links of a built site that lead nowhere: to a file or an anchor that is not there.

Nothing is asked of the network: what leads out of the site is left alone.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Iterator, Mapping, NamedTuple
from urllib.parse import unquote, urlsplit

__all__ = ["DeadLink", "Page", "find_dead", "pages_of"]

# Attributes that name one place each; data-* ones are for scripts.
_LINKING = frozenset(("href", "src", "poster", "data", "action"))


class DeadLink(NamedTuple):
    """A link that leads nowhere."""

    page: Path
    target: str
    """As it stands in the page."""
    reason: str


class Page(NamedTuple):
    """One HTML file: where it can be entered, and where it leads."""

    anchors: frozenset[str]
    links: tuple[str, ...]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)
            elif name in _LINKING:
                self.links.append(value)
            elif name == "srcset":
                # "a.png 1x, b.png 2x"
                self.links += [part.split()[0] for part in value.split(",")]


def pages_of(site: Path) -> dict[Path, Page]:
    """Read every HTML file below *site*."""
    return {path: _read(path) for path in sorted(site.rglob("*.html"))}


def _read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    reader.close()
    return Page(frozenset(reader.anchors), tuple(reader.links))


def find_dead(pages: Mapping[Path, Page]) -> list[DeadLink]:
    """Return the links of *pages* that lead to no file, or to no anchor in it."""
    return [
        DeadLink(path, target, reason)
        for path, page in pages.items()
        for target in dict.fromkeys(page.links)
        for reason in _problems(path, target, pages)
    ]


def _problems(path: Path, target: str, pages: Mapping[Path, Page]) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return
    if parts.path.startswith("/"):
        yield "begins at the root of the host, where the site need not be"
        return
    file = path
    if parts.path:
        file = (path.parent / unquote(parts.path)).resolve()
        if file.is_dir():
            file /= "index.html"
        if not file.is_file():
            yield "no such file"
            return
    # An empty anchor, as in href="#", is the top of the page.
    anchor = unquote(parts.fragment)
    if anchor and file in pages and anchor not in pages[file].anchors:
        yield "no such anchor"
