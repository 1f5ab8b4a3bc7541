"""``@retry``: every form of it, and what it repeats."""

from __future__ import annotations

import functools
import logging
import time

import gevent
import pytest

from geventconnpool_ext import (
    ConnectFailed,
    ConnectionPool,
    PoolClosed,
    PoolError,
    PoolFull,
    PoolTimeout,
    retry,
)


class Failing:
    """A function that fails *times* times, then returns its arguments."""

    def __init__(self, times, error=None):
        self.calls = 0
        self.times = times
        self.error = error or ConnectionResetError("gone")

    def __call__(self, *arguments, **options):
        """Fail, or return the arguments."""
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return arguments, options


def test_bare():
    calls = []

    @retry
    def work(a, b=0):
        """Say what it does."""
        calls.append(a)
        if len(calls) < 3:
            raise OSError
        return a + b

    assert work(1, b=2) == 3
    assert calls == [1, 1, 1]
    assert work.__name__ == "work"
    assert work.__doc__ == "Say what it does."


def test_with_arguments_as_the_readme_of_upstream_promises():
    # U1: TypeError.
    calls = []

    @retry(exc_classes=(KeyError,), interval=0, max_failures=5)
    def work():
        calls.append(1)
        if len(calls) < 3:
            raise KeyError
        return "done"

    assert work() == "done"
    assert len(calls) == 3


def test_with_empty_parentheses():
    @retry()
    def work():
        return "done"

    assert work() == "done"


def test_through_partial():
    patient = functools.partial(retry, interval=0, max_failures=3)
    failing = Failing(2)
    assert patient(failing)(1, x=2) == ((1,), {"x": 2})
    assert failing.calls == 3


def test_all_arguments_by_position_in_upstreams_order(caplog):
    logger = logging.getLogger("positional")
    failing = Failing(9)
    wrapped = retry(
        failing,
        (OSError,),
        logger,
        logging.WARNING,
        "again {f}: {e}",
        1,
        0,
        logging.CRITICAL,
        "enough {f}: {e}",
    )
    with pytest.raises(ConnectionResetError):
        wrapped()
    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [
        (logging.WARNING, "again Failing: gone"),
        (logging.CRITICAL, "enough Failing: gone"),
    ]


def test_with_a_logger_it_names_function_and_error(caplog):
    # U2: AttributeError func_name.
    logger = logging.getLogger("user")
    calls = []

    @retry(logger=logger, interval=0, retry_log_level=logging.WARNING)
    def fetch():
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionResetError("by peer")
        return "done"

    assert fetch() == "done"
    (record,) = caplog.records
    assert record.name == "user"
    assert "fetch" in record.getMessage()
    assert "by peer" in record.getMessage()


def test_percent_signs_in_an_error_do_no_harm_to_the_log(caplog):
    logger = logging.getLogger("percent")
    failing = Failing(1, OSError("100 %s {f} {x}"))
    retry(failing, logger=logger, interval=0, retry_log_level=logging.WARNING)()
    assert "100 %s {f} {x}" in caplog.records[0].getMessage()


def test_without_max_failures_it_never_gives_up():
    failing = Failing(200)
    assert retry(failing, interval=0)("x") == (("x",), {})
    assert failing.calls == 201


@pytest.mark.parametrize("most", [0, 1, 3])
def test_after_max_failures_retries_the_error_goes_on(most):
    failing = Failing(99)
    with pytest.raises(ConnectionResetError) as caught:
        retry(failing, max_failures=most, interval=0)()
    assert caught.value is failing.error
    assert failing.calls == most + 1


def test_each_call_counts_its_own_failures():
    failing = Failing(2)
    wrapped = retry(failing, max_failures=2, interval=0)
    wrapped()
    failing.calls = 0
    wrapped()


@pytest.mark.parametrize("error", [ValueError(), KeyError(), AssertionError()])
def test_other_exceptions_are_not_retried(error):
    failing = Failing(9, error)
    with pytest.raises(type(error)):
        retry(failing)()
    assert failing.calls == 1


@pytest.mark.parametrize(
    "error",
    [gevent.Timeout(1), gevent.GreenletExit(), KeyboardInterrupt(), SystemExit()],
    ids=lambda error: type(error).__name__,
)
def test_a_kill_is_never_retried(error):
    failing = Failing(9, error)
    with pytest.raises(type(error)):
        retry(failing, exc_classes=(Exception,))()
    assert failing.calls == 1


@pytest.mark.parametrize(
    "error", [PoolTimeout(), PoolFull(), PoolClosed(), ConnectFailed(), PoolError()]
)
@pytest.mark.parametrize("classes", [(OSError,), (Exception,), (TimeoutError, OSError)])
def test_no_pool_error_is_retried_unless_it_is_named(error, classes):
    # W4: an exhausted pool was retried, 40 s instead of 10.
    failing = Failing(9, error)
    with pytest.raises(type(error)):
        retry(failing, exc_classes=classes)()
    assert failing.calls == 1


def test_a_pool_error_that_is_named_is_retried():
    failing = Failing(3, PoolTimeout())
    retry(failing, exc_classes=(PoolTimeout,), interval=0)()
    assert failing.calls == 4
    failing = Failing(3, PoolTimeout())
    retry(failing, exc_classes=(PoolError, OSError), interval=0)()
    assert failing.calls == 4


def test_bare_retry_does_not_spin_on_a_dead_peer():
    # U3: 320,000 calls in a second.
    failing = Failing(10**9)
    greenlet = gevent.spawn(retry(failing))
    gevent.sleep(0.4)
    greenlet.kill()
    assert 2 <= failing.calls < 40


def test_the_first_retry_comes_at_once():
    failing = Failing(1)
    started = time.monotonic()
    retry(failing)()
    assert time.monotonic() - started < 0.05


def test_an_interval_of_zero_is_honoured_and_lets_others_run():
    ran = []
    other = gevent.spawn(lambda: ran.append(1))
    failing = Failing(50)
    started = time.monotonic()
    retry(failing, interval=0)()
    assert time.monotonic() - started < 1
    assert ran == [1]
    other.get()


def test_an_interval_is_waited_between_attempts():
    failing = Failing(2)
    started = time.monotonic()
    retry(failing, interval=0.05)()
    assert time.monotonic() - started >= 0.099


def test_a_method_can_be_retried():
    class Client:
        calls = 0

        @retry(interval=0)
        def work(self, value):
            self.calls += 1
            if self.calls < 2:
                raise OSError
            return value

    client = Client()
    assert client.work("x") == "x"
    assert client.calls == 2


def test_each_attempt_gets_another_connection(peer):
    pool = ConnectionPool(2, connect=peer.connect)
    seen = []

    @retry(interval=0)
    def work():
        with pool.get() as connection:
            seen.append(connection)
            if len(seen) < 3:
                raise ConnectionResetError
            return connection

    assert work() is seen[-1]
    assert len(set(seen)) == 3
    pool.close()


def test_an_exhausted_pool_ends_the_loop_at_its_timeout(peer):
    pool = ConnectionPool(1, connect=peer.connect)
    calls = []

    @retry
    def work():
        calls.append(1)
        with pool.get(timeout=0.05):
            return None

    with pool.get(), pytest.raises(PoolTimeout):
        work()
    assert calls == [1]
    pool.close()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"exc_classes": (1,)}, r"exc_classes must hold exception classes.*not 1"),
        ({"exc_classes": "x"}, r"exc_classes must hold exception classes.*not 'x'"),
        ({"exc_classes": 5}, r"exc_classes must hold exception classes.*not 5"),
        ({"max_failures": -1}, r"max_failures must be an integer of at least 0.*-1"),
        ({"max_failures": 1.5}, r"max_failures must be an integer.*1\.5"),
        ({"interval": -1}, r"interval must be a number of seconds, 0 or more.*-1"),
        ({"interval": float("nan")}, r"interval must be .*nan"),
        ({"interval": "1"}, r"interval must be .*'1'"),
        ({"retry_log_message": "{x}"}, r"retry_log_message must be .*\{x\}"),
        ({"max_failure_log_message": "{"}, r"max_failure_log_message must be "),
        ({"retry_log_message": "{f.x}"}, r"retry_log_message must be "),
    ],
)
def test_a_wrong_argument_is_named_at_the_call(options, names):
    with pytest.raises((TypeError, ValueError), match=names):
        retry(lambda: None, **options)
    with pytest.raises((TypeError, ValueError), match=names):
        # When the function is decorated, not at its first failure months later.
        retry(**options)(print)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="retry needs a function to call, not 5"):
        retry(5)


class Mute(OSError):
    """An error whose text raises."""

    def __str__(self):
        return self.no_such_attribute


@pytest.mark.parametrize(
    ("message", "error", "line"),
    [
        ("{f}: {e:.4}", OSError("gone away"), "Failing: gone"),
        ("{e:>6}!", OSError("gone"), "  gone!"),
        ("{e[0]}", OSError("gone"), "g"),
        ("{e[0]}", OSError(), "Failing failed: OSError"),
        ("{e!r:.9}", OSError("gone"), "OSError('"),
        ("{e.__class__.__name__}", OSError("gone"), "OSError"),
        ("{f} ({e})", Mute(), "Failing failed: Mute: <no text: its __str__ raises>"),
    ],
)
def test_every_message_that_is_accepted_can_tell_every_error(
    caplog, message, error, line
):
    caplog.set_level(logging.INFO, "own")
    failing = Failing(5, error)
    call = retry(
        failing,
        interval=0,
        max_failures=1,
        logger=logging.getLogger("own"),
        retry_log_message=message,
        max_failure_log_message=message,
    )
    with pytest.raises(type(error)) as raised:
        call()
    assert raised.value is error
    assert caplog.messages == [line, line]


def test_a_message_that_indexes_text_by_a_name_is_named():
    with pytest.raises(ValueError, match="retry_log_message"):
        retry(len, retry_log_message="{e[name]}")
