"""The main job of an installed release: EPP commands from many, over few sessions.

Run as a program, by the Python of the environment that it is to try: it imports
nothing of its neighbours. Meanwhile the registry logs every session out and tells
nobody; still no command may be lost or done twice. Prints one line.
"""

from __future__ import annotations

import gevent
from gevent.pool import Pool

from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.testing import Registry, Server

SESSIONS, GREENLETS, COMMANDS = 3, 40, 200


def main() -> None:
    """Serve a registry, and send it the commands."""
    registry = Registry({"client": "password"}, latency=0.002)
    with gevent.Timeout(60), Server(registry) as server:
        pool = EPPPool(
            client_factory(
                "localhost", server.port, ca_file=server.certificates.ca_file
            ),
            lambda: Login("client", "password"),
            SESSIONS,
            policy=SessionPolicy(probe=CheckDomain("probe.example")),
        )
        pool.wait(10)
        names = [f"name{number}.example" for number in range(COMMANDS)]
        gevent.spawn_later(0.05, registry.logout_silently)
        with pool:
            codes = Pool(GREENLETS).map(
                lambda name: pool.send(CreateDomain(name, auth_info="2fooBAR")).code,
                names,
            )
            gone = pool.stats().discarded.get("session_gone", 0)
        assert codes == [1000] * COMMANDS, f"answered by {sorted(set(codes))}"
        for name in names:
            effects = registry.record.effects(name)
            assert effects == ["created"], f"{name}: {effects}"
        assert gone, "no session was found logged out: nothing was tried"
    print(f"{COMMANDS} creates over {SESSIONS} sessions, each once; {gone} replaced")


if __name__ == "__main__":
    main()
