"""What callers of a pool do, in one line."""

from __future__ import annotations

import gevent

from .clock import settle


def start(function, *arguments, **options):
    """Run *function* in a greenlet until it waits, and return the greenlet."""
    greenlet = gevent.spawn(function, *arguments, **options)
    settle()
    return greenlet


def lose(pool, timeout=None, error=None):
    """Lose the connection inside of a block; return the connection."""
    error = error or ConnectionResetError()
    try:
        with pool.get(timeout) as connection:
            raise error
    except type(error):
        return connection
