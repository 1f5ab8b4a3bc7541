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

    def __init__(self, index, scratch):
        self.index = index
        self.scratch = scratch
        self._sources = {}
        self._releases = {}

    def add(self, source, *versions):
        """Publish a release, as these versions, of which more may come."""
        self._sources[source.name] = source
        for version in versions:
            self._add(source.of_version(version))

    def _add(self, release):
        self._releases[release.name, release.version] = release
        self.index.publish(release)

    def direct(self, direction):
        """Do what a stage direction says."""
        verb, _, rest = direction.partition(" ")
        getattr(self, "_" + verb)(rest)

    def _install(self, pinned):
        for name, version in (one.split("==") for one in pinned.split()):
            self._releases[name, version].unpack(self.scratch.packages)

    def _publish(self, rest):
        found = re.match(r"(\S+) (\S+)(?: without (\w+))?$", rest)
        assert found, rest
        name, version, missing = found.groups()
        change = _without(missing) if missing else None
        self._add(self._sources[name].of_version(version, change))

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
