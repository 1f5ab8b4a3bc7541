"""Asks whether the names that entries give exist, by importing them in a child.

A child, because importing gevent and the package is nothing to do to one's caller.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Sequence

from .entries import Entry
from .findings import Finding

__all__ = ["check"]

# Prints what is missing, by name, with the reason. A name's parts are modules as long
# as they can be imported, and attributes from there on.
_ASK = """
import importlib, json, sys

def reason(name):
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        try:
            found = importlib.import_module(module)
            break
        except ModuleNotFoundError as error:
            if error.name != module:
                if end == 1 or not module.startswith(error.name + "."):
                    return "importing %s fails: %s" % (module, error)
        except Exception as error:
            return "importing %s fails: %r" % (module, error)
    else:
        return "there is no module %s" % parts[0]
    for part in parts[end:]:
        if not hasattr(found, part):
            return "%s has no %s" % (getattr(found, "__name__", found), part)
        found = getattr(found, part)
    return None

names = json.load(sys.stdin)
missing = {name: said for name in names for said in [reason(name)] if said}
print(json.dumps(missing))
"""


def check(root: Path, ledger: Sequence[Entry]) -> list[Finding]:
    """The symbols, imported from the tree *root*, that are not there."""
    names = sorted({symbol for entry in ledger for symbol in entry.symbols})
    if not names:
        return []
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _ASK],
        cwd=root,
        # Before whatever is installed: the tree is what is checked.
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONSAFEPATH": ""},
        input=json.dumps(names),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [str(done.returncode)]
        return [Finding("X-Symbols", said[-1], "install what the package needs")]
    missing = json.loads(done.stdout)
    remedy = "name what implements it now, or put it back"
    return [
        Finding(entry.name, f"X-Symbols {symbol}: {missing[symbol]}", remedy)
        for entry in ledger
        for symbol in entry.symbols
        if symbol in missing
    ]
