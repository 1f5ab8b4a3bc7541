"""Throws an exception into a greenlet at every point at which it can be thrown.

A scenario is run once to number its steps: every switch from one greenlet to
another, of all greenlets. Then it is run once for each step, and at that step an
exception is thrown into the observed greenlet, from a callback of the event
loop, as gevent's kill and timeouts do it. A step that a change of the code adds
is so covered without touching the harness.

Steps of others count, because an exception can arrive while the observed
greenlet sleeps and somebody else hands it something.
"""

from __future__ import annotations

import gevent
import greenlet

from ..support.clock import VirtualClock, settle
from ..support.peer import Peer

KINDS = {
    "timeout": lambda: gevent.Timeout(1),
    "kill": gevent.GreenletExit,
    "interrupt": KeyboardInterrupt,
    "error": lambda: ValueError("thrown in"),
}
THROWN = (gevent.Timeout, gevent.GreenletExit, KeyboardInterrupt, ValueError)


class Scene:
    """What one run of a scenario works with."""

    def __init__(self, kind):
        self.kind = kind
        self.peer = Peer()
        self.clock = VirtualClock()
        self.observed = None
        self.users = []
        # Of the scenario alone: each is called when all is over.
        self.promises = []

    def spawn(self, function, *args, observed=False):
        """Run a part of the scenario, to which an exception may come at any step."""
        user = gevent.spawn(self._guarded, function, *args)
        if observed:
            self.observed = user
        self.users.append(user)
        return user

    def _guarded(self, function, *args):
        try:
            function(self, *args)
        except THROWN:
            pass

    def use(self, pool, switches=2, timeout=None):
        """Ask a question on a connection, as a careful user would."""
        with pool.get(timeout=timeout) as connection:
            for _ in range(switches):
                try:
                    connection.ask()
                except ValueError:
                    # The unread answer of a plain Exception is its user's affair.
                    connection.unread = False
                    raise


class Steps:
    """Numbers the switches while it is entered, and throws at one of them."""

    def __init__(self, scene, throw_at):
        self.scene = scene
        self.throw_at = set(throw_at)
        self.count = 0
        self.thrown = 0
        self._hub = gevent.get_hub()

    def __enter__(self):
        self._previous = greenlet.settrace(self._step)
        target = self.scene.observed
        if 0 in self.throw_at and target is not None:
            # Before it has started: its body never runs, nor its finally.
            self.thrown += 1
            # By a class: gevent 1.5 fails to kill one that way by an instance. And
            # not by an interrupt, which gevent would raise in the main greenlet.
            error = type(KINDS[self.scene.kind]())
            if error is KeyboardInterrupt:
                error = gevent.GreenletExit
            target.kill(error, block=False)
        return self

    def __exit__(self, *exc_info):
        greenlet.settrace(self._previous)

    def _step(self, event, greenlets):
        self.count += 1
        if self.count in self.throw_at:
            self._hub.loop.run_callback(self._throw)

    def _throw(self):
        target = self.scene.observed
        if target is not None and not target.dead:
            self.thrown += 1
            target.throw(KINDS[self.scene.kind]())


def background(role):
    """Return what finds the running greenlet of the pool's 'opener', 'pinger'..."""

    def find(pool):
        return next(iter(getattr(pool._engine, role).running), None)

    return find


def undisturbed(function, *args):
    """Call *function* again until gevent hands us no interrupt meanwhile.

    A KeyboardInterrupt that leaves a greenlet of the pool is the program's, so
    gevent raises it in the main greenlet, wherever that is.
    """
    while True:
        try:
            return function(*args)
        except KeyboardInterrupt:
            pass


def run(scenario, kind, throw_at=()):
    """Run *scenario* once; return its steps and how many throws arrived."""
    scene = Scene(kind)
    play = scenario(scene)
    pool = next(play)
    steps = Steps(scene, throw_at)
    with steps:
        for _ in range(40):
            # The scenario goes on between switches, so that it can act in time.
            next(play, None)
            undisturbed(gevent.sleep, 0)
    check(scene, pool, scenario)
    return steps.count, steps.thrown


def check(scene, pool, scenario):
    """Assert every promise of the pool, now that it is left alone."""
    peer, clock = scene.peer, scene.clock
    for gate in (peer.connect_gate, peer.ping_gate, peer.close_gate):
        if gate is not None:
            gate.set()
    pool.SPAWN_FREQUENCY = 0
    for _ in range(2):
        undisturbed(clock.advance, 70)
    if scenario.closes:
        # The one who closed it may have been killed before it began.
        closing = gevent.spawn(pool.close)
        clock.advance(70)
        assert closing.successful()
    stats = pool.stats()
    assert all(user.dead for user in scene.users), "somebody sleeps for ever"
    assert stats.waiting == 0, stats
    assert stats.opening == stats.closing == stats.pinging == stats.in_use == 0, stats
    assert peer.most_present <= scenario.size, "more connections than size"
    assert stats.connects == stats.open + sum(stats.discarded.values()), stats
    assert all(c.closes == 1 for c in peer.closed)
    assert len(peer.alive) == stats.open, "a connection is neither held nor closed"
    assert not any(c.unread for c in peer.alive), "an unread answer is handed out"
    for promise in scene.promises:
        promise()
    if scenario.closes:
        assert stats.open == 0, stats
        return
    # The pool serves `size` callers at once, as if nothing had been.
    size = pool.size
    taken = []
    callers = [gevent.spawn(lambda: taken.append(pool.acquire())) for _ in range(size)]
    clock.advance(1)
    assert len(set(map(id, taken))) == size, (taken, pool.stats())
    assert all(caller.dead for caller in callers)
    for connection in taken:
        connection.ask()
        pool.release(connection)
    pool.close(timeout=0)
    settle()
    assert peer.present == 0, "a connection outlives its pool"
