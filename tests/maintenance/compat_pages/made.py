"""Results as the matrix writes them, made up: a few releases on four Pythons."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from maintenance.compat_pages.__main__ import BEGIN, END

ROOT = Path(__file__).resolve().parents[3]
PYTHONS = ("3.6", "3.8", "3.10", "3.11")
# What each release has: the Pythons of its wheels, or how it is built, or nothing.
RELEASES = {
    "0.13.8": "predates",
    "1.0": "predates",
    "1.1a1": "sdist",
    "1.3.4": ("3.6",),
    "1.5a4": ("3.6", "3.8"),
    "20.6.2": ("3.6", "3.8"),
    "26.9.0": ("3.10", "3.11"),
}


def record(gevent, python, outcome="pass", reason="", kind="wheel", **fields):
    """One record; a pass unless told otherwise."""
    executed = outcome not in ("no-artefact", "no-interpreter", "yanked", "unsupported")
    made = {
        "gevent": gevent,
        "python": python,
        "python_version": python + ".1" if executed else None,
        "greenlet": "3.5.6" if executed else None,
        "loop": ["libev-cext", "libuv-cffi"] if executed else [],
        "platform": "linux-x86_64",
        "artefact": kind and {"filename": "f", "sha256": "0" * 64, "kind": kind},
        "version": "1.0.0" if executed else None,
        "source": None,
        "key": None,
        "outcome": outcome,
        "reason": reason,
        "tests": 261 if outcome == "pass" else 0,
        "seconds": 12.5,
        "date": "2026-11-25",
        "tail": [],
    }
    made.update(fields)
    return made


def name_of(gevent, python):
    """As the matrix names its cells."""
    return "py{}-gevent{}".format(python.replace(".", ""), gevent.replace(".", "_"))


def cells():
    """All of them, by name, with nothing that fails."""
    made = {}
    for gevent, has in RELEASES.items():
        for python in PYTHONS:
            if has == "predates":
                reason = gevent + " predates Python 3"
                one = record(gevent, python, "unsupported", reason, None)
            elif has == "sdist" and python == "3.6":
                one = record(gevent, python, kind="sdist", loop=["libev-cext"])
            elif python in has:
                one = record(gevent, python)
            else:
                reason = "gevent {} ships no wheel for {}".format(gevent, python)
                one = record(gevent, python, "no-artefact", reason, None)
            made[name_of(gevent, python)] = one
    return made


def changed(**outcomes):
    """All of them, and those of these names with another record."""
    made = cells()
    for name, one in outcomes.items():
        assert name in made
        if one is None:
            del made[name]
        else:
            made[name] = one
    return made


def write(path, made, **more):
    """Write results.json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"schema": 1, "platform": "linux-x86_64", "cells": made, **more}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def checkout(directory, made):
    """What a checkout has of what is read and written, and the package."""
    write(directory / "compat" / "results.json", made)
    text = "# Title\n\n{}\nold\n{}\n\nThe rest.\n".format(BEGIN, END)
    (directory / "README.md").write_text(text, encoding="utf-8")
    skipped = shutil.ignore_patterns("__pycache__", "*.json")
    package = "geventconnpool_ext"
    shutil.copytree(ROOT / package, directory / package, ignore=skipped)
    return directory
