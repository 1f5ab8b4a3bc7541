"""Fixtures of the tests that need upstream's release."""

from __future__ import annotations

import pytest

from . import presence


@pytest.fixture(scope="session")
def release():
    """The release, or the test is skipped (in CI: fails)."""
    return presence.released()
