"""docs/recipes.md: each recipe does what the page says, whatever its server does.

The servers are real and run in processes of their own, as the recipes do: some patch.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import re
import signal
import sys
from pathlib import Path

import gevent
import pytest
from gevent import socket, subprocess

from .recipe_servers import LineServer, MailServer, RedisServer, Relay
from .recipes_page import PAGE, RECIPES, Program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(90),
    # gevent's resolver has threads; what is forked here starts a program at once.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]

TRIED = {
    *("patching", "lines", "redis", "smtp"),
    *("fan-out", "health", "signal", "exit"),
}


def test_every_recipe_is_tried():
    assert set(RECIPES) == TRIED
    assert PAGE.read_text("utf-8").count("```python") == len(RECIPES)


def need(module):
    if importlib.util.find_spec(module) is None:
        pytest.skip("{} is not installed".format(module))


@pytest.fixture
def serve(tmp_path):
    """``serve(Server)`` starts one; in the end it is killed."""
    servers = []

    def start(server_class):
        server = server_class(tmp_path)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def run(tmp_path):
    """``run(recipe, ...)`` starts a ``Program``; in the end it is killed."""
    programs = []

    def start(recipe, *arguments, **options):
        program = Program(tmp_path, recipe, *arguments, **options)
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()


# -- recipes whose server is killed and restarted, and whose answers get lost --------

LOST = 20
"""Answers that are lost on their way: what they answer was done."""


class Outcomes:
    """What a recipe told of its calls while answers were lost and its server killed."""

    def __init__(self, program, server, relay, expressions):
        more_of_each(program, expressions, 30)
        relay.lose(LOST)
        program.wait_for(lambda _: relay.lost == LOST)
        for pause in (1.0, 0.0):
            server.kill()
            relay.stop()
            gevent.sleep(pause)
            server.start()
            relay.start()
            more_of_each(program, expressions, 30)
        assert program.terminate() == 0, program.errors()
        *calls, last = program.told
        self.stats = last["stats"]
        self.done = collections.defaultdict(list)
        self.failed = collections.defaultdict(dict)
        for told in calls:
            if told["error"] is None:
                self.done[told["call"]].append(told["n"])
            else:
                self.failed[told["call"]][told["n"]] = told["error"]


def more_of_each(program, expressions, number):
    """Wait until so many more calls of each expression have succeeded."""

    def done():
        return collections.Counter(
            told["call"] for told in program.told if told["error"] is None
        )

    before = done()
    program.wait_for(
        lambda _: all(done()[name] >= before[name] + number for name in expressions)
    )


def use_while_it_fails(run, server, recipe, *expressions):
    relay = Relay(server.port)
    try:
        program = run(recipe, *expressions, names={"PORT": relay.port})
        outcomes = Outcomes(program, server, relay, expressions)
    finally:
        relay.stop()
    stats = outcomes.stats
    assert stats["discarded"].get("error", 0) >= LOST, "answers were not missed"
    assert stats["connect_errors"] >= 1, "the server was never down"
    assert stats["timeouts"] == 0
    assert stats["in_use"] == 0
    assert 1 <= stats["idle"] <= stats["size"]
    return outcomes


def test_lines_over_raw_sockets_are_asked_again_and_none_is_lost(run, serve):
    server = serve(LineServer)
    call = "ask(n.encode()) == n.encode() or 1 / 0"
    outcomes = use_while_it_fails(run, server, "lines", call)
    assert outcomes.failed == {}
    assert set(outcomes.done[call]) <= set(server.lines())


def test_redis_notes_survive_and_pushes_are_told_truly(run, serve):
    need("redis")
    server = serve(RedisServer)
    note, push = "note(n, n)", "push(n)"
    outcomes = use_while_it_fails(run, server, "redis", note, push)
    assert outcomes.failed[note] == {}
    assert set(outcomes.failed[push].values()) <= {"ConnectionError", "TimeoutError"}
    notes = ask_redis(server, "HKEYS notes")
    queue = collections.Counter(ask_redis(server, "LRANGE queue 0 -1"))
    assert set(outcomes.done[note]) <= set(notes)
    assert set(outcomes.done[push]) <= set(queue)
    assert set(outcomes.failed[push]) & set(queue), "no answer to a push was lost"
    assert set(queue.values()) == {1}, "a push was sent twice"
    assert set(queue) <= {*outcomes.done[push], *outcomes.failed[push]}


def ask_redis(server, command):
    """The items of an answer that is a list of short texts."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(command.encode() + b"\r\n")
        with client.makefile("rb") as lines:
            number = int(lines.readline()[1:])
            # Each is its length, and then itself.
            return [
                (lines.readline(), lines.readline())[1].decode().strip()
                for _ in range(number)
            ]


def test_mail_is_lost_by_no_restart_and_comes_twice_under_one_id_only(run, serve):
    need("aiosmtpd")
    server = serve(MailServer)
    call = "send('you@example.com', n, 'hello')"
    outcomes = use_while_it_fails(run, server, "smtp", call)
    assert outcomes.failed == {}
    ids = collections.defaultdict(set)
    messages = server.messages()
    for message in messages:
        ids[message["Subject"]].add(message["Message-ID"])
    assert set(outcomes.done[call]) <= set(ids)
    assert {len(found) for found in ids.values()} == {1}
    assert len(messages) > len(ids), "no answer to a message was lost"


def test_a_refused_message_costs_no_connection_and_is_not_tried_again(run, serve):
    need("aiosmtpd")
    server = serve(MailServer)
    call = "send('you@example.com', n, {} * 'x')".format(2 * server.LARGEST)
    program = run("smtp", call, names={"PORT": server.port})
    program.wait_for(lambda program: len(program.told) >= 20)
    assert program.terminate() == 0, program.errors()
    *calls, last = program.told
    assert {told["error"] for told in calls} == {"SMTPSenderRefused"}
    assert last["stats"]["discarded"] == {}
    assert last["stats"]["gets"] == len(calls)


# -- patching ------------------------------------------------------------------------

LISTEN_AND_TICK = """
import gevent, redis

ticks = 0


def tick():
    global ticks
    while True:
        gevent.sleep(0.01)
        ticks += 1


ticker = gevent.spawn(tick)
redis.Redis("localhost", {port}).blpop("nothing", timeout=1)
print(ticks)
"""


@pytest.mark.parametrize("patched", [True, False])
def test_without_the_patch_one_slow_command_stops_every_greenlet(
    patched, serve, tmp_path
):
    need("redis")
    server = serve(RedisServer)
    path = tmp_path / "program.py"
    patch = RECIPES["patching"] if patched else ""
    path.write_text(patch + LISTEN_AND_TICK.format(port=server.port), "utf-8")
    ticks = int(subprocess.check_output([sys.executable, str(path)]))
    assert (ticks > 20) == patched
    assert (ticks < 3) == (not patched)


# -- recipes that show something -----------------------------------------------------

ANSWER = """
import itertools

taken = asking = most = 0
ask_one = ask


def numbers():
    global taken
    for taken in itertools.count(1):
        yield taken


def ask(number):
    global asking, most
    asking += 1
    most = max(most, asking)
    try:
        return ask_one(number)
    finally:
        asking -= 1


answers = ask_all(numbers())
assert list(itertools.islice(answers, 50)) == list(range(1, 51))
print(taken, most, flush=True)
pool.close()
"""


def test_as_many_are_asked_at_once_as_there_are_connections(run, serve):
    server = serve(LineServer)
    program = run("fan-out", code=ANSWER, names={"PORT": server.port})
    assert program.finish() == 0, program.errors()
    taken, most = map(int, program.lines[0].split())
    assert most == 4
    assert 50 <= taken <= 50 + 3 * 4, "it runs ahead of its reader"


HEALTH = """
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_the_health_endpoint_follows_the_peer(run, serve):
    server = serve(LineServer)
    server.kill()
    program = run("health", code=HEALTH, names={"PORT": server.port})
    program.wait_for(lambda program: program.lines)
    port = int(program.lines[0])
    status, shown = get(port)
    assert (status, shown["ready"], shown["open"]) == (503, False, 0)
    server.start()
    program.wait_for(lambda _: get(port)[1]["idle"] == 4)
    status, shown = get(port)
    assert (status, shown["ready"], shown["open"]) == (200, True, 4)
    server.kill()
    # What broke while idle is found by who uses it, or by a ping.
    assert get(port)[0] == 200


def get(port):
    """The status and the JSON of a page."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with client.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


# -- recipes for sessions ------------------------------------------------------------


@pytest.fixture
def variables(server, tmp_path):
    """The environment of a pool of two sessions; its password is in a file."""
    password = tmp_path / "password"
    password.write_text("password")
    return {
        "EPP_HOST": "localhost",
        "EPP_PORT": str(server.port),
        "EPP_CA_FILE": server.certificates.ca_file,
        "EPP_USER": "client",
        "EPP_PASSWORD_FILE": str(password),
        "EPP_SIZE": "2",
    }


WAIT = """
while True:
    gevent.sleep(1)
"""


def test_a_signal_resizes_the_pool_and_logs_in_again(
    run, registry, variables, tmp_path
):
    (tmp_path / "password").write_text("another-word")
    program = run("signal", code=WAIT, environment=variables)
    program.wait_for(lambda _: registry.counters().login_failures == 3)
    gevent.sleep(0.5)
    assert registry.counters().login_failures == 3, "logins have not stopped"
    (tmp_path / "password").write_text("password")
    program.signal(signal.SIGUSR2)
    program.wait_for(lambda _: registry.counters().sessions == 2)
    (tmp_path / "pool-size").write_text("3\n")
    program.signal(signal.SIGUSR2)
    program.wait_for(lambda _: registry.counters().sessions == 3)


def test_gunicorn_s_workers_use_no_sigusr2():
    need("gunicorn")
    for name in ("base", "ggevent"):
        found = importlib.util.find_spec("gunicorn.workers." + name)
        source = Path(found.origin).read_text("utf-8")
        handled = re.findall(r"signal\.signal\(signal\.(SIG\w+)", source)
        assert "SIGUSR2" not in handled
        assert name != "base" or "SIGUSR1" in handled, "where are they set?"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_at_the_end_every_session_is_logged_out(number, run, registry, variables):
    program = run("exit", environment=variables)
    program.wait_for(lambda _: registry.counters().sessions == 2)
    program.signal(number)
    assert program.finish() == 0, program.errors()
    assert registry.counters().ended == {"logout": 2}


def test_a_process_that_is_killed_logs_out_of_nothing(run, registry, variables):
    program = run("exit", environment=variables)
    program.wait_for(lambda _: registry.counters().sessions == 2)
    program.kill()
    while registry.counters().sessions:
        gevent.sleep(0.01)
    assert "logout" not in registry.counters().ended
