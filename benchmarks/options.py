"""What the pool's benchmarks and EPP's can both be told, and how names are checked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import List, Optional, Sequence

__all__ = ["page_directory", "parsed", "parser"]

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / ".cache" / "benchmarks"


def parser(
    prog: str, description: str, names: Sequence[str], rounds: int
) -> argparse.ArgumentParser:
    """A parser of what both have; *rounds* is how many there are without a word."""
    made = argparse.ArgumentParser(prog=prog, description=description)
    add = made.add_argument
    add("scenario", nargs="*", metavar="SCENARIO", help=", ".join(names))
    add("--quick", action="store_true", help="see that it works; the numbers are none")
    add("--rounds", type=_rounds, help=f"values of each ({rounds})")
    add("--output", type=Path, metavar="DIR", help="for values and plots")
    add("--docs", type=Path, default=ROOT / "docs", metavar="DIR")
    add("--no-page", action="store_true", help="leave docs/ alone")
    add("--results", type=Path, metavar="FILE", help="measure nothing, show these")
    return made


def parsed(
    made: argparse.ArgumentParser,
    arguments: Optional[List[str]],
    names: Sequence[str],
) -> argparse.Namespace:
    """The options; ends the program if a scenario is none of *names*."""
    # Names may come before, between and after options.
    options = made.parse_intermixed_args(arguments)
    unknown = sorted(set(options.scenario) - set(names))
    if unknown:
        made.error(f"no scenario {', '.join(unknown)}; there are {', '.join(names)}")
    if options.output is None:
        # A quick run is not to take the place of a long one.
        options.output = OUTPUT / "quick" if options.quick else OUTPUT
    return options


def page_directory(options: argparse.Namespace) -> Optional[Path]:
    """Where the page is that the run may write; None if it may write none."""
    directory: Path = options.docs
    return None if options.quick or options.no_page else directory


def _rounds(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 round is needed")
    return number
