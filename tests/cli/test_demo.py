"""Risk: the demo proves nothing: it hides a loss, or nothing goes wrong in it."""

from __future__ import annotations

import json
import os
import signal

import gevent
import gevent.os
import pytest

from .processes import finish, run, start

pytest.importorskip("rich", reason="the demo's table needs rich")

QUICK = ("--commands", "60", "--clients", "300", "--sessions", "4", "--latency", "2")
COUNTS = ("commands", "lost", "doubled", "crossed", "handshakes", "logins", "hellos")
TIMES = ("p50_ms", "p99_ms", "per_second")

# A pool that sends every command twice, which only the registry's record can tell.
DOUBLING = """
import sys
from geventconnpool_ext.cli import main
from geventconnpool_ext.epp import EPPPool
send = EPPPool.send
def twice(pool, command, **options):
    send(pool, command, **options)
    return send(pool, command, **options)
EPPPool.send = twice
sys.exit(main())
"""

# A pool that invents the answers to its updates.
INVENTING = """
import sys
from geventconnpool_ext.cli import main
from geventconnpool_ext.epp import CheckDomain, EPPPool
send = EPPPool.send
def sometimes(pool, command, **options):
    if isinstance(command, str):
        command = CheckDomain("another.example")
    return send(pool, command, **options)
EPPPool.send = sometimes
sys.exit(main())
"""


@pytest.mark.slow
def test_by_default_it_meets_every_kind_of_end_and_the_pool_loses_nothing():
    finished = run("demo", "--json")
    assert finished.status == 0, finished
    assert finished.err == ""
    both = json.loads(finished.out)
    for side in ("pool", "direct"):
        one = both[side]
        assert all(type(one[name]) is int for name in COUNTS)
        assert all(one[name] > 0 for name in TIMES)
        assert one["commands"] == 600
        # A login under way when the pool closes never becomes a session of it.
        assert 0 <= one["logins"] - sum(one["expired"].values()) <= 2
        for fault in ("silent_logout", "drop_after_execute", "drop_in_frame"):
            assert one["faults"][fault] >= 1
    pool, direct = both["pool"], both["direct"]
    assert (pool["lost"], pool["doubled"], pool["crossed"]) == (0, 0, 0)
    for reason in ("session_gone", "idle_timeout", "max_age", "eof", "closed"):
        assert pool["expired"][reason] >= 1, pool["expired"]
    assert pool["hellos"] >= 1
    assert direct["handshakes"] >= 600 > pool["handshakes"]
    # 3 times at rest; a busy machine can hit one of the two runs alone.
    assert both["ratio"] > 2
    assert both["ratio"] == pytest.approx(
        pool["per_second"] / direct["per_second"], abs=0.01
    )


def test_the_table_is_plain_text_within_80_columns():
    shown, finished = on_terminal("demo", *QUICK, TERM="dumb")
    assert finished.status == 0, finished
    assert shown == b"", "no progress on a terminal that cannot move its cursor"
    assert "\x1b" not in finished.out
    lines = finished.out.splitlines()
    assert max(map(len, lines)) <= 80
    rows = {line[:22].strip(): line.split() for line in lines}
    assert rows["commands"][-2:] == ["60", "60"]
    for row in ("lost", "doubled", "crossed answers"):
        assert rows[row][-1] == "0"
    for row in ("TLS handshakes", "logins", "hellos", "sessions ended", "ratio"):
        assert row in rows
    assert lines[-1] == "The pool lost, doubled and crossed nothing."


@pytest.mark.parametrize(
    ("change", "wrong"), [(DOUBLING, "doubled"), (INVENTING, "lost")]
)
def test_a_pool_that_does_wrong_is_found_out(change, wrong):
    finished = run("demo", *QUICK, "--json", python=("-c", change))
    assert finished.status == 1, finished
    assert json.loads(finished.out)["pool"][wrong] >= 1
    assert wrong + ": " in finished.err


def test_the_same_seed_makes_the_same_work_and_another_seed_another():
    from geventconnpool_ext.cli.work import make_work
    from geventconnpool_ext.testing import Registry

    def names(seed):
        return [command.name for command in make_work(Registry(), 100, seed)]

    assert names(1) == names(1)
    assert names(1) != names(2)


def test_one_command_is_enough():
    finished = run("demo", "--commands", "1", "--latency", "0", "--json")
    assert finished.status == 0, finished
    assert json.loads(finished.out)["pool"]["commands"] == 1


def test_on_a_terminal_it_shows_its_progress_on_stderr():
    shown, finished = on_terminal("demo", *QUICK, TERM="xterm", COLUMNS="80")
    assert finished.status == 0
    assert b"through the pool" in shown
    assert b"60/60" in shown
    assert "60/60" not in finished.out


def test_an_interrupt_ends_it_with_a_word_and_no_traceback():
    process = start("demo", "--commands", "5000")
    # Long enough to be at work, far from done.
    gevent.sleep(2)
    process.send_signal(signal.SIGINT)
    finished = finish(process)
    assert finished.status == 130
    assert finished.err == "geventconnpool-ext: error: interrupted\n"


def on_terminal(*arguments, **variables):
    """Run it with a terminal as stderr; what it showed there, and how it ended."""
    ours, theirs = os.openpty()
    try:
        process = start(*arguments, stderr=theirs, **variables)
        os.close(theirs)
        terminal = gevent.spawn(read_to_end, ours)
        finished = finish(process)
        return terminal.get(), finished
    finally:
        os.close(ours)


def read_to_end(descriptor):
    """What is written to a terminal until nobody holds its other end."""
    gevent.os.make_nonblocking(descriptor)
    shown = b""
    try:
        while True:
            part = gevent.os.nb_read(descriptor, 4096)
            if not part:
                return shown
            shown += part
    except OSError:
        # Linux's way to say so.
        return shown
