"""Errors go to other processes: multiprocessing and task queues pickle them."""

from __future__ import annotations

import copy
import multiprocessing
import pickle

import pytest

from geventconnpool_ext import (
    ConnectFailed,
    PoolClosed,
    PoolError,
    PoolFull,
    PoolTimeout,
)
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CertificateError,
    ConnectError,
    CreateDomain,
    EPPError,
    FramingError,
    LoginRejected,
    NotSent,
    SessionLimit,
)
from geventconnpool_ext.epp.answers import UnexpectedAnswer
from geventconnpool_ext.epp.framing import TruncatedFrame

COMMAND = CreateDomain("own.example", auth_info="ownSecret1")

ERRORS = [
    *(
        kind("what happened")
        for kind in (
            *(PoolError, PoolTimeout, PoolFull, PoolClosed, ConnectFailed),
            *(EPPError, FramingError, TruncatedFrame, NotSent, SessionLimit),
            *(ConnectError, CertificateError),
        )
    ),
    LoginRejected("refused", 2200, "Authentication error"),
    UnexpectedAnswer("another's", 2400, "Command failed"),
    AmbiguousOutcome("lost", COMMAND, ["one", "two"]),
]


def pickled(error):
    """What another process gets of *error*."""
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_its_pickle(error, again):
    other = again(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    expected = dict(vars(error))
    if "command" in expected:
        expected["command"] = None
    assert vars(other) == expected


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_was_added_to_an_error_is_kept(error, again):
    noted = copy.copy(error)
    # What add_note() sets, from Python 3.11 on.
    noted.__notes__ = ["while the zone was loaded"]
    noted.order = 17
    other = again(noted)
    assert other.__notes__ == ["while the zone was loaded"]
    assert other.order == 17
    assert getattr(other, "command", None) is None


def test_every_error_is_in_this_list():
    def subclasses(kind):
        for below in kind.__subclasses__():
            yield below
            yield from subclasses(below)

    ours = {
        kind
        for kind in subclasses(PoolError)
        # epplib_transport's come of these; and the tests have some of their own.
        if kind.__module__.startswith("geventconnpool_ext.")
        and not kind.__module__.endswith("epplib_transport")
    }
    assert ours <= {type(error) for error in ERRORS}


def test_a_pickle_carries_no_secret():
    error = AmbiguousOutcome("lost", COMMAND, ["one"])
    error.__cause__ = OSError("reset")
    assert b"ownSecret1" not in pickle.dumps(error)


def fail(_):
    """The work of a child that meets a lost answer."""
    raise AmbiguousOutcome("lost", COMMAND, ["one", "two"])


def test_a_worker_process_can_raise_it_in_its_parent():
    """An error that cannot be unpickled ends a pool's reader: its caller hangs."""
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        result = workers.map_async(fail, [None])
        with pytest.raises(AmbiguousOutcome, match="lost") as caught:
            result.get(timeout=15)
    assert caught.value.cl_tr_ids == ("one", "two")
