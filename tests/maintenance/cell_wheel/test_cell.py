"""The name of a cell says which wheel of ours it installs."""

from __future__ import annotations

import pytest

from maintenance.cell_wheel.cell import Cell


@pytest.mark.parametrize(
    ("name", "historical"),
    [
        ("py36-gevent1_1a1", True),
        ("py37-gevent22_8_0", True),
        ("py38-gevent1_5a4", True),
        ("py38-gevent1_5_0", False),
        ("py315-gevent26_9_0", False),
    ],
)
def test_what_the_wheels_metadata_refuses_gets_the_historical_one(name, historical):
    assert Cell.named(name).name == name
    assert Cell.named(name).historical is historical
