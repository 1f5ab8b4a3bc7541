"""The shim runs the released geventconnpool, and nothing but that."""

from __future__ import annotations

import types

import gevent
import pytest

from . import shim


def test_a_file_that_is_not_the_release_is_refused(tmp_path):
    path = tmp_path / "geventconnpool-0.2.1.tar.gz"
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not geventconnpool"):
        shim.verified(path)


def test_the_release_lends_its_connections_once_it_is_put_right(release):
    upstream = shim.load()

    class Pool(upstream.ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return object()

    pool = Pool(2)
    with gevent.Timeout(5), pool.get() as first, pool.get() as second:
        assert first is not second


def codes(code):
    """Every code object within *code*, by its name."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    found = {one.co_name: one for one in inner}
    for one in inner:
        found.update(codes(one))
    return found


def test_what_runs_is_the_release_but_for_the_names_that_are_gone(release, tmp_path):
    path = shim.unpack(tmp_path) / "geventconnpool" / "pool.py"
    released = codes(compile(path.read_text("utf-8"), "pool.py", "exec"))
    loaded = shim.load()
    methods = vars(loaded.ConnectionPool).values()
    functions = [loaded.retry, *(one for one in methods if callable(one))]
    assert len(functions) == 7
    for function in functions:
        run = getattr(function, "__wrapped__", function).__code__
        there = released[run.co_name]
        names = tuple({"xrange": "range"}.get(name, name) for name in there.co_names)
        assert (run.co_code, run.co_names) == (there.co_code, names)


def test_the_release_as_it_is_cannot_be_imported(release):
    with pytest.raises(ImportError, match="coros"):
        shim.load(put_right=False)


def test_one_name_alone_can_be_left_as_it_was(release):
    with pytest.raises(ImportError, match="coros"):
        shim.load(except_for=["coros"])
    pool = shim.load(except_for=["xrange"]).ConnectionPool
    with pytest.raises(NameError, match="xrange"):
        pool(1)
