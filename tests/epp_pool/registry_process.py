"""A registry in a process of its own: what a test must not share with its pool.

As a program it serves until its standard input ends, and answers each line,
``counters``, ``executed`` or the name of a fault and a verb, with a line of JSON.
``RegistryProcess`` is the other side.
"""

from __future__ import annotations

import json
import os
import sys

from gevent import subprocess


class RegistryProcess:
    """Starts it; ``port`` and ``ca_file`` are where and whom to trust."""

    def __init__(self):
        environment = dict(os.environ)
        # Whatever is tested here, the tree or what is installed, runs there.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", os.path.abspath(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        started = json.loads(self._process.stdout.readline().decode())
        self.port = started["port"]
        self.ca_file = started["ca_file"]

    def ask(self, line):
        """Send one line and return what comes back."""
        self._process.stdin.write((line + "\n").encode())
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline().decode())

    def counters(self):
        """Counters of the registry, as a dict."""
        return self.ask("counters")

    def executed(self):
        """Names and clTRIDs of the commands carried out, login and logout aside."""
        return self.ask("executed")

    def stop(self):
        """End it."""
        self._process.stdin.close()
        self._process.wait(timeout=5)
        self._process.stdout.close()


def main():
    import gevent
    from gevent.fileobject import FileObject

    from geventconnpool_ext.testing import Fault, FaultPlan, Registry, Server

    def tell(what):
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    def answer(line):
        words = line.decode().split()
        if words == ["counters"]:
            return registry.counters()._asdict()
        if words == ["executed"]:
            return [
                [entry.name, entry.cl_tr_id, entry.session_id]
                for entry in registry.record
                if entry.executed and entry.verb not in ("login", "logout")
            ]
        plan.on(words[1], fault=Fault[words[0]])
        return None

    plan = FaultPlan(delay=0.5)
    registry = Registry(faults=plan)
    with Server(registry) as server:
        tell({"port": server.port, "ca_file": server.certificates.ca_file})
        for line in FileObject(os.dup(0), "rb"):
            tell(answer(line))
            gevent.sleep(0)


if __name__ == "__main__":
    main()
