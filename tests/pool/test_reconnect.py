"""What a failed connect holds back, and what lets it go on. Pure."""

from __future__ import annotations

import pytest

from geventconnpool_ext import Backoff
from geventconnpool_ext._reconnect import LastError, Reconnect

NEVER_YET = float("-inf")


@pytest.fixture
def kept():
    """What keeps the last error alive: the pool, elsewhere."""
    return LastError()


@pytest.fixture
def reconnect(kept):
    """A memory of failed connects."""
    return Reconnect(Backoff(100, 100), (PermissionError,), kept)


def test_a_connection_that_works_ends_the_pause(reconnect):
    reconnect.failed(OSError(), 0.0)
    reconnect.failed(OSError(), 1000.0)
    assert reconnect.not_before > 1000.0
    reconnect.proven()
    assert (reconnect.failures, reconnect.not_before) == (0, NEVER_YET)


def test_a_connect_that_succeeds_does_not(reconnect):
    reconnect.failed(OSError(), 1000.0)
    reconnect.connected()
    assert reconnect.failures == 1
    assert reconnect.not_before > 1000.0


def test_a_fatal_error_is_ended_by_a_connect_after_it_alone(reconnect):
    reconnect.failed(PermissionError(), 1000.0)
    reconnect.proven()
    assert reconnect.failures == 1
    assert reconnect.not_before > 1000.0
    reconnect.connected()
    reconnect.proven()
    assert (reconnect.failures, reconnect.not_before) == (0, NEVER_YET)


def test_a_session_that_works_does_not_close_the_login_circuit(kept):
    circuits = pytest.importorskip("geventconnpool_ext.epp.circuit")
    epp = pytest.importorskip("geventconnpool_ext.epp")
    policy = epp.SessionPolicy(login_failures=2, login_retry_after=900)
    circuit = circuits.LoginCircuit(Backoff(1, 1), policy, kept)
    for now in (0.0, 10.0):
        circuit.failed(epp.LoginRejected("no", 2200, "no"), now)
    circuit.failed(OSError(), 20.0)
    assert circuit.is_open
    circuit.proven()
    assert circuit.is_open
    # Its login may have been counted, though no answer came.
    assert circuit.not_before == 920.0
