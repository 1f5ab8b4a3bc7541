"""``python -m benchmarks [SCENARIO ...]``: measure, print, and write the page.

Without names all scenarios run, one after the other. Each says what it measures and
prints its own ratios and their targets. Values go to .cache/benchmarks: results.json,
pyperf.json and the plots; tables and plots go to docs/ as well, unless the run was a
quick one, which only shows that everything works.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from benchmarks import files, page, plots
from benchmarks.about import about
from benchmarks.measure import FULL, QUICK, measure
from benchmarks.peers import PEERS
from benchmarks.results import Results
from benchmarks.scenarios import NAMES, load

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / ".cache" / "benchmarks"


def main(arguments: Optional[List[str]] = None) -> int:
    """Return 1 if a peer that is installed could not be measured, else 0."""
    options = _parser().parse_args(arguments)
    if options.output is None:
        # A quick run is not to take the place of a long one.
        options.output = OUTPUT / "quick" if options.quick else OUTPUT
    names: List[str] = options.scenario or list(NAMES)
    kept: Optional[Path] = options.results
    run = _measured(names, options) if kept is None else files.read(kept)
    options.output.mkdir(parents=True, exist_ok=True)
    if kept is None:
        files.dump(run, options.output / "results.json")
        if _is_there("pyperf"):
            files.dump_pyperf(run, options.output / "pyperf.json")
    docs = None if options.quick or options.no_page else options.docs
    for name in names:
        if name in run["scenarios"]:
            _show(name, run, options, docs)
    failures = [
        f"{name}: {peer} {why}"
        for name, results in run["scenarios"].items()
        for peer, why in results.missing.items()
        if why.startswith("failed")
    ]
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "scenario", nargs="*", metavar="SCENARIO", help=", ".join(NAMES)
    )
    parser.add_argument(
        "--quick", action="store_true", help="see that it works; the numbers are none"
    )
    parser.add_argument("--processes", type=int, help=f"of each ({FULL.processes})")
    parser.add_argument("--rounds", type=int, help=f"in each ({FULL.rounds})")
    parser.add_argument(
        "--seconds", type=float, help=f"CPU time of a value ({FULL.seconds:g})"
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="for values and plots"
    )
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", metavar="DIR")
    parser.add_argument("--no-page", action="store_true", help="leave docs/ alone")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="measure nothing, show these"
    )
    return parser


def _measured(names: List[str], options: argparse.Namespace) -> files.Run:
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        _parser().error(
            f"no scenario {', '.join(unknown)}; there are {', '.join(NAMES)}"
        )
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
        results[name] = measure(scenario, effort, _tell)
        abouts[name] = about(scenario, effort)
    return {"about": abouts, "scenarios": results}


def _show(
    name: str, run: files.Run, options: argparse.Namespace, docs: Optional[Path]
) -> None:
    scenario, results = load(name), run["scenarios"][name]
    report = scenario.report(results)
    picture = None
    if report.plot is not None and results.samples and _is_there("matplotlib"):
        picture = page.picture_name(name)
        drawing = plots.svg(report.plot)
        for directory in (options.output, docs):
            if directory is not None:
                (directory / picture).write_text(drawing, encoding="utf-8")
    lines = page.section(
        report,
        scenario.measures,
        f"nox -s bench -- {name}",
        run["about"][name],
        {PEERS[peer].label: why for peer, why in results.missing.items()},
        picture,
    )
    print("\n".join([f"## {scenario.title}", "", *lines]))
    if docs is not None:
        path = docs / "performance.md"
        text = page.replaced(path.read_text("utf-8"), name, lines)
        path.write_text(text, encoding="utf-8")


def _is_there(package: str) -> bool:
    if importlib.util.find_spec(package) is not None:
        return True
    _tell(f"{package} is not installed: what it would make is left out")
    return False


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
