"""``python -m tests.upstream.switch_points``: what interruptions cost each pool.

Two scenarios that both pools can play, with an exception thrown into the
observed greenlet at every step, one run for each: the same harness as in
``tests/switch_points``, and a judge that needs nothing but ``get()``.
"""

from __future__ import annotations

import sys
from collections import Counter

import gevent

from geventconnpool_ext import ConnectionPool

from ..support.clock import settle
from ..switch_points.harness import KINDS, Scene, Steps, undisturbed
from . import shim


def waiting_in_get(scene, pool):
    """A caller waits behind another, and somebody behind it."""
    scene.spawn(lambda scene: use(scene, pool, 3))
    scene.spawn(lambda scene: use(scene, pool, 2), observed=True)
    scene.spawn(lambda scene: use(scene, pool, 2))


def using_it(scene, pool):
    """A caller exchanges questions and answers."""
    scene.spawn(lambda scene: use(scene, pool, 4), observed=True)
    scene.spawn(lambda scene: use(scene, pool, 1))


SCENARIOS = (waiting_in_get, using_it)


def use(scene, pool, switches):
    """Use a connection as a program does that knows nothing of this test."""
    with pool.get() as connection:
        for _ in range(switches):
            if connection.unread and connection not in scene.forgiven:
                scene.crossed += 1
                connection.unread = False
            try:
                connection.ask()
            except ValueError:
                # What an ordinary exception leaves unread is its user's affair.
                scene.forgiven.append(connection)
                raise


def play(new_pool, scenario, kind, throw_at=()):
    """Run once; return the steps, the throws that arrived, and what was broken."""
    scene = Scene(kind)
    scene.crossed, scene.forgiven = 0, []
    pool = new_pool(scene.peer.connect)
    settle()
    with Steps(scene, throw_at) as steps:
        scenario(scene, pool)
        for _ in range(30):
            undisturbed(gevent.sleep, 0)
    # Upstream opens anew only after a second, and ours after a pause by chance.
    undisturbed(gevent.sleep, 0.15)
    asleep = sum(not user.dead for user in scene.users)
    served = gevent.spawn(use, scene, pool, 1)
    served.join(1.3)
    broken = {
        "runs": 1,
        "left asleep": bool(asleep),
        "slot lost": not served.dead,
        "unread answer handed out": bool(scene.crossed),
    }
    gevent.killall([*scene.users, served])
    return steps.count, steps.thrown, broken


def main():
    """Print what was broken in how many runs, for ours and for upstream's."""
    upstream = shim.load()

    def ours(connect):
        return ConnectionPool(1, connect=connect)

    def theirs(connect):
        class Pool(upstream.ConnectionPool):
            SPAWN_FREQUENCY = 0

            def _new_connection(self):
                return connect()

        return Pool(1)

    for name, new_pool in (("ours", ours), ("upstream", theirs)):
        counts = Counter()
        for scenario in SCENARIOS:
            for kind in KINDS:
                steps, _, _ = play(new_pool, scenario, kind)
                for step in range(1, steps + 1, 3):
                    _, thrown, broken = play(new_pool, scenario, kind, {step})
                    if thrown:
                        counts.update({k: int(v) for k, v in broken.items()})
        sys.stdout.write("{}: {}\n".format(name, dict(counts)))


if __name__ == "__main__":
    main()
