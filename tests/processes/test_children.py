"""Children of every kind, made while the pool is in use, and the end of a process."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from pathlib import Path

import gevent
import pytest
from gevent import subprocess

PROGRAMS = Path(__file__).resolve().parent / "programs"

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def start(server):
    """Start one of the programs with the registry's address."""
    started = []

    def run(program, *arguments):
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        address = str(server.port), server.certificates.ca_file
        process = subprocess.Popen(
            # From Python 3.12 on, forking with threads (a debugger's, gevent's) is
            # warned of.
            [sys.executable, "-Wignore", str(PROGRAMS / program), *address, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition, seconds=20):
    with gevent.Timeout(seconds, AssertionError("it never came true")):
        while not condition():
            gevent.sleep(0.02)


def users_of_sessions(registry):
    """Which processes' creates came through each session, by the names' beginnings.

    A greenlet that a fork copied may repeat its parent's check, but creates nothing.
    """
    users = defaultdict(set)
    for entry in registry.record.executed():
        if entry.verb == "create":
            who = entry.name.split("-")[0]
            users[entry.session_id].add("parent" if "parent" in who else who)
    return users


@pytest.mark.parametrize("patched", ["patched", "unpatched"])
@pytest.mark.parametrize("way", ["fork", "spawn", "os.fork"])
def test_children_and_parent_work_at_once_and_share_nothing(
    start, registry, way, patched
):
    process = start("children.py", patched, way)
    said, complained = process.communicate()
    assert (process.returncode, said.split()) == (0, [b"closed"]), complained.decode()
    assert complained == b"", complained.decode()
    users = users_of_sessions(registry)
    assert all(len(who) == 1 for who in users.values()), users
    children = 1 if way == "os.fork" else 2
    assert len(set.union(*users.values())) == 1 + children
    assert registry.record.doubled() == []
    until(lambda: registry.counters().sessions == 0)
    counters = registry.counters()
    assert counters.most_sessions <= 2 * (1 + children)
    # Only a forked child that closes nothing leaves sessions that say nothing.
    unsaid = 2 if way == "fork" else 0
    assert counters.ended["logout"] >= counters.logins - unsaid, counters


@pytest.mark.parametrize("patched", ["patched", "unpatched"])
def test_a_program_started_during_use_holds_no_session_open(start, registry, patched):
    process = start("children.py", patched, "subprocess")
    assert process.stdout.readline().split() == [b"closed"]
    # The program runs on, and with it what it was started without close_fds.
    until(lambda: registry.counters().sessions == 0, seconds=5)
    counters = registry.counters()
    assert counters.ended == {"logout": 2}
    assert process.poll() is None
    _, complained = process.communicate(b"\n")
    assert (process.returncode, complained) == (0, b""), complained.decode()
    assert registry.record.doubled() == []


@pytest.mark.parametrize("patched", ["patched", "unpatched"])
@pytest.mark.parametrize("way", ["the end", "SystemExit", "SIGINT"])
def test_a_process_that_ends_with_an_open_pool_says_nothing(
    start, registry, way, patched
):
    """With a session leased, others waiting, and a keepalive that goes on."""
    process = start("exits.py", "{} {}".format(patched, way))
    said, complained = process.communicate()
    assert (process.returncode, said, complained) == (0, b"", b""), complained.decode()
    until(lambda: registry.counters().sessions == 0, seconds=5)
    assert registry.counters().logins == 2
