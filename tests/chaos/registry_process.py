"""The registry's process: serves ``hostile`` and hands its record to the judge."""

from __future__ import annotations

import json
import sys

from geventconnpool_ext.testing import Server

from .hostile import HostileRegistry, Operator
from .processes import serve_lines, tell


def main() -> None:
    """Serve until standard input ends."""
    settings = json.loads(sys.argv[1])
    registry = HostileRegistry(settings["accounts"], settings["size"], settings["seed"])
    with Server(registry) as server:
        registry.server = server
        operator = Operator(server, settings["seed"])

        def disturb():
            registry.plan.enabled = True
            operator.start()

        def calm():
            operator.stop()
            registry.plan.enabled = False

        def record():
            path = settings["record"]
            with open(path, "w") as file:
                json.dump(
                    {
                        "record": [tuple(entry) for entry in registry.record],
                        "faults": registry.plan.log,
                        "ends": registry.ends_log,
                        "limit": registry.limit_log,
                        "operator": operator.done,
                        "counters": registry.counters()._asdict(),
                    },
                    file,
                )
            return path

        tell({"port": server.port, "ca_file": server.certificates.ca_file})
        serve_lines(
            {
                "disturb": disturb,
                "calm": calm,
                "sessions": lambda: registry.counters().sessions,
                "record": record,
            }
        )
