"""The shim runs the released geventconnpool, and nothing but that."""

from __future__ import annotations

import gevent
import pytest

from . import shim

CACHED = shim.CACHE / "geventconnpool-{}.tar.gz".format(shim.VERSION)
needs_release = pytest.mark.skipif(
    not CACHED.exists(), reason="geventconnpool 0.2.1 was not downloaded yet"
)


def test_a_file_that_is_not_the_release_is_refused(tmp_path):
    path = tmp_path / "geventconnpool-0.2.1.tar.gz"
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not geventconnpool"):
        shim.verified(path)


@needs_release
def test_the_release_lends_its_connections_once_it_is_put_right():
    upstream = shim.load()

    class Pool(upstream.ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return object()

    pool = Pool(2)
    with gevent.Timeout(5), pool.get() as first, pool.get() as second:
        assert first is not second


@needs_release
def test_the_release_as_it_is_cannot_be_imported():
    with pytest.raises(ImportError, match="coros"):
        shim.load(put_right=False)
