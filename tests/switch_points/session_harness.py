"""Throws an exception at every switch point of a greenlet that uses real sockets.

As ``harness`` does, but the registry, its TLS and the kernel make the steps of all
greenlets vary from run to run. So only those of the observed greenlet are numbered:
the times that it runs until it gives up control. When it has done so for the k-th
time, the exception is thrown from a callback of the event loop, at once or after some
more switches of others: by then an answer may have come and be unread.

The registry is the judge of what was opened, counted and executed.
"""

from __future__ import annotations

import contextlib
import itertools

import gevent
import greenlet

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    Client,
    CreateDomain,
    EPPPool,
    Login,
    SessionPolicy,
)

from .harness import KINDS, THROWN, undisturbed

PASSWORD = "SwitchPoint7"
AUTH_INFO = "SwitchAuth8"
NUMBERS = itertools.count()
LATER = {"timeout": (0,), "kill": (0, 3, 6), "interrupt": (0,), "error": (0, 3, 6)}
"""After how many more switches of others each kind is thrown; two kinds, one that is
an Exception and one that is not, are enough for the later moments."""


class Watched(Client):
    """A client that notices when it is shared, or closed more than once."""

    def __init__(self, scene, *arguments, **options):
        super().__init__(*arguments, **options)
        self.scene = scene
        self.opened = False
        self.closes = 0
        self.users = 0
        scene.clients.append(self)

    def _watched(self, work):
        if self.users:
            self.scene.faults.append("{!r} is used by two".format(self))
        self.users += 1
        try:
            return work()
        finally:
            self.users -= 1

    def connect(self):
        return self._watched(super().connect)

    def send(self, request, tr_id=None):
        send = super().send
        return self._watched(lambda: send(request, tr_id))

    def hello(self):
        return self._watched(super().hello)

    def close(self):
        if self.socket is not None:
            self.closes += 1
        super().close()


class Scene:
    """What one run of a scenario works with: *server*, clients, users, a pool."""

    def __init__(self, kind, server, context):
        self.kind = kind
        self.server = server
        self.registry = server.registry
        self.clients = []
        self.faults = []
        self.users = []
        self.holders = {}
        self.made = []
        self.observed = lambda: ()
        self._context = context
        self._asked = 0

    def client(self):
        # By address, since looking a name up takes a native thread and its time.
        return Watched(
            self,
            "127.0.0.1",
            self.server.port,
            server_name="localhost",
            context=self._context,
        )

    def pool(self, size=1, **options):
        """A pool that has not begun to connect; takes SessionPolicy's arguments."""
        rules = {
            name: options.pop(name)
            for name in set(options) & set(SessionPolicy.__slots__)
        }

        class ScenePool(EPPPool):
            SPAWN_FREQUENCY = 0.0

        return ScenePool(
            self.client,
            lambda: Login("client", PASSWORD),
            size,
            policy=SessionPolicy(**rules),
            reconnect=Backoff(0.001, 0.004),
            **options,
        )

    def ready_pool(self, size=1, **options):
        pool = self.pool(size, **options)
        pool.wait(timeout=10)
        return pool

    def spawn(self, function, *args, observed=False):
        """Run a part of the scenario, to which an exception may come at any step."""
        user = gevent.spawn(self._guarded, function, *args)
        if observed:
            self.observed = lambda: (user,)
        self.users.append(user)
        return user

    def observe(self, pool, *roles):
        """Observe what the pool itself runs: its opener, pinger, closer."""
        running = [getattr(pool._engine, role).running for role in roles]
        self.observed = lambda: [one for greenlets in running for one in greenlets]

    def _guarded(self, function, *args):
        try:
            function(*args)
        except THROWN:
            pass
        except Exception as error:
            self.faults.append("a user got {!r}".format(error))

    def ask(self, target):
        """Send a check, to *target*, and see that the answer belongs to it."""
        self._asked += 1
        name = "asked{}.example".format(self._asked)
        answer = target.send(CheckDomain(name))
        if answer.code != 1000 or name.encode() not in answer.xml:
            self.faults.append("{} was answered by {}".format(name, answer.xml))

    def create(self, pool):
        """Create a domain, once and for all."""
        self.made.append("made{}.example".format(next(NUMBERS)))
        # An Exception that hits an exchange is a loss like any other.
        with contextlib.suppress(AmbiguousOutcome):
            pool.send(CreateDomain(self.made[-1], auth_info=AUTH_INFO))

    def use(self, pool, times=1):
        """Hold a session as a careless user would: whatever comes, it goes back."""
        with pool.get() as session:
            if session in self.holders:
                self.faults.append("{!r} is held by two".format(session))
            self.holders[session] = gevent.getcurrent()
            try:
                for _ in range(times):
                    self.ask(session)
            finally:
                del self.holders[session]


class Steps:
    """Numbers the observed greenlet's switches, and throws after the k-th."""

    def __init__(self, scene, throw_at=None, later=0):
        self.scene = scene
        self.throw_at = throw_at
        self.later = later
        self.count = 0
        self.thrown = 0
        self._target = None
        self._countdown = None
        self._hub = gevent.get_hub()

    def __enter__(self):
        if self.throw_at == 0:
            # Before it has started: its body never runs, nor its finally.
            for target in list(self.scene.observed())[:1]:
                self.thrown += 1
                # By class, and by no interrupt: see harness.Steps.
                target.kill(gevent.GreenletExit, block=False)
        self._previous = greenlet.settrace(self._step)
        return self

    def __exit__(self, *exc_info):
        greenlet.settrace(self._previous)

    def _step(self, event, greenlets):
        _, target = greenlets
        if self._countdown is not None:
            self._countdown -= 1
            if target is self._target:
                # It goes on: the moment has passed.
                self._countdown = None
            elif self._countdown <= 0:
                self._countdown = None
                self._hub.loop.run_callback(self._throw, self._target)
        elif target in self.scene.observed():
            self.count += 1
            if self.count == self.throw_at:
                self._target = target
                if self.later:
                    self._countdown = self.later
                else:
                    # Ordered before it runs, so that nothing that it will wait
                    # for, not even a sleep of 0 seconds, comes first.
                    self._hub.loop.run_callback(self._throw, target)

    def _throw(self, target):
        if not target.dead:
            self.thrown += 1
            target.throw(KINDS[self.scene.kind]())


def wait_until(condition, seconds, problem):
    """Wait until *condition()*, through interrupts that are the program's."""
    timeout = gevent.Timeout(seconds)
    timeout.start()
    try:
        while not condition():
            undisturbed(gevent.sleep, 0.001)
    except gevent.Timeout as error:
        if error is not timeout:
            raise
        raise AssertionError(problem()) from None
    finally:
        timeout.close()


def run(scenario, kind, server, context, throw_at=None, later=0):
    """Run *scenario* once; return its steps and how many throws arrived."""
    registry = server.registry
    registry.record.clear()
    registry.reset_counters()
    scene = Scene(kind, server, context)
    play = scenario(scene)
    pool = next(play)
    steps = Steps(scene, throw_at, later)
    with steps:
        for _ in range(20):
            next(play, None)
            undisturbed(gevent.sleep, 0)
        wait_until(
            lambda: all(user.dead for user in scene.users) and quiet(pool),
            5,
            lambda: "somebody sleeps for ever: {}".format(pool.stats()),
        )
    check(scene, pool, scenario)
    return steps.count, steps.thrown


def quiet(pool):
    """Whether nothing goes on in the pool any more."""
    stats = pool.stats()
    busy = stats.in_use + stats.opening + stats.closing + stats.pinging
    full = stats.open == stats.min_size
    return not stats.waiting and not busy and (full or not pool._state.accepting)


def check(scene, pool, scenario):
    """Assert every promise, now that nothing is thrown any more."""
    server, registry = scene.server, scene.registry
    if scenario.closes:
        # The one who closed it may have been killed before it began.
        undisturbed(pool.close)
    else:
        # The pool serves `size` callers at once, as if nothing had been.
        size = pool.size
        held = [pool.acquire(timeout=5) for _ in range(size)]
        assert len(set(map(id, held))) == size
        for session in held:
            scene.ask(session)
            pool.release(session)
        wait_until(lambda: quiet(pool), 5, lambda: str(pool.stats()))
        wait_until(
            lambda: (
                len(server._connections) == size and registry.tally.sessions == size
            ),
            2,
            lambda: "{} connections at the registry, {} sessions".format(
                len(server._connections), registry.tally.sessions
            ),
        )
    stats = pool.stats()
    assert stats.connects == stats.open + sum(stats.discarded.values()), stats
    pool.close(timeout=1)
    assert scene.faults == []
    assert registry.counters().most_sessions <= scenario.size, "the limit is broken"
    assert registry.record.doubled() == []
    for name in scene.made:
        assert len(registry.record.executed(name)) <= 1, "carried out twice"
    for client in scene.clients:
        assert client.socket is None, "a connection is never closed"
        assert client.closes <= 1, "a connection is closed twice"
    wait_until(
        lambda: not server._connections,
        2,
        lambda: "{} connections outlive the pool".format(len(server._connections)),
    )
