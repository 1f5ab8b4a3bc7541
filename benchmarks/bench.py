"""What ``nox -s bench`` runs: the pool's scenarios, EPP's, or some of both.

``[epp] [SCENARIO ...]`` and options, in any order. Without names all run; ``epp`` alone
is all of EPP's. Names are looked at before anything is measured.
"""

from __future__ import annotations

import argparse
from typing import List, Optional, Sequence, Tuple

from benchmarks import __main__ as pool
from benchmarks.epp import __main__ as epp
from benchmarks.epp.scenarios import NAMES as NAMES_OF_EPP
from benchmarks.options import parsed
from benchmarks.scenarios import NAMES

__all__ = ["main", "parts"]


def main(arguments: Optional[List[str]] = None) -> int:
    """Return 1 if a part of the run failed, else 0."""
    names = (*NAMES, "epp", *NAMES_OF_EPP)
    options = parsed(pool.pool_parser("nox -s bench --", names), arguments, names)
    ours, of_epp = parts(options.scenario)
    status = 0
    if ours:
        status = pool.run(_with(options, ours))
    if of_epp:
        status = max(status, epp.run(_with(options, of_epp)))
    return status


def parts(names: Sequence[str]) -> Tuple[Sequence[str], Sequence[str]]:
    """The scenarios that *names* ask for: the pool's, and EPP's."""
    if not names:
        return NAMES, NAMES_OF_EPP
    ours = [name for name in names if name in NAMES]
    of_epp = [name for name in names if name in NAMES_OF_EPP]
    if "epp" in names and not of_epp:
        return ours, NAMES_OF_EPP
    return ours, of_epp


def _with(options: argparse.Namespace, names: Sequence[str]) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(options), "scenario": names})
