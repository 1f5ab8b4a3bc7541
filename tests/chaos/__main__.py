"""The command line of a chaos run; ``nox -s chaos`` passes its arguments on.

Exit status 1 if a promise was broken; never with ``--pool upstream``, which gave
none.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import List, Optional

from .conductor import Settings, run
from .report import as_object, table

__all__ = ["main"]

# Git ignores it.
_DIRECTORY = Path(__file__).resolve().parents[2] / ".cache"


def main(arguments: Optional[List[str]] = None) -> int:
    """Run, print the table, write the JSON file."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of faults")
    parser.add_argument("--seed", type=int, default=1, help="of work and faults")
    parser.add_argument("--pool", choices=("ours", "upstream"), default="ours")
    parser.add_argument(
        "--json",
        default=str(_DIRECTORY / "chaos-{pool}.json"),
        help="file for all figures (default: .cache/chaos-{pool}.json)",
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        result = run(Settings(options.seconds, options.seed, options.pool), directory)
    _DIRECTORY.mkdir(exist_ok=True)
    with open(options.json.format(pool=options.pool), "w") as file:
        json.dump(as_object(result), file, indent=2)
    sys.stdout.write(table(result))
    for problem in result.verdict.problems[:10]:
        sys.stderr.write(problem + "\n")
    return 1 if options.pool == "ours" and result.broken() else 0


if __name__ == "__main__":
    sys.exit(main())
