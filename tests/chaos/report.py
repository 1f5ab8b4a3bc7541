"""The figures of a chaos run, as a Markdown table and as an object for JSON."""

from __future__ import annotations

from typing import Any, Dict, List

from .conductor import Result
from .judge import KINDS

__all__ = ["as_object", "table"]

_TOLD = ("answered", "ambiguous", "failed", "interrupted", "hung", "wrong")


def as_object(result: Result) -> Dict[str, Any]:
    """Everything, ready for JSON."""
    whole = result._asdict()
    whole["settings"] = result.settings._asdict()
    whole["verdict"] = result.verdict._asdict()
    whole["broken"] = result.broken()
    return whole


def table(result: Result) -> str:
    """Two Markdown tables: the run as a whole, and each fault's share."""
    settings, verdict = result.settings, result.verdict
    rows: List[List[Any]] = [
        ["pool", settings.pool],
        ["seconds of faults, seed", _join(settings.seconds, settings.seed)],
        ["commands", result.commands],
        ["executed by the registry", result.executed],
        ["logins", result.logins],
        ["faults injected", result.faults],
        ["done by the operator", sum(result.operator.values())],
    ]
    rows += [[name, times] for name, times in sorted(verdict.outcomes.items())]
    rows += [
        ["ambiguous: " + name, times]
        for name, times in sorted(verdict.ambiguous.items())
    ]
    rows.append(["ambiguous and executed", verdict.ambiguous_executed])
    rows += [["**{}**".format(kind), verdict.wrong[kind]] for kind in KINDS]
    whole = result.whole_after
    rows += [
        ["at full size after", "never" if whole < 0 else "{} s".format(whole)],
        ["logins refused for the limit", result.refused],
        ["**logins beyond the limit**", result.over_limit],
        ["most connections of a pool", _join(*result.most_connections)],
        [
            "descriptors before, after",
            _join(*("{}-{}".format(*pair) for pair in result.descriptors)),
        ],
        ["memory grown by, MiB", _join(*result.grown_mib)],
        ["greenlets that did not end", result.unfinished],
        ["sessions left at the end", result.left_logged_in],
        ["promises broken", "; ".join(result.broken()) or "none"],
    ]
    faults = [
        [fault, counted.get("injected", 0), *(counted.get(told, 0) for told in _TOLD)]
        for fault, counted in verdict.by_fault.items()
    ]
    return "{}\n{}".format(
        _markdown(["what", "figure"], rows),
        _markdown(["fault", "injected", *_TOLD], faults),
    )


def _join(*values: Any) -> str:
    return ", ".join(map(str, values))


def _markdown(head: List[str], rows: List[List[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| {} |\n".format(" | ".join(map(str, line))) for line in lines)
