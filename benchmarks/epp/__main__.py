"""``python -m benchmarks.epp [SCENARIO ...]``: measure, print, and write the page.

Without names all scenarios run, one after the other. Each says what it measures and
prints its own ratios and their targets. Values go to .cache/benchmarks/epp.json, the
plots next to it; tables and plots go to docs/ as well, unless the run was a quick one,
which only shows that everything works.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List, Optional

from benchmarks import page, plots
from benchmarks.epp.about import about
from benchmarks.epp.scenario import FULL, QUICK, Effort, Scenario
from benchmarks.epp.scenarios import NAMES, load
from benchmarks.results import Results
from benchmarks.words import counted

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
FILE = "epp.json"


def main(arguments: Optional[List[str]] = None) -> int:
    """Measure, or read, the scenarios that are asked for, and show each."""
    parser = _parser()
    options = parser.parse_args(arguments)
    names = options.scenario or NAMES
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(NAMES)}")
    options.output.mkdir(parents=True, exist_ok=True)
    kept = json.loads(options.results.read_text("utf-8")) if options.results else {}
    docs = None if options.quick or options.no_page else options.docs
    effort = QUICK if options.quick else FULL
    if options.rounds is not None:
        effort = effort._replace(rounds=options.rounds)
    measured: Dict[str, Any] = {}
    for name in names:
        scenario = load(name)
        if options.results is None:
            began = f"{name}: {counted(effort.rounds, 'round')}"
            print(began, file=sys.stderr, flush=True)
            run = _measured(scenario, effort)
        elif name in kept:
            run = kept[name]
        else:
            continue
        measured[name] = run
        _show(scenario, run, options.output, docs)
    if options.results is None:
        text = json.dumps(measured, indent=1) + "\n"
        (options.output / FILE).write_text(text, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.epp", description=str(__doc__).partition("\n")[0]
    )
    add = parser.add_argument
    add("scenario", nargs="*", metavar="SCENARIO", help=", ".join(NAMES))
    add("--quick", action="store_true", help="see that it works; the numbers are none")
    add("--rounds", type=_rounds, help=f"values of each ({FULL.rounds})")
    output = ROOT / ".cache" / "benchmarks"
    add("--output", type=Path, default=output, metavar="DIR")
    add("--docs", type=Path, default=ROOT / "docs", metavar="DIR")
    add("--no-page", action="store_true", help="leave docs/ alone")
    add("--results", type=Path, metavar="FILE", help="measure nothing, show these")
    # The pool's benchmarks have more to choose; who runs both gives all to both.
    for option in ("--processes", "--seconds"):
        add(option, help=argparse.SUPPRESS)
    add("--no-pyperf", action="store_true", help=argparse.SUPPRESS)
    return parser


def _rounds(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 round is needed")
    return number


def _measured(scenario: Scenario, effort: Effort) -> Dict[str, Any]:
    results = scenario.measure(effort)
    return {"about": about(effort), "results": results.to_json()}


def _show(
    scenario: Scenario, run: Dict[str, Any], output: Path, docs: Optional[Path]
) -> None:
    results = Results.from_json(run["results"])
    report = scenario.report(results)
    picture = None
    if report.plot is not None and find_spec("matplotlib") is None:
        print(f"{scenario.name}: no plot without matplotlib", file=sys.stderr)
    elif report.plot is not None:
        picture = page.picture_name(scenario.name)
        drawing = plots.svg(report.plot)
        for directory in (output, docs):
            if directory is not None:
                (directory / picture).write_text(drawing, encoding="utf-8")
    lines = page.section(
        report,
        scenario.measures,
        f"nox -s bench -- epp {scenario.name}",
        run["about"],
        {scenario.labels[peer]: why for peer, why in results.missing.items()},
        picture,
    )
    print("\n".join([f"## {scenario.title}", "", *lines]), flush=True)
    if docs is not None:
        path = docs / "performance.md"
        text = page.replaced(path.read_text("utf-8"), scenario.name, lines)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
