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
