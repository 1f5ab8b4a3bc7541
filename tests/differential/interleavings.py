"""Kills, timeouts and returns that meet in every order, by seed.

Needs gevent and a pool class alone, so that it also runs where no pytest does:
``play(pool_class, seed)`` says what is left of a pool afterwards.
"""

from __future__ import annotations

import random
from typing import Any, List

import gevent

__all__ = ["play"]

_SHORT = (0.0, 0.0, 0.0005, 0.001)


class Refused(Exception):
    """What a user of a connection raises now and then."""


def play(pool_class: Any, seed: int) -> int:
    """How many connections can be taken at once after a rough time, of two."""
    chance = random.Random(seed)

    class Pool(pool_class):  # type: ignore[misc]
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self) -> Any:
            return object()

    pool = Pool(2)
    users = [gevent.spawn(_use, pool, chance) for _ in range(chance.randint(3, 6))]
    for _ in range(6):
        gevent.sleep(chance.choice(_SHORT))
        if chance.random() < 0.6:
            chance.choice(users).kill(block=False)
        if chance.random() < 0.5:
            users.append(gevent.spawn(_use, pool, chance))
    gevent.joinall(users, timeout=2)
    left = sum(not user.dead for user in users)
    gevent.killall(users)
    taken: List[Any] = []
    limit: Any = gevent.Timeout(1, False)  # type: ignore[arg-type]
    with limit, pool.get() as one:
        taken.append(one)
        with pool.get() as other:
            taken.append(other)
    if hasattr(pool, "close"):
        pool.close(timeout=0)
    return len(set(taken)) - left


def _use(pool: Any, chance: random.Random) -> None:
    limit = gevent.Timeout(chance.choice([None, None, 0.0001, 0.0005, 0.001, 0.002]))
    try:
        with limit, pool.get():
            for _ in range(chance.randint(0, 2)):
                gevent.sleep(chance.choice(_SHORT))
            if chance.random() < 0.2:
                raise Refused
    except (Refused, gevent.Timeout):
        pass
