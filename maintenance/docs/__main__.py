"""``python -m maintenance.docs SITE``: does every link inside of a built site lead
somewhere? Exit status 0: yes; 1: no, and each dead one is told; 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Sequence

from .dead_links import find_dead, pages_of

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.docs",
        description="Look for links inside of a built site that lead nowhere.",
    )
    parser.add_argument("site", type=Path, help="the directory with its index.html")
    site: Path = parser.parse_args(arguments).site.resolve()
    if not (site / "index.html").is_file():
        parser.error(f"{site} is no built site: it has no index.html")
    pages = pages_of(site)
    dead = find_dead(pages)
    for link in dead:
        print(f"error: {link.page.relative_to(site)}: {link.target}: {link.reason}")
    links = sum(len(page.links) for page in pages.values())
    print(f"{links} links in {len(pages)} pages, {len(dead)} of them dead")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
