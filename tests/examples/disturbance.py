"""Requests while the registry does one bad thing after the other to sessions.

A command is sent three times at most. So the next bad thing waits until every
request that the last one may have met is answered.
"""

from __future__ import annotations

import itertools

import gevent
from gevent.pool import Pool

from geventconnpool_ext.testing import Fault

SECONDS = 60


def kill(manner):
    """End every session."""
    return lambda server: server.kill_sessions(manner)


def log_out(code):
    """End every login and tell nobody."""
    return lambda server: server.logout_silently(code=code)


def spoil(fault):
    """Lose the answer to a check."""
    return lambda server: server.registry.faults.on("check", fault=fault)


DEEDS = [
    kill("drop"),
    log_out(2002),
    kill("reset"),
    spoil(Fault.drop_in_frame),
    kill("close"),
    log_out(2200),
    spoil(Fault.garbage),
    spoil(Fault.wrong_cl_tr_id),
    spoil(Fault.stall_before_read),
]


class Disturbance:
    """``ask(requests, ask_one)`` while *server* ends sessions in every manner."""

    def __init__(self, server, concurrency=50):
        self._server = server
        self._concurrency = concurrency
        self._under_way = {}
        self._numbers = itertools.count()
        self.done = 0
        """How many bad things were done."""

    def ask(self, requests, ask_one):
        """Ask them all; returns what *ask_one* did, in the order of *requests*."""
        callers = Pool(self._concurrency)
        with gevent.Timeout(SECONDS, AssertionError("not all were answered")):
            disturber = gevent.spawn(self._disturb)
            try:
                return callers.map(lambda one: self._count(ask_one, one), requests)
            finally:
                disturber.kill()
                callers.kill()

    def _count(self, ask_one, request):
        number = next(self._numbers)
        self._under_way[number] = self.done
        try:
            return ask_one(request)
        finally:
            del self._under_way[number]

    def _disturb(self):
        for deed in itertools.cycle(DEEDS):
            # Who is under way has begun since the last one, and is hit by this one.
            while min(self._under_way.values(), default=-1) < self.done:
                gevent.sleep(0.01)
            self.done += 1
            deed(self._server)
