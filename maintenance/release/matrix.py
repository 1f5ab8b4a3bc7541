"""Whether the results of the compatibility matrix are of the code to be released."""

from __future__ import annotations

from pathlib import Path

from maintenance.compat.digest import source_digest
from maintenance.compat.errors import CompatError
from maintenance.compat.outcomes import EXECUTED
from maintenance.compat.records import Results

__all__ = ["results_of_this_code"]


def results_of_this_code(root: Path) -> str:
    """How many results of compat/results.json are of the code in *root*, in words.

    Nothing is refused: a matrix that cannot be read is told in words, too.
    """
    try:
        records = Results(root / "compat" / "results.json").cells.values()
        here = source_digest(root)
    except (CompatError, OSError) as error:
        return f"cannot be read: {error}"
    sources = [one["source"] for one in records if one["outcome"] in EXECUTED]
    if not sources:
        return "there is no result: nox -s compat"
    old = sum(source != here for source in sources)
    if not old:
        return f"all {len(sources)} results are of this code"
    return f"{old} of {len(sources)} results are of older code: nox -s compat"
