"""Files of results: our own, which all is made of, and pyperf's, for its commands.

``python -m pyperf compare_to`` tells two runs apart, ``pyperf show`` one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict

from benchmarks.results import Results

__all__ = ["Run", "dump", "dump_pyperf", "read"]

Run = Dict[str, Any]
"""``about``: what it was measured with; ``scenarios``: the Results of each, by name."""


def dump(run: Run, path: Path) -> None:
    """Write *run*."""
    data = {
        "about": run["about"],
        "scenarios": {
            name: results.to_json() for name, results in run["scenarios"].items()
        },
    }
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Run:
    """What ``dump`` wrote."""
    data = json.loads(path.read_text("utf-8"))
    return {
        "about": data["about"],
        "scenarios": {
            name: Results.from_json(results)
            for name, results in data["scenarios"].items()
        },
    }


def dump_pyperf(run: Run, load: Callable[[str], Any], path: Path) -> None:
    """Write the values as a pyperf suite, a benchmark for each case.

    *load* gives the scenario of a name.
    """
    import pyperf

    benchmarks = [
        _benchmark(pyperf, load(name), results, case)
        for name, results in run["scenarios"].items()
        for case in results.samples
    ]
    pyperf.BenchmarkSuite(benchmarks).dump(str(path), replace=True)


def _benchmark(pyperf: Any, scenario: Any, results: Results, case: Any) -> Any:
    point = f", {case.point}" if case.point != "" else ""
    title = f"{scenario.name}: {case.peer}{point}"
    metadata = {
        "name": title,
        "unit": scenario.unit,
        "loops": results.loops.get(case, 1),
        "description": scenario.title,
    }
    runs = [
        pyperf.Run(
            # A value of 0 is none to pyperf.
            [max(float(sample.value), 1e-12) for sample in samples],
            metadata=metadata,
            collect_metadata=False,
        )
        for samples in results.samples[case]
    ]
    return pyperf.Benchmark(runs)
