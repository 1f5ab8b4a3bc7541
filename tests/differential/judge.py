"""Judges each differential test by what the ledger says of it.

An entry of class ``parity`` says that its tests pass on both implementations, one of
class ``divergence`` that they fail on upstream exactly as declared and pass here.
The judge turns a failure as declared into a pass, and the lack of one into a failure.
It knows no pool: which implementation a test runs on is its parameter
``implementation``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Tuple

import pytest

__all__ = ["Claim", "Judge", "claims", "verdict"]

Declared = Tuple[str, str]
"""The class of an exception, and a pattern of its text."""


class Claim:
    """What the ledger says of one test: its class, and how it fails on upstream."""

    def __init__(
        self, klass: Optional[str], entry: str, declared: Optional[Declared]
    ) -> None:
        self.klass = klass
        self.declared = declared
        self.entry = entry


def claims(entries: Iterable[Any]) -> Tuple[Dict[str, Claim], List[str]]:
    """The claims by node id, without a parameter's brackets, and what is wrong.

    What is wrong: two entries that claim different things of one test.
    """
    found: Dict[str, Claim] = {}
    problems = []
    for entry in entries:
        for number, test in enumerate(entry.tests):
            declared = entry.fails_with[number] if entry.fails_with else None
            claim = found.setdefault(test, Claim(entry.klass, entry.name, declared))
            if (claim.klass, claim.declared) != (entry.klass, declared):
                problems.append(
                    "{}: {} claims it as {}, and {} as {}".format(
                        test,
                        claim.entry,
                        _said(claim.klass, claim.declared),
                        entry.name,
                        _said(entry.klass, declared),
                    )
                )
    return found, problems


def verdict(claim: Claim, error: Optional[BaseException]) -> Optional[str]:
    """What is wrong with how a divergence's test ended on upstream, or None."""
    assert claim.declared is not None
    declared = _said(claim.klass, claim.declared)
    which = "patches/{}.dep3".format(claim.entry)
    if error is None:
        return (
            "it passes on upstream, but {} declares a {}. If upstream was put right,"
            " say so in the entry and make it parity; if not, the test proves"
            " nothing".format(which, declared)
        )
    kind, pattern = claim.declared
    if type(error).__name__ == kind and re.match(pattern, str(error)):
        return None
    return (
        "it fails on upstream otherwise than {} declares: a {} was to come,"
        " and {}: {} came".format(which, declared, type(error).__name__, error)
    )


def _said(klass: Optional[str], declared: Optional[Declared]) -> str:
    return str(klass) if declared is None else "{} ({}: {})".format(klass, *declared)


class Judge:
    """A pytest plugin: judges the tests below *tests* by the entries of a ledger.

    Node ids in the ledger are relative to *root*.
    """

    def __init__(self, root: Path, tests: Path, entries: Iterable[Any]) -> None:
        self._root = root
        self._tests = tests
        self._claims, self._problems = claims(entries)

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: List[pytest.Item]) -> None:
        """Refuse a test that no entry claims as parity or divergence."""
        problems = set(self._problems)
        for item in filter(self._judged, items):
            claim = self._claims.get(self._name(item))
            if claim is None:
                problems.add("{}: no entry names it".format(self._name(item)))
            elif claim.klass is None:
                # A change that is being taken over: not yet known what it will be.
                continue
            elif claim.klass not in ("parity", "divergence"):
                problems.add(
                    "{}: {} claims it as {}, which says nothing of upstream".format(
                        self._name(item), claim.entry, claim.klass
                    )
                )
            elif (claim.klass == "divergence") != (claim.declared is not None):
                problems.add(
                    "{}: {} is a {} {} X-Fails-With".format(
                        self._name(item),
                        claim.entry,
                        claim.klass,
                        "with" if claim.declared else "without",
                    )
                )
        if problems:
            raise pytest.UsageError(
                "the ledger (patches/) and the differential tests disagree:\n"
                + "\n".join(sorted(problems))
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Any:
        """Turn 'failed as declared' into a pass, and anything else into a failure."""
        report = yield
        if not self._judged(item) or call.when != "call" or report.skipped:
            return report
        claim = self._claims[self._name(item)]
        if claim.klass != "divergence" or _implementation(item) != "upstream":
            return report
        wrong = verdict(claim, call.excinfo.value if call.excinfo else None)
        if wrong is None:
            report.outcome = "passed"
            report.longrepr = None
        else:
            report.outcome = "failed"
            report.longrepr = "{}: {}".format(self._name(item), wrong)
        return report

    def _judged(self, item: pytest.Item) -> bool:
        return self._tests in item.path.parents

    def _name(self, item: pytest.Item) -> str:
        where = item.path.relative_to(self._root).as_posix()
        inside = item.nodeid.partition("::")[2]
        return "{}::{}".format(where, inside.partition("[")[0])


def _implementation(item: pytest.Item) -> Any:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("implementation") if callspec else None
