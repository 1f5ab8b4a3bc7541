"""``doctor``: will the pool work here, with what is installed and set?

What is looked at is in ``surroundings``, ``installed``, ``machine`` and
``configured``; this is the command and how it answers. It needs no extra: who asks
what is missing may have nothing else installed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any, Dict, List, Optional

from ..compatibility import Matrix, load
from . import configured, installed, machine, surroundings
from .failure import Failure, WrongUse
from .finding import NOTE, OK, PROBLEM, WARNING, Finding, exit_status, verdict
from .page import Page
from .surroundings import Versions

__all__ = ["add_parser"]

_DESCRIPTION = """\
Tell whether the gevent, greenlet and Python installed here were tested
together with this package; what else on this machine matters to a pool; and
whether EPPPool.from_env() can read its variables, files and certificates. No
network is used: the results of the compatibility matrix are part of the
package. No value of a variable is shown, unless it is wrong and no secret.

Exit status: 0 if nothing is wrong, which includes warnings, such as a
combination that was not tested (with --strict they end with 1); 1 if something
will not work: a combination that fails its tests, a greenlet that does not
fit, no event loop, a wrong variable, an expired certificate.
"""
_VERDICTS = {OK: "passes", WARNING: "untested", PROBLEM: "fails"}
_WORST_FIRST = (PROBLEM, WARNING, NOTE, OK)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to *commands*."""
    parser = commands.add_parser(
        "doctor",
        help="tell whether what is installed and set here fits a pool",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--prefix",
        default="EPP_",
        metavar="TEXT",
        help="what the variables' names begin with (default: %(default)s)",
    )
    add("--strict", action="store_true", help="a warning, too, ends with 1")
    add("--json", action="store_true", help="write one JSON object, not text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine this interpreter; return 1 if something will not work, else 0."""
    try:
        matrix = load()
    except ValueError as error:
        raise Failure(str(error)) from None
    if not options.prefix:
        raise WrongUse("--prefix must not be empty: USER would be read; EPP_ is usual")
    versions = Versions.installed()
    settings, size = configured.examine(options.prefix, os.environ)
    findings = [
        *surroundings.examine(versions, matrix),
        configured.kind(),
        installed.extras(),
        *machine.examine(size, matrix),
        *settings,
    ]
    if options.json:
        print(json.dumps(_as_object(versions, matrix, findings), indent=2))
    else:
        _write(versions, matrix, findings)
    return exit_status(verdict(findings)[0], options.strict)


def _as_object(
    versions: Versions, matrix: Optional[Matrix], findings: List[Finding]
) -> Dict[str, Any]:
    return {
        # The first finding is about gevent on this Python.
        "verdict": verdict(findings)[0],
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


def _write(
    versions: Versions, matrix: Optional[Matrix], findings: List[Finding]
) -> None:
    page = Page(sys.stdout)
    page.paragraph(
        "geventconnpool_ext {}, gevent {}, greenlet {}".format(
            versions.package, versions.gevent, versions.greenlet
        )
    )
    page.paragraph(
        "{} {}, {}".format(versions.implementation, versions.python, versions.platform)
    )
    if matrix is not None:
        page.paragraph(
            "compared with the results of {}, version {}".format(
                matrix.date[:10], matrix.version
            )
        )
    page.gap()
    for level in _WORST_FIRST:
        for finding in findings:
            if finding.level == level:
                page.finding(finding)
    page.gap()
    level, sentence = verdict(findings)
    page.paragraph(sentence, level)
