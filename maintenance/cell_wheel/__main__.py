"""``python -m maintenance.cell_wheel``: what tox.toml calls, in tox's own Python.

``ours .pkg_today|.pkg_historical DIRECTORY`` puts that wheel of ours there, ``suite
CELL DIRECTORY`` the suite of a cell. The work is done elsewhere.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from .cell import Cell
from .suite import prepare
from .wheel import build

ROOT = Path(__file__).resolve().parents[2]
# tox's packaging environments, and a Python of each tier.
TIERS = {".pkg_today": (3, 8), ".pkg_historical": (3, 6)}


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="maintenance.cell_wheel")
    commands = parser.add_subparsers(dest="what", required=True)
    ours = commands.add_parser("ours")
    ours.add_argument("tier", choices=sorted(TIERS))
    ours.add_argument("directory", type=Path)
    suite = commands.add_parser("suite")
    suite.add_argument("cell", type=Cell.named)
    suite.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "ours":
        shutil.rmtree(arguments.directory, ignore_errors=True)
        build(ROOT, arguments.directory, TIERS[arguments.tier])
    else:
        prepare(ROOT, arguments.directory, arguments.cell)


if __name__ == "__main__":
    main()
