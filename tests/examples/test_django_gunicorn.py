"""The Django example under the real gunicorn: what its users get, come what may.

The registry and the callers are in this process, the pools in gunicorn's.
"""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext.testing import Fault, Limits

from ..chaos.processes import Sampler
from .disturbance import Disturbance, kill, log_out
from .example import until

pytest.importorskip("gunicorn")
pytest.importorskip("django")

WORKERS = 2
LIVES = {"gevent": 3, "sync": 1}
"""The size of each worker's pool, by the class of workers."""
REQUESTS = 500

pytestmark = [pytest.mark.slow, pytest.mark.timeout(100)]


@pytest.fixture(params=sorted(LIVES))
def worker_class(request):
    """Workers that run greenlets at all times, or only within a request."""
    return request.param


def question(number, registry):
    """A path, and what is to come back: checks and infos, of names in use and free."""
    name = "name-{}.example".format(number)
    if number % 3 == 0:
        return "/domain/" + name, {"name": name, "available": True}
    domain = registry.add_domain(name)
    if number % 3 == 1:
        return "/domain/" + name, {"name": name, "available": False}
    return "/domain/{}/info".format(name), {
        "name": name,
        "sponsor": "client",
        "registrant": None,
        "expires": domain.expires.strftime("%Y-%m-%d"),
    }


def stopped(web, registry):
    """Stop gracefully: nobody is left logged in, nothing went wrong on the way."""
    assert web.stop() == 0
    until(lambda: registry.counters().sessions == 0)
    assert registry.counters().ended["logout"] > 0
    web.assert_silent()


def test_no_request_fails_while_the_registry_ends_sessions(
    start, server, registry, worker_class
):
    size = LIVES[worker_class]
    questions = [question(number, registry) for number in range(REQUESTS)]
    web = start(worker_class=worker_class, size=size)
    samplers = [Sampler(one, server.port) for one in web.workers()]
    assert len(samplers) == WORKERS
    disturbance = Disturbance(server)

    def ask(asked):
        path, _ = asked
        answer = web.request("GET", path)
        if int(path.partition("-")[2].partition(".")[0]) % 10 == 0:
            for sampler in samplers:
                sampler.look()
        return answer

    answers = disturbance.ask(questions, ask)
    wrong = [
        (path, answer)
        for (path, wanted), answer in zip(questions, answers)
        if (answer.status, answer.body) != (200, wanted)
    ]
    assert wrong == []
    # Every manner to end sessions, and a lost answer.
    assert disturbance.done >= 6, "hardly anything was disturbed"
    assert registry.record.doubled() == []
    for sampler in samplers:
        assert 0 < sampler.most_connections <= size
    assert registry.counters().most_sessions <= WORKERS * size
    stopped(web, registry)


def test_a_create_succeeds_on_whatever_the_registry_did_to_the_session_before(
    start, server, registry, worker_class
):
    web = start(worker_class=worker_class, size=LIVES[worker_class])
    # Not 2200: that could be said of a create's own authInfo (see session_gone).
    between = [kill("drop"), log_out(2002), kill("close"), kill("reset")]
    for number, do in enumerate(between * 2):
        do(server)
        path = "/domain/created-{}.example".format(number)
        answer = web.request("POST", path)
        assert answer.status == 201, answer
        name = path.rpartition("/")[2]
        assert answer.body["name"] == name
        assert web.ask(path) == {"name": name, "available": False}
        assert registry.record.effects(name) == ["created"]
    assert registry.record.doubled() == []
    stopped(web, registry)


def test_a_session_that_idleness_has_ended_costs_a_sync_worker_no_error(
    start, server, registry
):
    """Nothing runs between requests: no hello is sent, nobody sees a session's end."""
    registry.limits = Limits(idle_timeout=0.3)
    web = start(worker_class="sync", size=1, HELLO_INTERVAL=0.1)
    for number in range(4):
        name = "idle-{}.example".format(number)
        assert web.ask("/domain/" + name) == {"name": name, "available": True}
        until(lambda: registry.counters().sessions == 0)
        answer = web.request("POST", "/domain/" + name)
        assert answer.status == 201, answer
        until(lambda: registry.counters().sessions == 0)
    assert registry.counters().ended["idle"] >= 8
    assert registry.record.doubled() == []
    assert web.stop() == 0
    web.assert_silent()


def test_a_sync_worker_does_not_use_a_session_older_than_its_probe_unproved(
    start, server, registry
):
    """Where a firewall swallows what is sent, a create would be lost otherwise."""
    settings = {"PROBE": "check example.com", "PROBE_INTERVAL": 0.2}
    web = start(worker_class="sync", size=1, arguments=["--workers=1"], **settings)
    web.ask("/domain/first.example")
    gevent.sleep(0.5)
    # As silent as what comes from a firewall: and it is the probe that meets it.
    registry.faults.on("check", name="example.com", fault=Fault.stall_before_read)
    registry.faults.on("hello", fault=Fault.stall_before_read)
    answer = web.request("POST", "/domain/second.example")
    assert answer.status == 201, answer
    assert registry.faults.pending == 1
    stopped(web, registry)


def test_health_tells_within_a_moment_that_the_registry_goes_away_and_comes_back(
    start, server, worker_class
):
    size = LIVES[worker_class]
    web = start(worker_class=worker_class, size=size)

    def when_all_say(status, seconds=20):
        with gevent.Timeout(seconds, AssertionError("not {}".format(status))):
            while True:
                answers = web.health()
                if {answer.status for answer in answers} == {status}:
                    return [answer.body for answer in answers]

    for body in when_all_say(200):
        assert body["healthy"] is True
        assert body["stats"]["size"] == size
        assert 1 <= body["stats"]["open"] <= size
        assert body["stats"]["connects"] >= 1
    server.stop()
    for body in when_all_say(503):
        assert body["healthy"] is False
        assert body["stats"]["open"] == 0
    server.start()
    # The pauses between connects have become longer meanwhile.
    when_all_say(200, seconds=50)
    web.ask("/domain/back.example")


def test_what_goes_wrong_has_a_status_of_its_own(start, server, registry):
    web = start(COMMAND_TIMEOUT=1)
    registry.add_domain("taken.example")

    def status(method, path, form=""):
        return web.request(method, path, form).status

    assert status("GET", "/domain/nothing.example/info") == 404
    assert status("POST", "/domain/taken.example") == 409
    assert status("POST", "/domain/-.example") == 400
    assert status("POST", "/domain/new.example", "registrant=nobody1") == 404
    assert status("POST", "/domain/new.example", "registrant=%00") == 400
    assert status("GET", "/domain/no%20name.example") == 404

    registry.faults.on("create", fault=Fault.drop_after_execute)
    answer = web.request("POST", "/domain/unknown.example")
    assert answer.status == 502
    (cl_tr_id,) = answer.body["cl_tr_ids"]
    (created,) = registry.record.of(cl_tr_id)
    assert created.effect == "created"
    assert web.request("GET", "/domain/unknown.example/info").status == 200

    registry.faults.on("check", fault=Fault.garbage, times=3)
    assert status("GET", "/domain/garbled.example") == 502
    registry.faults.on("check", fault=Fault.answer_2400)
    answer = web.request("GET", "/domain/later.example")
    assert (answer.status, answer.body["code"]) == (503, 2400)
    assert int(answer.headers["retry-after"]) > 0

    server.stop()
    answer = web.request("GET", "/domain/away.example")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    web.assert_silent()


def test_a_refused_login_is_no_caller_s_fault_and_locks_no_account(start, registry):
    web = start(PASSWORD="mistyped")
    until(lambda: registry.counters().login_failures > 0)
    for _ in range(20):
        answer = web.request("GET", "/domain/locked.example")
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 30
    # Three of each worker: see SessionPolicy.
    assert registry.counters().login_failures <= 3 * WORKERS
    assert "mistyped" not in web.log


def test_who_would_have_to_wait_behind_too_many_is_turned_away(start, registry):
    web = start(size=1, arguments=["--workers=1"], MAX_WAITING=1)
    web.ask("/domain/first.example")
    registry.latency = 0.5
    asking = [
        gevent.spawn(web.request, "GET", "/domain/many-{}.example".format(number))
        for number in range(6)
    ]
    gevent.joinall(asking, raise_error=True)
    statuses = sorted(one.value.status for one in asking)
    assert statuses[0] == 200
    assert statuses[-1] == 503
    assert set(statuses) == {200, 503}


def test_the_pool_is_the_worker_s_where_the_master_has_imported_it(start, registry):
    web = start(arguments=["--preload"])
    until(lambda: registry.counters().sessions == WORKERS * LIVES["gevent"])
    for number in range(10):
        web.ask("/domain/preloaded-{}.example".format(number))
    counters = registry.counters()
    assert counters.most_sessions == WORKERS * LIVES["gevent"]
    stopped(web, registry)
    counters = registry.counters()
    assert counters.ended == {"logout": counters.logins}


def test_the_fallback_of_one_session_per_command_is_healthy_too(
    start, registry, worker_class
):
    web = start(worker_class=worker_class, KIND="null")
    assert {answer.status for answer in web.health()} == {200}
    assert web.ask("/domain/null.example")["available"] is True
    until(lambda: registry.counters().sessions == 0)
    stopped(web, registry)
