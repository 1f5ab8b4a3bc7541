"""``python -m benchmarks [SCENARIO ...]``: measure, print, and write the page.

Without names all scenarios run, one after the other. Each says what it measures and
prints its own ratios and their targets. Values go to .cache/benchmarks: results.json,
pyperf.json and the plots; tables and plots go to docs/ as well, unless the run was a
quick one, which only shows that everything works.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Dict, List, Optional, Sequence

from benchmarks import files
from benchmarks.about import about
from benchmarks.measure import FULL, QUICK, measure
from benchmarks.options import page_directory, parsed, parser
from benchmarks.peers import PEERS
from benchmarks.results import Results
from benchmarks.scenarios import NAMES, load
from benchmarks.show import is_there, show, tell

__all__ = ["main", "pool_parser", "run"]


def main(arguments: Optional[List[str]] = None) -> int:
    """Return 1 if a peer that is installed could not be measured, else 0."""
    return run(parsed(pool_parser("python -m benchmarks", NAMES), arguments, NAMES))


def pool_parser(prog: str, names: Sequence[str]) -> argparse.ArgumentParser:
    """A parser of the options, for one that runs *names*."""
    made = parser(prog, str(__doc__).partition("\n")[0], names, FULL.rounds)
    made.add_argument("--processes", type=int, help=f"of each pool ({FULL.processes})")
    made.add_argument(
        "--seconds", type=float, help=f"CPU time of a pool's value ({FULL.seconds:g})"
    )
    return made


def run(options: argparse.Namespace) -> int:
    """What ``main`` does and returns, for *options* that were parsed."""
    names: Sequence[str] = options.scenario or NAMES
    measured = options.results is None
    run = _measured(names, options) if measured else files.read(options.results)
    options.output.mkdir(parents=True, exist_ok=True)
    if measured:
        files.dump(run, options.output / "results.json")
        if is_there("pyperf"):
            files.dump_pyperf(run, load, options.output / "pyperf.json")
    shown = {name: run["scenarios"][name] for name in names if name in run["scenarios"]}
    for name, results in shown.items():
        show(
            load(name),
            results,
            run["about"][name],
            f"nox -s bench -- {name}",
            {PEERS[peer].label: why for peer, why in results.missing.items()},
            options.output,
            page_directory(options),
        )
    failures = [
        f"{name}: {peer} {why}"
        for name, results in shown.items()
        for peer, why in results.missing.items()
        if why.startswith("failed")
    ]
    for failure in failures:
        tell(failure)
    return 1 if failures else 0


def _measured(names: Sequence[str], options: argparse.Namespace) -> files.Run:
    effort = QUICK if options.quick else FULL
    given = {
        name: getattr(options, name)
        for name in ("processes", "rounds", "seconds")
        if getattr(options, name) is not None
    }
    effort = effort._replace(**given)
    results: Dict[str, Results] = {}
    abouts: Dict[str, Any] = {}
    for name in names:
        scenario = load(name)
        results[name] = measure(scenario, effort, tell)
        abouts[name] = about(scenario, effort)
    return {"about": abouts, "scenarios": results}


if __name__ == "__main__":
    sys.exit(main())
