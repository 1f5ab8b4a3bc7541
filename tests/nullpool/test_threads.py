"""Risk: a native thread that ends takes a slot with it, or leaves a hub behind."""

from __future__ import annotations

import os
import time

import gevent
import pytest
from gevent.monkey import get_original

from geventconnpool_ext import NullPool, PoolClosed

Thread = get_original("threading", "Thread")
DESCRIPTORS = "/dev/fd"


def in_thread(function):
    """Call *function* in a native thread of its own; return its result or error."""
    outcomes = []

    def call():
        try:
            outcomes.append(function())
        except BaseException as error:
            outcomes.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join(20)
    (outcome,) = outcomes
    return outcome


@pytest.mark.skipif(not os.path.isdir(DESCRIPTORS), reason="nothing counts them here")
@pytest.mark.parametrize("leak_after", [None, 3600])
def test_who_destroys_the_hub_at_a_thread_s_end_may_have_any_number(peer, leak_after):
    pool = NullPool(2, connect=peer.connect, leak_after=leak_after)

    def request():
        with pool.get(timeout=5) as connection:
            connection.ask()
        gevent.get_hub().destroy(destroy_loop=True)

    # Whatever is opened once only.
    assert in_thread(request) is None
    before = len(os.listdir(DESCRIPTORS))
    assert [in_thread(request) for _ in range(50)] == [None] * 50
    # libuv closes some of them in its own time.
    assert len(os.listdir(DESCRIPTORS)) < before + 25
    pool.close()


def test_a_hub_may_be_destroyed_between_two_uses_in_one_thread(peer):
    # The second has the thread's number, and none of the first one's timers.
    pool = NullPool(1, connect=peer.connect, leak_after=3600)

    def use_twice():
        for _ in range(2):
            pool.release(pool.acquire(timeout=5))
            gevent.get_hub().destroy(destroy_loop=True)
        pool.close()
        gevent.get_hub().destroy(destroy_loop=True)

    assert in_thread(use_twice) is None


def test_a_close_that_hangs_frees_its_slot_though_its_thread_ends(peer):
    pool = NullPool(
        1,
        connect=peer.connect,
        close_connection=lambda _: gevent.sleep(60),
        close_timeout=0.1,
    )

    def request():
        with pool.get(timeout=1):
            # The loop has other work, before it comes to the close.
            gevent.spawn(time.sleep, 0.05)
        return pool.stats().closing

    assert [in_thread(request) for _ in range(3)] == [0, 0, 0]
    pool.close()


def test_who_comes_while_another_thread_closes_the_pool_does_not_wait(peer):
    pool = NullPool(1, connect=peer.connect)
    connection = pool.acquire()
    slots = pool._slots
    reserve = slots.reserve
    closing = Thread(target=pool.close)

    def reserve_later(*arguments):
        # After the caller's look whether the pool is open.
        closing.start()
        while pool._state.accepting:
            time.sleep(0.001)
        return reserve(*arguments)

    slots.reserve = reserve_later
    waiting = gevent.spawn(pool.acquire, timeout=None)
    waiting.join(5)
    pool.release(connection)
    closing.join(10)
    assert isinstance(waiting.exception, PoolClosed)


def test_an_error_that_cannot_be_made_leaves_nobody_asleep(peer, monkeypatch):
    def fail():
        raise LookupError("no text")

    pool = NullPool(1, connect=peer.connect)
    connection = pool.acquire()
    waiting = [gevent.spawn(pool.acquire, timeout=None) for _ in range(2)]
    gevent.sleep(0)
    fail_all = pool._slots.fail_all
    monkeypatch.setattr(pool._slots, "fail_all", lambda error: fail_all(fail))
    closing = gevent.spawn(pool.close)
    gevent.joinall(waiting, timeout=5)
    pool.release(connection)
    closing.get(timeout=5)
    assert [type(waiter.exception) for waiter in waiting] == [LookupError] * 2
