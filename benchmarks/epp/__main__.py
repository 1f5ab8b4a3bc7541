"""``python -m benchmarks.epp [SCENARIO ...]``: measure, print, and write the page.

Without names all scenarios run, one after the other. Each says what it measures and
prints its own ratios and their targets. Values go to .cache/benchmarks: epp.json,
epp-pyperf.json and the plots; tables and plots go to docs/ as well, unless the run was
a quick one, which only shows that everything works, or has left something out.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Dict, List, Optional, Sequence

from benchmarks import files
from benchmarks.epp.about import about
from benchmarks.epp.scenario import FULL, QUICK, Scenario
from benchmarks.epp.scenarios import NAMES, load
from benchmarks.options import page_directory, parsed, parser
from benchmarks.results import Results
from benchmarks.show import is_there, show, tell
from benchmarks.words import counted

__all__ = ["main", "run"]


def main(arguments: Optional[List[str]] = None) -> int:
    """Measure, or read, the scenarios that are asked for, and show each."""
    description = str(__doc__).partition("\n")[0]
    made = parser("python -m benchmarks.epp", description, NAMES, FULL.rounds)
    return run(parsed(made, arguments, NAMES))


def run(options: argparse.Namespace) -> int:
    """What ``main`` does and returns, for *options* that were parsed."""
    effort = QUICK if options.quick else FULL
    if options.rounds is not None:
        effort = effort._replace(rounds=options.rounds)
    options.output.mkdir(parents=True, exist_ok=True)
    names: Sequence[str] = options.scenario or NAMES
    if options.results is not None:
        kept = files.read(options.results)
        for name in names:
            if name in kept["scenarios"]:
                _show(load(name), kept, options)
        return 0
    abouts: Dict[str, Any] = {}
    measured: Dict[str, Results] = {}
    run = {"about": abouts, "scenarios": measured}
    for name in names:
        scenario = load(name)
        tell(f"{name}: {counted(effort.rounds, 'round')}")
        measured[name] = scenario.measure(effort)
        abouts[name] = about(scenario, effort)
        _show(scenario, run, options)
    files.dump(run, options.output / "epp.json")
    if is_there("pyperf"):
        files.dump_pyperf(run, load, options.output / "epp-pyperf.json")
    return 0


def _show(scenario: Scenario, run: files.Run, options: argparse.Namespace) -> None:
    results: Results = run["scenarios"][scenario.name]
    missing = {scenario.labels[peer]: why for peer, why in results.missing.items()}
    docs = page_directory(options)
    if docs is not None and missing:
        # A row once measured is not lost because of who measures today.
        tell(
            f"{scenario.name}: the page keeps what it has, since this is not all: "
            + ", ".join(missing.values())
        )
        docs = None
    command = ["nox -s bench -- epp", scenario.name]
    if not missing:
        command += scenario.needs
    show(
        scenario,
        results,
        run["about"][scenario.name],
        " ".join(command),
        missing,
        options.output,
        docs,
    )


if __name__ == "__main__":
    sys.exit(main())
