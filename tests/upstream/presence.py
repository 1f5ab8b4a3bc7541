"""What a test does when upstream's release is not there and can't be downloaded.

On a developer's machine it is skipped, saying what is missing; in CI, which sets
the variable ``CI``, that is a failure, or nobody would notice that nothing ran.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from . import shim

__all__ = ["released"]


def released() -> Path:
    """The verified sdist; without one, end the test that asks.

    A file that is not the release stays an error everywhere.
    """
    try:
        return shim.sdist()
    except (OSError, subprocess.SubprocessError) as error:
        text = (
            "geventconnpool {} is missing: there is no {}, and pip download got none"
            " ({}). Connect to a package index, or put the sdist there.".format(
                shim.VERSION, shim.cached(), _reason(error)
            )
        )
    if os.environ.get("CI"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    lines = said.decode("utf-8", "replace").split("\n") if said else [str(error)]
    lines = [line.strip() for line in lines if line.strip()]
    return lines[-1] if lines else str(error)
