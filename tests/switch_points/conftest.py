"""Counts what the switch-point tests covered and says so at the end of the run."""

from __future__ import annotations

from collections import Counter


def pytest_terminal_summary(terminalreporter):
    """One line per file of tests: switch points, and throws that arrived."""
    counts = {}
    for report in terminalreporter.stats.get("passed", []):
        if "/switch_points/" in report.nodeid:
            name = report.nodeid.partition("::")[0].rpartition("/")[2]
            count = counts.setdefault(name, Counter())
            count.update(
                runs=1,
                **{
                    key.replace(" ", "_"): value
                    for key, value in report.user_properties
                },
            )
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(
            "switch points, {}: {} scenarios by kind of exception, {} points, "
            "{} exceptions arrived".format(
                name, count["runs"], count["switch_points"], count["throws"]
            )
        )
