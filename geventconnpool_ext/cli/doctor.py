"""``doctor``: will the pool work here, with this gevent, greenlet and Python?

What is looked at is in ``surroundings``; this is the command and how it answers. It
needs no extra: who asks what is missing may have nothing else installed.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from typing import Any, Dict, Iterator, List, Optional

from ..compatibility import Matrix, load
from .failure import Failure
from .surroundings import NOTE, OK, PROBLEM, WARNING, Finding, Versions, examine

__all__ = ["add_parser"]

_DESCRIPTION = """\
Tell whether the gevent, greenlet and Python installed here were tested
together with this package, and what else here matters to a pool. No network is
used: the results of the compatibility matrix are part of the package.

Exit status: 0 if nothing is wrong, which includes a combination that was not
tested (a warning), and 1 if something will not work: a combination that fails
its tests, a greenlet that does not fit, no event loop, a wrong variable.
"""
_WIDTH = 80
_LABEL = 9
_VERDICTS = {OK: "passes", WARNING: "untested", PROBLEM: "fails"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to *commands*."""
    parser = commands.add_parser(
        "doctor",
        help="tell whether this gevent and Python were tested together",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--json", action="store_true", help="write one JSON object, not text"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine this interpreter; return 1 if something will not work, else 0."""
    try:
        matrix = load()
    except ValueError as error:
        raise Failure(str(error)) from None
    versions = Versions.installed()
    findings = examine(versions, matrix)
    if options.json:
        print(json.dumps(_as_object(versions, matrix, findings), indent=2))
    else:
        for line in _as_text(versions, matrix, findings):
            print(line)
    return 1 if any(finding.level == PROBLEM for finding in findings) else 0


def _as_object(
    versions: Versions, matrix: Optional[Matrix], findings: List[Finding]
) -> Dict[str, Any]:
    return {
        # The first finding is about gevent on this Python.
        "combination": _VERDICTS[findings[0].level],
        "versions": versions._asdict(),
        "tested": matrix
        and {
            "version": matrix.version,
            "platform": matrix.platform,
            "date": matrix.date,
        },
        "findings": [finding._asdict() for finding in findings],
    }


def _as_text(
    versions: Versions, matrix: Optional[Matrix], findings: List[Finding]
) -> Iterator[str]:
    yield "geventconnpool_ext {}, gevent {}, greenlet {}".format(
        versions.package, versions.gevent, versions.greenlet
    )
    yield "{} {}, {}".format(
        versions.implementation, versions.python, versions.platform
    )
    if matrix is not None:
        yield "compared with the results of {}, version {}".format(
            matrix.date[:10], matrix.version
        )
    for finding in findings:
        yield ""
        yield from _wrapped(finding.level, finding.what)
        if finding.level != OK:
            yield from _wrapped("", "why: " + finding.why)
            if finding.action:
                yield from _wrapped("", "do:  " + finding.action)
    yield ""
    yield _sentence(findings)


def _sentence(findings: List[Finding]) -> str:
    levels = [finding.level for finding in findings]
    counts = [
        "{} {}{}".format(levels.count(level), level, "s" * (levels.count(level) > 1))
        for level in (PROBLEM, WARNING, NOTE)
        if level in levels
    ]
    return "Found: {}.".format(", ".join(counts) or "nothing that needs a word")


def _wrapped(label: str, text: str) -> List[str]:
    # What a command is made of stays whole, so that it can be copied.
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=label.ljust(_LABEL),
        subsequent_indent=" " * (_LABEL + (5 if not label else 0)),
        break_on_hyphens=False,
        break_long_words=False,
    )
