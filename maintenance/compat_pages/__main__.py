"""``python -m maintenance.compat_pages [--check]``: write what people see, or compare.

From compat/results.json: docs/compatibility.md and .svg, the README's part between its
two marks, and the extract that the wheel carries. The same results make the same
files, so that ``--check`` can tell stale ones.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from maintenance.compat_pages import page, picture, sentence, shipped
from maintenance.compat_pages.errors import PagesError
from maintenance.compat_pages.matrix import read

__all__ = ["main", "render"]

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- compatibility: begin -->", "<!-- compatibility: end -->"


def main(arguments: list[str] | None = None) -> int:
    """Write, or with ``--check`` return 1 if a file is not what it would be."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.compat_pages", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the checkout (default: this one)"
    )
    options = parser.parse_args(arguments)
    try:
        stale = [
            (path, text)
            for path, text in render(options.root).items()
            if not path.exists() or path.read_text("utf-8") != text
        ]
    except PagesError as error:
        print(f"compat_pages: error: {error}", file=sys.stderr)
        return 2
    for path, text in stale:
        name = path.relative_to(options.root)
        if options.check:
            print(f"{name} is stale: run python -m maintenance.compat_pages")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"{name} written")
    return 1 if stale and options.check else 0


def render(root: Path) -> dict[Path, str]:
    """Every file that is rendered from the results in *root*, with its text.

    Raises PagesError if the results or the README's marks are not as they should be.
    """
    matrix = read(root / "compat" / "results.json")
    readme = root / "README.md"
    return {
        root / "docs" / "compatibility.md": page.render(matrix),
        root / "docs" / "compatibility.svg": picture.render(matrix),
        readme: _between(readme, sentence.block(matrix)),
        root / "geventconnpool_ext" / "compatibility.json": shipped.render(matrix),
    }


def _between(readme: Path, block: str) -> str:
    text = readme.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN + "\n")
    _, end, after = rest.partition(END + "\n")
    if not begin or not end:
        raise PagesError(f"{readme.name} needs the lines {BEGIN} and {END}, in turn")
    return f"{before}{begin}{block}{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
