"""``retry``, as a plain decorator and through functools.partial."""

from __future__ import annotations

import functools
import logging
import ssl
import time

import gevent
import pytest

from .waiting import until


class Broken(Exception):
    """What somebody's protocol raises."""


class Failing:
    """Fails so many times, then returns its arguments.

    It has the attribute by which upstream names a function in a log.
    """

    __name__ = func_name = "fetch"

    def __init__(self, times, error=None):
        self.times = times
        self.error = error or ConnectionResetError("cut")
        self.calls = 0

    def __call__(self, *arguments, **options):
        """Fail, or return the arguments."""
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return arguments, options


def test_bare_retry_calls_again_until_it_succeeds(implementation):
    calls = []

    @implementation.retry
    def work(a, b=0):
        calls.append((a, b))
        if len(calls) < 3:
            raise ConnectionResetError
        return a + b

    assert work(1, b=2) == 3
    assert calls == [(1, 2)] * 3


def test_name_documentation_and_attributes_are_the_functions(implementation):
    def work():
        """Say what it does."""

    work.note = "mine"
    decorated = implementation.retry(work)
    assert decorated is not work
    assert (decorated.__name__, decorated.__doc__) == ("work", "Say what it does.")
    assert (decorated.note, decorated.__wrapped__) == ("mine", work)


def test_a_success_is_returned_and_not_repeated(implementation):
    failing = Failing(0)
    assert implementation.retry(failing)("x", y=1) == (("x",), {"y": 1})
    assert failing.calls == 1


def test_a_method_is_retried_with_its_own_self(implementation):
    class Client:
        calls = 0

        @implementation.retry
        def work(self, value):
            self.calls += 1
            if self.calls < 2:
                raise OSError
            return self, value

    client = Client()
    assert client.work("x") == (client, "x")
    assert client.calls == 2


@pytest.mark.parametrize(
    "error",
    [OSError(), ConnectionRefusedError(), TimeoutError(), ssl.SSLError()],
    ids=lambda error: type(error).__name__,
)
def test_socket_errors_are_retried_those_of_tls_too(implementation, error):
    failing = Failing(1, error)
    implementation.retry(failing)()
    assert failing.calls == 2


@pytest.mark.parametrize(
    "error",
    [ValueError(), KeyError("x"), RuntimeError(), gevent.Timeout(1), SystemExit()],
    ids=lambda error: type(error).__name__,
)
def test_any_other_exception_passes_at_once(implementation, error):
    failing = Failing(1, error)
    with pytest.raises(type(error)) as caught:
        implementation.retry(failing)()
    assert caught.value is error
    assert failing.calls == 1


def test_all_arguments_through_partial(implementation, caplog):
    patient = functools.partial(
        implementation.retry,
        exc_classes=(Broken, OSError),
        logger=logging.getLogger("partial"),
        retry_log_level=logging.WARNING,
        retry_log_message="once more",
        max_failures=3,
        interval=0,
        max_failure_log_level=logging.CRITICAL,
        max_failure_log_message="enough",
    )
    failing = Failing(2, Broken())
    assert patient(failing)("x") == (("x",), {})
    assert failing.calls == 3
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


def test_all_arguments_by_position(implementation, caplog):
    failing = Failing(9, Broken("cut"))
    decorated = implementation.retry(
        failing,
        (Broken,),
        logging.getLogger("positional"),
        logging.WARNING,
        "again",
        1,
        0,
        logging.CRITICAL,
        "enough",
    )
    with pytest.raises(Broken):
        decorated()
    assert failing.calls == 2
    assert caplog.records[0].levelno == logging.WARNING
    last = caplog.records[-1]
    assert (last.name, last.levelno) == ("positional", logging.CRITICAL)


@pytest.mark.parametrize("kind", [tuple, list, set], ids=lambda kind: kind.__name__)
def test_only_the_named_classes_are_retried(implementation, kind):
    retry = functools.partial(implementation.retry, exc_classes=kind([Broken]))
    failing = Failing(2, Broken())
    retry(failing)()
    assert failing.calls == 3
    failing = Failing(2, OSError())
    with pytest.raises(OSError):  # noqa: PT011
        retry(failing)()
    assert failing.calls == 1


@pytest.mark.parametrize("most", [0, 1, 3])
def test_max_failures_is_how_many_are_forgiven(implementation, most):
    failing = Failing(99)
    with pytest.raises(ConnectionResetError) as caught:
        implementation.retry(failing, max_failures=most, interval=0)()
    assert caught.value is failing.error
    assert failing.calls == most + 1


def test_without_max_failures_it_does_not_give_up(implementation):
    failing = Failing(100)
    implementation.retry(failing, interval=0)()
    assert failing.calls == 101


def test_each_call_counts_its_own_failures(implementation):
    failing = Failing(2)
    decorated = implementation.retry(failing, max_failures=2, interval=0)
    decorated()
    failing.calls = 0
    decorated()


def test_an_interval_is_waited_between_attempts(implementation):
    failing = Failing(2)
    started = time.monotonic()
    implementation.retry(failing, interval=0.05)()
    assert time.monotonic() - started > 0.09


def test_an_explicit_interval_of_zero_retries_at_once_and_lets_others_run(
    implementation,
):
    ran = []
    gevent.spawn(ran.append, 1)
    failing = Failing(50)
    started = time.monotonic()
    implementation.retry(failing, interval=0)()
    assert time.monotonic() - started < 1
    assert ran == [1]


def test_log_messages_name_function_and_error(implementation, caplog):
    failing = Failing(9)
    decorated = implementation.retry(
        failing,
        logger=logging.getLogger("named"),
        retry_log_level=logging.WARNING,
        retry_log_message="again: {f} ({e})",
        max_failures=1,
        interval=0,
        max_failure_log_message="enough: {f} ({e})",
    )
    with pytest.raises(ConnectionResetError):
        decorated()
    said = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert said[0] == (logging.WARNING, "again: fetch (cut)")
    assert said[-1] == (logging.ERROR, "enough: fetch (cut)")


def test_without_a_logger_nothing_is_logged(implementation, caplog):
    caplog.set_level(logging.DEBUG)
    implementation.retry(Failing(2))()
    assert caplog.records == []


def test_a_kill_ends_the_loop(implementation):
    failing = Failing(10**9)
    greenlet = gevent.spawn(implementation.retry(failing, interval=0.01))
    until(lambda: failing.calls > 3)
    greenlet.kill(timeout=2)
    assert isinstance(greenlet.value, gevent.GreenletExit)


def test_each_attempt_gets_another_connection(implementation, new_pool):
    pool = new_pool(3, exc_classes=(Broken,))
    seen = []

    @functools.partial(implementation.retry, exc_classes=(Broken,), interval=0)
    def work():
        with pool.get() as connection:
            seen.append(connection)
            if len(seen) < 3:
                raise Broken
            return connection

    assert work() is seen[-1]
    assert len(set(seen)) == 3
