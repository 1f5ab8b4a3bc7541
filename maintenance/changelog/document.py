"""CHANGELOG.md as three parts: the head, [Unreleased], and the releases.

What stands in them is made by towncrier; links at the end belong to the releases.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["MARKER", "Document", "DocumentError", "parse"]

MARKER = "<!-- towncrier release notes start -->"
"""Where towncrier puts a new release: below [Unreleased], above the last release."""
_TITLE = "## [Unreleased]"


class DocumentError(ValueError):
    """The changelog lacks one of its two landmarks, or has them in disorder."""


class Document(NamedTuple):
    """The three parts, without the empty lines between them."""

    head: str
    unreleased: str
    releases: str

    def text(self) -> str:
        """The file's text: parse's inverse."""
        unreleased = f"{_TITLE}\n\n{self.unreleased}".rstrip("\n")
        parts = [self.head, unreleased, MARKER, self.releases]
        return "\n\n".join(part for part in parts if part) + "\n"


def parse(text: str, where: str) -> Document:
    """Take the file's text apart. Raises DocumentError, naming the file *where*."""
    for landmark in (_TITLE, MARKER):
        count = text.splitlines().count(landmark)
        if count != 1:
            raise DocumentError(
                f"{where} has the line {landmark!r} {count} times; it must stand there"
                " once, [Unreleased] above the comment, and the releases below it"
            )
    head, _, rest = text.partition(_TITLE + "\n")
    unreleased, marker, releases = rest.partition(MARKER + "\n")
    if not marker or "\n## " in "\n" + unreleased:
        raise DocumentError(f"{where}: between {_TITLE} and {MARKER} stands a release")
    # towncrier leaves two empty lines below what it wrote.
    releases = re.sub(r"\n{3,}(?=## |\[)", "\n\n", releases)
    return Document(head.strip("\n"), unreleased.strip("\n"), releases.strip("\n"))
