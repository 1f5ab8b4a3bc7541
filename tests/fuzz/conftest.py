"""Says at the end of the run how much was fuzzed."""

from __future__ import annotations


def pytest_terminal_summary(terminalreporter):
    """One line: properties, and how many inputs they were tried with."""
    properties = examples = 0
    for report in terminalreporter.stats.get("passed", []):
        counted = dict(report.user_properties)
        if "fuzzed inputs" in counted:
            properties += 1
            examples += counted["fuzzed inputs"]
    if properties:
        terminalreporter.write_line(
            "fuzz: {} properties held for {} inputs".format(properties, examples)
        )
