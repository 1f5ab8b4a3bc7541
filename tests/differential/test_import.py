"""The release on today's Python and gevent, without what the shim puts right."""

from __future__ import annotations


def test_the_package_can_be_imported(implementation, tmp_path):
    package = implementation.imported(tmp_path)
    assert callable(package.ConnectionPool)
    assert callable(package.retry)


def use(package):
    class Pool(package.ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return "connected"

    with Pool(1).get() as connection:
        assert connection == "connected"


def test_the_pool_needs_no_name_that_gevent_has_dropped(implementation):
    use(implementation.loaded("coros"))


def test_the_pool_needs_no_name_that_python_has_dropped(implementation):
    use(implementation.loaded("xrange"))
