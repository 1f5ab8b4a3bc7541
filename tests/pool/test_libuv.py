"""On gevent's other loop, in a process of its own: a process chooses once.

There the memory of a watcher that is dropped without being closed is freed while the
loop still writes to it.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# With glibc, whoever reads what was freed reads nonsense at once.
FREED_IS_OVERWRITTEN = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "165"}

PROGRAM = """
import gc
import logging
import gevent
from geventconnpool_ext import Backoff, ConnectionPool, PoolTimeout

logging.disable(logging.CRITICAL)
loop = gevent.get_hub().loop
assert "libuv" in type(loop).__module__, loop

def live():
    gc.collect()
    for _ in range(5):
        gevent.sleep(0.002)
    return len(loop.debug())

def use():
    pool = ConnectionPool(
        2,
        connect=object,
        ping=lambda connection: gevent.sleep(0.001),
        connect_timeout=5.0,
        close_connection=lambda connection: gevent.sleep(0),
        reconnect=Backoff(0.001, 0.002),
    )
    pool.wait(5)
    for _ in range(5):
        pool.check()
        with pool.get(timeout=1):
            try:
                with pool.get(timeout=1):
                    pool.get(timeout=0.002).__enter__()
            except PoolTimeout:
                pass
        try:
            with pool.get():
                raise OSError("lost")
        except OSError:
            pass
    pool.close()

use()
before = live()
for _ in range(5):
    use()
print(live() - before)
"""


def test_a_pool_leaves_no_watcher_of_libuv_behind():
    pytest.importorskip("cffi", reason="without cffi gevent has no libuv")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=dict(os.environ, GEVENT_LOOP="libuv-cffi", **FREED_IS_OVERWRITTEN),
        capture_output=True,
        timeout=30,
    )
    said = done.stderr.decode()
    assert (done.returncode, said) == (0, "")
    assert int(done.stdout) == 0


NUMBERS = """
import gevent
from geventconnpool_ext import ConnectionPool

class Closing:
    closes = 0
    def close(self):
        Closing.closes += 1

for huge in (1e10, 1e17, 1e300):
    pool = ConnectionPool(
        1,
        connect=Closing,
        ping=bool,
        connect_timeout=huge,
        close_timeout=huge,
        keepalive=huge,
        max_lifetime=huge,
    )
    pool.wait(huge)
    with pool.get(huge):
        waiter = gevent.spawn(pool.get(huge).__enter__)
        gevent.sleep(0.01)
        assert not waiter.dead
        waiter.kill()
    pool.close(huge)
print(Closing.closes)
"""


@pytest.mark.parametrize("loop", ["libuv-cffi", "libev-cext"])
def test_huge_numbers_of_seconds_are_as_good_as_for_ever(loop):
    if loop == "libuv-cffi":
        pytest.importorskip("cffi", reason="without cffi gevent has no libuv")
    done = subprocess.run(
        [sys.executable, "-c", NUMBERS],
        env=dict(os.environ, GEVENT_LOOP=loop),
        capture_output=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert int(done.stdout) == 3
