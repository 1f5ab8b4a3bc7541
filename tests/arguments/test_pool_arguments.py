"""What a pool's constructor says to arguments that make no sense."""

from __future__ import annotations

import pytest

from geventconnpool_ext import Backoff, ConnectionPool, NullPool, PoolHooks

NAN, INFINITY = float("nan"), float("inf")


def connect():
    raise AssertionError("a pool that was refused must not connect")


def ping(connection):
    """Say that all is well."""


@pytest.fixture(params=[ConnectionPool, NullPool])
def pool_class(request):
    """Either class of pool."""
    return request.param


WRONG = [
    (TypeError, {"size": None}, "size must be an integer of at least 1, not None"),
    (TypeError, {"size": "5"}, "size must be an integer of at least 1, not '5'"),
    (TypeError, {"size": 2.0}, r"size must be an integer of at least 1, not 2\.0"),
    (TypeError, {"size": True}, "size must be an integer of at least 1, not True"),
    # U9: accepted; get() hung; with keepalive a ZeroDivisionError.
    (ValueError, {"size": 0}, "size must be an integer of at least 1, not 0"),
    (ValueError, {"size": -3}, "size must be an integer of at least 1, not -3"),
    (ValueError, {"min_size": 3}, r"min_size must be at most size \(2\), not 3"),
    (ValueError, {"min_size": -1}, "min_size must be an integer of at least 0, not -1"),
    (TypeError, {"min_size": 1.5}, r"min_size must be an integer .*not 1\.5"),
    (TypeError, {"exc_classes": (OSError, 7)}, "exc_classes must hold .*not 7"),
    (TypeError, {"exc_classes": "OSError"}, "exc_classes must hold .*not 'O'"),
    (TypeError, {"exc_classes": None}, "exc_classes must hold .*not None"),
    (TypeError, {"exc_classes": OSError()}, r"exc_classes must hold .*not OSError"),
    (TypeError, {"exc_classes": (int,)}, "exc_classes must hold .*not <class 'int'>"),
    (TypeError, {"fatal_exc_classes": (7,)}, "fatal_exc_classes must hold .*not 7"),
    (TypeError, {"connect": 5}, "connect must be callable or None, not 5"),
    (TypeError, {"ping": 5}, "ping must be callable or None, not 5"),
    (TypeError, {"close_connection": 5}, "close_connection must be callable .*5"),
    (TypeError, {"abandon": 5}, "abandon must be callable or None, not 5"),
    (ValueError, {"max_opening": 0}, "max_opening must be an integer of at least 1.*0"),
    (ValueError, {"max_waiting": -1}, "max_waiting must be an integer .*0, not -1"),
    (TypeError, {"max_waiting": 1.0}, r"max_waiting must be an integer.*1\.0"),
    (ValueError, {"order": "filo"}, "order must be 'fifo' or 'lifo', not 'filo'"),
    (ValueError, {"order": None}, "order must be 'fifo' or 'lifo', not None"),
    (TypeError, {"reconnect": 5}, r"reconnect must be a Backoff.*not 5"),
    (TypeError, {"reconnect": Backoff}, "reconnect must be a Backoff"),
    (TypeError, {"hooks": object}, "hooks must be an instance of a PoolHooks subclass"),
    (TypeError, {"hooks": PoolHooks}, "hooks must be an instance of a PoolHooks"),
    (TypeError, {"name": 7}, "name must be text, or None; not 7"),
]
for _name in (
    "keepalive",
    "timeout",
    "max_lifetime",
    "max_idle",
    "check_after_idle",
    "connect_timeout",
    "close_timeout",
    "leak_after",
):
    for _number in (-1, NAN, INFINITY, -INFINITY):
        _text = "{} must be .*{}".format(_name, _number)
        WRONG.append((ValueError, {_name: _number}, _text))
    for _thing in ("5", True, (), b"5"):
        WRONG.append((TypeError, {_name: _thing}, _name + " must be "))
for _name in (
    "max_lifetime",
    "max_idle",
    "connect_timeout",
    "close_timeout",
    "leak_after",
):
    WRONG.append((ValueError, {_name: 0}, _name + " must be .*more than 0.*not 0"))
WRONG.append((TypeError, {"close_timeout": None}, "close_timeout must be .*None"))


@pytest.mark.parametrize(
    ("error", "options", "names"),
    WRONG,
    ids=lambda value: repr(value) if isinstance(value, dict) else "",
)
def test_a_wrong_argument_is_named_with_its_value(pool_class, error, options, names):
    arguments = {"size": 2, "connect": connect, "ping": ping}
    arguments.update(options)
    with pytest.raises(error, match=names):
        pool_class(**arguments)


def test_connect_and_an_overridden_method_are_one_too_many(pool_class):
    class Old(pool_class):
        def _new_connection(self):
            return connect()

    with pytest.raises(TypeError, match=r"connect=.*overridden _new_connection"):
        Old(1, connect=connect)


def test_ping_and_an_overridden_method_are_one_too_many(pool_class):
    class Old(pool_class):
        def _keepalive(self, c):
            pass

    with pytest.raises(TypeError, match=r"ping=.*overridden _keepalive"):
        Old(1, connect=connect, ping=ping)


def test_no_way_to_connect_is_an_error(pool_class):
    with pytest.raises(TypeError, match=r"connect=.*_new_connection"):
        pool_class(1)


@pytest.mark.parametrize("option", ["keepalive", "check_after_idle"])
def test_pings_without_a_way_to_ping_are_an_error(pool_class, option):
    with pytest.raises(ValueError, match=option + "=5 needs a way to ping: pass ping="):
        pool_class(1, connect=connect, **{option: 5})


def test_every_modern_argument_is_keyword_only(pool_class):
    with pytest.raises(TypeError, match="positional"):
        pool_class(1, (OSError,), None, connect)


def test_a_misspelt_argument_is_an_error(pool_class):
    with pytest.raises(TypeError, match="maxsize"):
        pool_class(1, connect=connect, maxsize=5)


@pytest.mark.parametrize(
    ("error", "timeout"),
    [
        (ValueError, -1),
        (ValueError, NAN),
        (ValueError, INFINITY),
        (TypeError, "5"),
        (TypeError, True),
    ],
)
@pytest.mark.parametrize("call", ["get", "acquire", "wait", "close"])
def test_a_wrong_timeout_raises_at_the_call(pool_class, call, error, timeout):
    pool = pool_class(1, connect=connect, open=False)
    with pytest.raises(error, match=r"timeout must be .*0 never waits.*None"):
        getattr(pool, call)(timeout)


def test_a_refused_pool_leaves_nothing_behind(pool_class):
    with pytest.raises(ValueError, match="order"):
        pool_class(1, connect=connect, order="x")


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_that_no_float_can_hold_is_named(pool_class, digits):
    for name in ("timeout", "keepalive", "connect_timeout", "close_timeout"):
        with pytest.raises(ValueError, match=rf"^{name} must .* integer of \d+ bits$"):
            pool_class(2, connect=connect, ping=ping, **{name: 10**digits})
    with pytest.raises(ValueError, match=r"^min_size must .*, not an integer of"):
        pool_class(2, connect=connect, min_size=-(10**digits))
