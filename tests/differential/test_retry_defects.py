"""What is wrong with upstream's ``retry``: each test fails there, as declared."""

from __future__ import annotations

import logging
import time

import gevent
import pytest


def test_retry_takes_its_arguments_as_a_decorator(implementation):
    # U1
    calls = []

    @implementation.retry(exc_classes=(KeyError,), max_failures=5, interval=0)
    def work():
        calls.append(1)
        if len(calls) < 3:
            raise KeyError
        return "done"

    assert work() == "done"
    assert len(calls) == 3


def test_retry_logs_the_name_of_a_function(implementation, caplog):
    # U2
    calls = []

    def fetch():
        calls.append(1)
        if len(calls) < 2:
            raise ConnectionResetError("cut")

    logger = logging.getLogger("retry")
    implementation.retry(
        fetch, logger=logger, retry_log_level=logging.WARNING, interval=0
    )()
    (record,) = caplog.records
    assert "fetch" in record.getMessage()
    assert "cut" in record.getMessage()


def test_bare_retry_does_not_spin(implementation):
    # U3
    calls = []

    @implementation.retry
    def work():
        calls.append(1)
        raise ConnectionRefusedError

    greenlet = gevent.spawn(work)
    gevent.sleep(0.2)
    greenlet.kill()
    if len(calls) > 50:
        raise AssertionError("{} calls in 0.2 s".format(len(calls)))
    assert len(calls) >= 2


def test_the_last_failure_goes_on_without_a_wait(implementation):
    # Pull request 5
    def work():
        raise ConnectionRefusedError

    decorated = implementation.retry(work, max_failures=0, interval=0.5)
    started = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        decorated()
    if time.monotonic() - started > 0.4:
        raise AssertionError("the interval was waited for before giving up")
