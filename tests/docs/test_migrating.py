"""docs/migrating.md, docs/drop-in.md: their tables, names, links and numbers are true.

Its code is run in ``test_migrating_code``.
"""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import gevent
import pytest

import geventconnpool_ext
from geventconnpool_ext import PoolFull, PoolHooks, PoolTimeout
from geventconnpool_ext.stats import PoolStats

from .migrating_page import DROP_IN, PAGE, TEXT, quoted, rows, section, without_blocks

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from geventconnpool_ext import epp
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    CreateDomain,
    EPPPool,
    SessionPolicy,
)
from geventconnpool_ext.testing import Fault, Limits

AUTH_INFO = "2fooBAR"


def until(condition):
    """Wait until a condition holds; the fixture ``bounded`` says how long."""
    while not condition():
        gevent.sleep(0.01)


# -- log lines ---------------------------------------------------------------


def all_busy(server, make_pool):
    pool = make_pool(timeout=0.05)
    with pool.get(), pytest.raises(PoolTimeout), pool.get():
        pass
    return pool


def too_many_wait(server, make_pool):
    pool = make_pool(max_waiting=0)
    with pool.get(), pytest.raises(PoolFull):
        pool.send(CheckDomain("a.example"))
    return pool


def stale(server, make_pool):
    pool = make_pool()
    server.kill_sessions()
    gevent.sleep(0.1)
    assert pool.send(CheckDomain("a.example")).code == 1000
    return pool


def dead_at_heartbeat(server, make_pool):
    pool = make_pool(hello_interval=0.1)
    server.kill_sessions()
    return pool


def login_lost_at_heartbeat(server, make_pool):
    pool = make_pool(hello_interval=0.1, probe=CheckDomain("a.example"))
    server.logout_silently()
    return pool


def registry_down(server, make_pool):
    server.stop()
    return make_pool(wait=False)


def login_refused(server, make_pool):
    return make_pool(password="wrong-one", wait=False)


def too_many_sessions(server, make_pool):
    server.registry.limits = Limits(max_sessions=1)
    return make_pool(2, wait=False)


def create_lost(server, make_pool):
    pool = make_pool()
    server.registry.faults.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome):
        pool.send(CreateDomain("new.example", auth_info=AUTH_INFO))
    return pool


def check_lost(server, make_pool):
    pool = make_pool()
    server.registry.faults.on("check", fault=Fault.drop_after_execute)
    assert pool.send(CheckDomain("a.example")).code == 1000
    return pool


def opened(server, make_pool):
    return make_pool()


def closed(server, make_pool):
    pool = make_pool()
    pool.close()
    return pool


EVENTS = {
    "all pooled EPP connections are busy": all_busy,
    "-": too_many_wait,
    "Discarding stale pooled EPP connection; will replace": stale,
    "Heartbeat replaced a dead idle EPP connection": dead_at_heartbeat,
    "nothing: it did not see a lost login": login_lost_at_heartbeat,
    "Replenish hit an error & failed to build a connection": registry_down,
    "failed to execute due to a registry login error": login_refused,
    "2502 at login": too_many_sessions,
    "failed to execute due to a connection error": create_lost,
    "failed and will be retried": check_lost,
    "EPP connection established": opened,
    "Successfully closed all connections": closed,
}


def as_pattern(level, line):
    """A quoted line as an expression: WORDS stand for anything, N and S for numbers."""
    pattern = re.escape(line).replace(r"\.\.\.", ".+")
    pattern = re.sub(r"\b(N|S)\b", r"[\\d.]+", pattern)
    return r"{} epp: {}\Z".format(level, re.sub(r"\b[A-Z]{2,}\b", ".+", pattern))


def test_every_event_of_the_log_table_is_tried():
    tried = {row[0].strip("`") for row in rows("Log lines") if "none:" not in row[1]}
    assert tried == set(EVENTS)


@pytest.mark.parametrize("theirs", list(EVENTS))
def test_an_event_is_logged_and_counted_as_the_page_says(
    theirs, server, make_pool, logged
):
    (row,) = [row for row in rows("Log lines") if row[0].strip("`") == theirs]
    patterns = [
        as_pattern(level, line)
        for level, line in re.findall(r"([A-Z]+) `([^`]+)`", row[1])
    ]
    assert patterns, row
    pool = EVENTS[theirs](server, make_pool)
    for pattern in patterns:
        until(lambda: any(re.match(pattern, line, re.S) for line in list(logged)))  # noqa: B023
    counters = [name for name in quoted(row[2]) if name != "waiting"]
    until(lambda: all(getattr(pool.stats(), name) for name in counters))
    assert set(quoted(row[2])) <= set(PoolStats._fields)


# -- settings and other names ------------------------------------------------


def arguments_in(module, name):
    """The arguments of a class or function, read without importing its module."""
    source = Path(geventconnpool_ext.__file__).parent / "epp" / (module + ".py")
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if getattr(node, "name", None) == name:
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef) and inner.name in (
                    name,
                    "__init__",
                    "send",
                ):
                    arguments = inner.args
                    for given in arguments.args + arguments.kwonlyargs:
                        yield given.arg


def settings():
    """Every name that a pool, its policy, its client or their send takes."""
    for module, name in (
        ("base", "SessionPool"),
        ("sending", "SendingPool"),
        ("policy", "SessionPolicy"),
        ("client", "Client"),
        ("tls", "ssl_context"),
        ("epplib", "_OverEpplib"),
    ):
        found = set(arguments_in(module, name)) - {"self"}
        assert found, (module, name)
        yield from found


def test_every_setting_that_is_named_exists():
    known = set(settings())
    named = [name for row in rows("Settings") for name in quoted(row[1])]
    assert len(named) > 15
    named += re.findall(r"`(\w+)=[^`]*`", without_blocks(TEXT))
    ours = [name.split("=")[0] for name in named]
    unknown = {name for name in ours if name not in known and not name.isupper()}
    # Of retry, and of ConnectionPool's subclasses.
    assert unknown <= {"interval", "keepalive"}


def test_a_default_that_is_named_is_the_real_one():
    policy = SessionPolicy()
    note = " ".join(cell for row in rows("Settings") for cell in row)
    named = dict(re.findall(r"`(\w+)` \((\d+)\)", note))
    assert int(named.pop("command_timeout")) == policy.command_timeout
    assert int(named.pop("connect_timeout")) == policy.connect_timeout
    # All others are theirs.
    assert all(name.isupper() for name in named)
    assert policy.hello_interval == policy.idle_timeout / 3


def test_without_an_idle_timeout_there_is_no_heartbeat():
    assert SessionPolicy(idle_timeout=None).hello_interval is None


def test_every_method_that_is_named_exists():
    named = set(re.findall(r"\bpool\.(\w+)", TEXT + DROP_IN))
    assert len(named) > 7
    for name in named:
        assert hasattr(EPPPool, name), name
    assert hasattr(PoolHooks, "ping_failed")
    assert isinstance(PoolStats.open, property)


def test_every_exception_of_the_table_exists():
    named = {name for row in rows("Errors") for name in quoted(row[0])}
    ours = named - {"TransportError", "OSError"}
    assert len(ours) == 8
    for name in ours:
        assert hasattr(geventconnpool_ext, name) or hasattr(epp, name), name


# -- links and numbers -------------------------------------------------------


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.*)$", without_blocks(text), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)]*)\)", without_blocks(TEXT))
    assert len(links) > 20
    for link in links:
        path, _, anchor = link.partition("#")
        target = PAGE.parent / path if path else PAGE
        assert target.is_file(), link
        if anchor:
            assert anchor in set(anchors(target.read_text("utf-8"))), link


def test_every_calculation_is_right():
    found = re.findall(r"((?:[\d(][\d x()-]*) [x/] [\d x()]+) = ([\d.]+)", TEXT)
    assert len(found) == 4
    for expression, result in found:
        value = eval(expression.replace("x", "*"))
        if "." not in result:
            value = math.floor(value)  # as the formula says: rounded down
        assert value == float(result), expression


def test_the_table_of_sessions_follows_the_formula():
    text = section("Sizing")
    head = next(line for line in text.splitlines() if "size 5" in line)
    sizes = [int(size) for size in re.findall(r"size (\d+)", head)]
    instances, workers, limit = map(
        int,
        re.search(
            r"(\d+) instances of (\d+) workers, and a limit of (\d+)", text
        ).groups(),
    )
    assert (instances, workers, limit) == (2, 3, 100)
    table = rows("Sizing")
    at_once = [int(row[1]) for row in table]
    assert at_once == [instances, instances + 1, 2 * instances]
    for row in table:
        for size, cell in zip(sizes, row[2:]):
            sessions = size * workers * int(row[1])
            assert int(re.match(r"\d+", cell).group()) == sessions
            assert ("too many" in cell) == (sessions > limit)
    assert math.floor(limit / (workers * at_once[-1])) in sizes


def test_each_step_of_the_checklist_says_how_it_is_undone_and_how_long_it_takes():
    steps = rows("Checklist")
    numbers = [int(re.match(r"(\d+)\. ", row[0]).group(1)) for row in steps]
    assert numbers == list(range(1, 11))
    for row in steps:
        assert len(row) == 4
        assert all(row), row
        assert (row[3] == "-") == (row[2] == "nothing to undo"), row
