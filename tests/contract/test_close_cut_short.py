"""A close() that is cut short leaves the hook to the one that gets to the end."""

from __future__ import annotations

import gevent

from geventconnpool_ext import PoolHooks

from ..support.clients import start


class Told(PoolHooks):
    """Counts the calls of ``closed``."""

    def __init__(self):
        self.times = 0

    def closed(self):
        self.times += 1


def test_closed_is_told_by_the_close_that_gets_to_the_end(new_pool):
    hooks = Told()
    pool = new_pool(1, hooks=hooks)
    connection = pool.acquire()
    first = start(pool.close, timeout=None)
    first.kill(gevent.Timeout(), block=False)
    second = start(pool.close, timeout=None)
    assert first.ready()
    assert not second.ready()
    assert hooks.times == 0
    pool.release(connection)
    second.get(timeout=1)
    assert hooks.times == 1
    pool.close()
    assert hooks.times == 1


def test_closed_is_told_once_though_two_wait_to_the_end(new_pool):
    hooks = Told()
    pool = new_pool(1, hooks=hooks)
    connection = pool.acquire()
    closing = [start(pool.close, timeout=None) for _ in range(2)]
    pool.release(connection)
    for greenlet in closing:
        greenlet.get(timeout=1)
    assert hooks.times == 1
