"""What the page's stage directions do: releases appear, are yanked, the index stops.

A direction that is not known is an error, so that none is passed over.
"""

from __future__ import annotations

import re

__all__ = ["World"]


def _without(name):
    return lambda source: "{}\ndel {}\n".format(source, name)


class World:
    """An index, a scratch environment, and the releases that can be published."""

    def __init__(self, index, scratch, sources):
        self.index = index
        self.scratch = scratch
        self._sources = sources

    def direct(self, direction):
        """Do what a stage direction says."""
        verb, _, rest = direction.partition(" ")
        getattr(self, "_" + verb)(rest)

    def _install(self, requirements):
        status, said = self.scratch.run("python -m pip install " + requirements)
        assert status == 0, said

    def _publish(self, rest):
        found = re.match(r"(\S+) (\S+)(?: without (\w+))?$", rest)
        assert found, rest
        name, version, missing = found.groups()
        change = _without(missing) if missing else None
        self.index.publish(self._sources[name].of_version(version, change))

    def _withdraw(self, rest):
        name, version = rest.split()
        self.index.withdraw(name, version)

    def _yank(self, rest):
        name, version, reason = rest.split(" ", 2)
        self.index.yank(name, version, reason)

    def _stop(self, rest):
        assert rest == "the index", rest
        self.index.stop()

    def _start(self, rest):
        assert rest == "the index", rest
        self.index.start()
