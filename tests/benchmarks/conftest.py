"""What the tests of the benchmarks run on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ..upstream import presence

ROOT = Path(__file__).resolve().parents[2]
# Last, so that the package under test stays the installed one.
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from benchmarks import peers  # noqa: E402


@pytest.fixture
def installed():
    """``installed(name)`` skips the test where that peer is not installed."""

    def check(name):
        peer = peers.PEERS[name]
        if peer is peers.UPSTREAM:
            presence.released()
        if peers.version(peer) is None:
            pytest.skip(f"{peer.distribution} is not installed: it comes with `bench`")
        return peer

    return check
