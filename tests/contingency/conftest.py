"""The world before the page's first command: an index, and an environment."""

from __future__ import annotations

from importlib import metadata

import pytest

from . import wheels
from .index import Index
from .scratch import Scratch
from .world import World


def with_what_it_requires(name, found):
    """The releases installed here that *name* needs, itself included."""
    if name not in found:
        try:
            found[name] = wheels.installed(name)
        except metadata.PackageNotFoundError:
            return found  # required only on other platforms
        for required in found[name].requirements():
            with_what_it_requires(required, found)
    return found


@pytest.fixture
def world(tmp_path):
    """An index with two releases of ours and one of gevent, and real pip."""
    pytest.importorskip("pip", reason="pip is what is tested here")
    pytest.importorskip("hatchling", reason="hatchling builds the wheels")
    for name in ("built", "served"):
        (tmp_path / name).mkdir()
    ours = wheels.built_here(tmp_path / "built")
    found = with_what_it_requires("gevent", {})
    gevent = found.pop("gevent")
    with Index(tmp_path / "served") as index:
        made = World(index, Scratch(tmp_path, index.url))
        for release in found.values():
            index.publish(release)
            release.unpack(made.scratch.packages)
        made.add(gevent, "26.9.0")
        made.add(ours, "1.0.0", "1.1.0")
        yield made
