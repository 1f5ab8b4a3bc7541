"""Programs that pip does not install: a test that needs one skips without it.

With GEVENTCONNPOOL_EXT_REQUIRE_PROGRAMS set it fails instead. The workflows set it:
they install all of them, and what is skipped there would be run nowhere.
"""

from __future__ import annotations

import os
import shutil

import pytest

VARIABLE = "GEVENTCONNPOOL_EXT_REQUIRE_PROGRAMS"


def find(*names):
    """The path of the first of these that is on PATH, or None."""
    return next(filter(None, map(shutil.which, names)), None)


def need(name):
    """The path of a program; where it is not there, the test ends."""
    return find(name) or missing(name)


def missing(what):
    """End the test, for want of *what*."""
    message = "{} is not installed".format(what)
    if os.environ.get(VARIABLE):
        pytest.fail(message)
    pytest.skip(message)
