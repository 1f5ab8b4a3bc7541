"""The same work with and without gevent's monkey patching, each in its own process.

Nothing may block the hub where nothing is patched, and nothing may depend on it.
"""

from __future__ import annotations

import os
import sys

import pytest
from gevent import subprocess

SCRIPT = '''
import threading, time
import gevent
from geventconnpool_ext.epp import (
    AmbiguousOutcome, CheckDomain, CreateDomain, EPPPool, Login, SessionPolicy,
    client_factory,
)
from geventconnpool_ext.testing import Fault, FaultPlan, Registry, Server

gaps = [0.0]

def tick():
    """How long the event loop stood still at most."""
    last = time.monotonic()
    while True:
        gevent.sleep(0.01)
        now = time.monotonic()
        gaps.append(now - last)
        last = now

plan = FaultPlan()
registry = Registry(faults=plan, latency=0.002)
server = Server(registry)
server.start()
connect = client_factory("localhost", server.port,
                         ca_file=server.certificates.ca_file)
for kind in ("pool", "null"):
    registry.reset_counters()
    with EPPPool(
        connect, lambda: Login("client", "password"), 4, kind=kind,
        policy=SessionPolicy(hello_interval=0.1, max_age=0.4, command_timeout=5,
                             probe=CheckDomain("probe.example")),
    ) as pool:
        def client(number):
            for turn in range(5):
                name = "{}{}-{}.example".format(kind, number, turn)
                answer = pool.send(CheckDomain(name))
                assert name.encode() in bytes(answer.xml), name
                answer = pool.send(CreateDomain(name, auth_info="newSecret1"))
                assert answer.code == 1000, answer
                assert registry.record.effects(name) == ["created"], name
        clients = [gevent.spawn(client, number) for number in range(10)]
        gevent.joinall(clients, timeout=10, raise_error=True)
        assert all(one.successful() for one in clients)
        server.logout_silently()
        assert pool.send(CheckDomain("gone.example")).code == 1000
        server.kill_sessions()
        assert pool.send(CheckDomain("dead.example")).code == 1000
        plan.on("create", fault=Fault.drop_after_execute)
        try:
            pool.send(CreateDomain(kind + ".example", auth_info="newSecret1"))
        except AmbiguousOutcome:
            pass
        else:
            raise AssertionError("not ambiguous")
        # A silent server stalls one caller, not the hub.
        for fault in (Fault.stall_connect, Fault.stall_handshake,
                      Fault.stall_greeting):
            plan.next(fault)
            server.kill_sessions()
            watch = gevent.spawn(tick)
            gevent.sleep(0.03)
            try:
                pool.send(CheckDomain("slow.example"), timeout=0.2)
            except TimeoutError:
                pass
            watch.kill()
            plan.clear()
    assert max(gaps) < 1.0, max(gaps)
    with gevent.Timeout(3):
        # A login under way when the pool closed ends a moment later.
        while registry.counters().sessions:
            gevent.sleep(0.01)
assert registry.record.doubled() == []
server.stop()
server.certificates.close()
print("well")
'''

PRELUDES = {
    "unpatched": "",
    "patched": "from gevent import monkey; monkey.patch_all()",
}


@pytest.fixture(autouse=True)
def bounded():
    """The process is bounded instead."""


@pytest.mark.parametrize("prelude", PRELUDES)
def test_everything_works(prelude):
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PRELUDES[prelude] + "\n" + SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        said, complained = running.communicate(timeout=40)
    except BaseException:
        running.kill()
        raise
    assert said.decode().split() == ["well"], complained.decode()
    # No traceback at the interpreter's exit either.
    assert b"Traceback" not in complained
