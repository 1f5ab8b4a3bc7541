"""A program that uses a pool while it has children made in every way.

Arguments: port, file of the authority, ``patched`` or ``unpatched``, and a way:
``fork``, ``spawn`` (of multiprocessing), ``os.fork`` or ``subprocess``.
"""

# ruff: noqa: E402, T201
from __future__ import annotations

import sys

PORT, CA_FILE, PATCHED, WAY = sys.argv[1:]
if PATCHED == "patched":
    from gevent import monkey

    monkey.patch_all()

import multiprocessing
import os
import subprocess
from typing import Any, List

import gevent
import gevent.os

from geventconnpool_ext import Backoff, PoolError
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)


def make():
    """A pool of two sessions."""
    return EPPPool(
        client_factory("localhost", int(PORT), ca_file=CA_FILE),
        lambda: Login("client", "password"),
        2,
        policy=SessionPolicy(command_timeout=10, hello_interval=0.05),
        reconnect=Backoff(0.02, 0.1),
    )


def work(pool, who, times=10):
    """Commands of both kinds, each answered by the answer to it."""
    process = os.getpid()
    for number in range(times):
        name = "{}-{}.example".format(who, number)
        try:
            answer = pool.send(CheckDomain(name))
            assert name.encode() in bytes(answer.xml), "an answer crossed"
            if os.getpid() != process:
                # A fork copied this greenlet; the work is its parent's.
                return
            assert pool.send(CreateDomain(name, auth_info="newSecret1")).code == 1000
        except PoolError:
            if os.getpid() == process:
                raise
            return
        gevent.sleep(0.002)


def all_logged_in(pool):
    """Wait until nothing is being opened: a close in a login ends it unsaid."""
    pool.wait(timeout=10)


def in_child(number):
    """What a child of multiprocessing does; ``POOL`` is its parent's if forked."""
    if WAY == "spawn":
        with make() as pool:
            all_logged_in(pool)
            work(pool, "child{}".format(number))
        return
    if PATCHED == "unpatched":
        gevent.reinit()
    gevent.joinall(USERS, timeout=5)
    if number == 0:
        all_logged_in(POOL)
    work(POOL, "child{}".format(number))
    if number == 0:
        POOL.close()
    # The other ends as children do that nobody told of close().


POOL = None
USERS: List[Any] = []


def wait_for(process):
    """join() would stop the event loop where nothing is patched."""
    while process.is_alive():
        gevent.sleep(0.01)
    process.join()
    assert process.exitcode == 0, process.exitcode


def by_multiprocessing():
    """Two children of a multiprocessing context."""
    context = multiprocessing.get_context(WAY)
    children = [context.Process(target=in_child, args=(n,)) for n in range(2)]
    for child in children:
        child.start()
    for child in children:
        wait_for(child)


def by_os_fork():
    """A child that runs to the end of the interpreter, with all its finalizers."""
    pid = os.fork()
    if pid == 0:
        in_child(0)
        sys.exit(0)
    _, status = gevent.os.waitpid(pid, 0) if PATCHED == "patched" else polled(pid)
    assert status == 0, status


def polled(pid):
    """Wait for a child without stopping the event loop."""
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return found, status
        gevent.sleep(0.01)


def by_subprocess():
    """Programs started in every way; the last outlives the pool."""
    answer = subprocess.check_output([sys.executable, "-c", "print('well')"])
    assert answer.split() == [b"well"]
    quiet = {"stdin": subprocess.PIPE, "close_fds": False}
    return subprocess.Popen([sys.executable, "-c", "input()"], **quiet)


def main():
    """Use the pool throughout, and close it at the end."""
    global POOL
    POOL = make()
    POOL.wait(timeout=10)
    USERS.extend(gevent.spawn(work, POOL, "parent{}".format(n), 40) for n in range(4))
    gevent.sleep(0.02)
    survivor = None
    if WAY == "os.fork":
        by_os_fork()
    elif WAY == "subprocess":
        survivor = by_subprocess()
    else:
        by_multiprocessing()
    gevent.joinall(USERS, timeout=20, raise_error=True)
    assert all(user.successful() for user in USERS)
    discarded = sum(POOL.stats().discarded.values())
    assert discarded == 0, "a child disturbed its parent's sessions"
    POOL.close()
    print("closed", flush=True)
    if survivor is not None:
        sys.stdin.readline()
        assert survivor.poll() is None
        survivor.communicate(b"\n")


if __name__ == "__main__":
    main()
