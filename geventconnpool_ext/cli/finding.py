"""Finding: one thing that ``ping`` or ``doctor`` looked at, and what came of it."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

__all__ = ["NOTE", "OK", "PROBLEM", "WARNING", "Finding", "exit_status", "verdict"]

OK, NOTE, WARNING, PROBLEM = ("ok", "note", "warning", "problem")


class Finding(NamedTuple):
    """One thing that was looked at."""

    name: str
    level: str
    """OK, NOTE, WARNING, or PROBLEM: something that will not work."""
    what: str
    """What was found."""
    why: str = ""
    """What that means, or why it matters."""
    action: str = ""
    """What to do; empty where nothing needs doing."""
    details: Sequence[str] = ()
    """More of what was found, a line each."""


def verdict(findings: Sequence[Finding]) -> Tuple[str, str]:
    """The level of the whole, OK, WARNING or PROBLEM, and a sentence that says so."""
    wrong = _names(findings, PROBLEM)
    doubtful = _names(findings, WARNING)
    if wrong:
        sentence = "Something is wrong: {}.".format(", ".join(wrong))
        if doubtful:
            sentence += " Look also at: {}.".format(", ".join(doubtful))
        return PROBLEM, sentence
    if doubtful:
        return WARNING, "It works, but look at: {}.".format(", ".join(doubtful))
    return OK, "All is well."


def exit_status(level: str, strict: bool) -> int:
    """What a command ends with: 1 for a problem and, if *strict*, for a warning."""
    return 1 if level == PROBLEM or (strict and level == WARNING) else 0


def _names(findings: Sequence[Finding], level: str) -> List[str]:
    # Each once: there can be several about one thing.
    names = [finding.name for finding in findings if finding.level == level]
    return list(dict.fromkeys(names))
