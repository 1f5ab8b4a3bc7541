"""What the maintainers' commands have in common: ``--project``, and how they fail."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

__all__ = ["add_project", "fail"]


def add_project(parser: argparse.ArgumentParser) -> None:
    """Give *parser* the option that says where the repository is."""
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the repository (default: the working directory)",
    )


def fail(error: object) -> int:
    """Say *error* on stderr; return the exit status of what could not be done."""
    print(f"error: {error}", file=sys.stderr)
    return 1
