"""The made-up repository, fresh for each test."""

from __future__ import annotations

import pytest

from . import project as made_up


@pytest.fixture
def project(tmp_path):
    return made_up.make(tmp_path)
