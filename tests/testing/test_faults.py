from __future__ import annotations

import socket
import ssl
import time

import gevent
import pytest

from geventconnpool_ext.epp.errors import FramingError
from geventconnpool_ext.testing import Fault, FaultPlan
from geventconnpool_ext.testing.requests import parse

from .conversations import (
    Dropped,
    RawClient,
    act,
    command,
    create_domain,
    epp,
    login,
    name,
)

CHECK = act("check", "domain", name("a.test"))
CREATE = create_domain("a.test")

ENDINGS = [
    (Fault.close_before_read, "close", 0),
    (Fault.drop_before_read, "drop", 0),
    (Fault.reset_before_read, "reset", 0),
    (Fault.close_after_execute, "close", 1),
    (Fault.drop_after_execute, "drop", 1),
    (Fault.reset_after_execute, "reset", 1),
]


@pytest.mark.parametrize(("fault", "ending", "times"), ENDINGS)
def test_a_connection_ends_before_or_after_the_command_was_executed(
    server, dial, registry, fault, ending, times
):
    client = dial().log_in()
    registry.faults.next(fault)
    client.send_message(command(CREATE, "FAULT-1"))
    assert client.ending() == ending
    assert registry.record.times_executed("FAULT-1") == times
    assert ("a.test" in registry.domains) == bool(times)
    counters = registry.counters()
    assert counters.faults == counters.ended == {fault.value: 1}
    assert dial().log_in().send(CHECK).code == 1000


@pytest.mark.parametrize(
    ("fault", "ending"),
    [(Fault.close_in_frame, "close"), (Fault.drop_in_frame, "drop")],
)
def test_an_answer_can_break_off_in_its_middle(server, dial, registry, fault, ending):
    client = dial().log_in()
    registry.faults.next(fault)
    client.send_message(command(CREATE, "FAULT-1"))
    assert client.ending() == ending
    assert not client.decoder.at_boundary
    assert registry.record.times_executed("FAULT-1") == 1


@pytest.mark.parametrize(
    ("fault", "ending"),
    [(Fault.close_after_answer, "close"), (Fault.drop_after_answer, "drop")],
)
def test_a_connection_can_end_after_a_good_answer(
    server, dial, registry, fault, ending
):
    client = dial().log_in()
    registry.faults.next(fault)
    assert client.send(CREATE).code == 1000
    assert client.ending() == ending


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (Fault.stall_before_read, 0),
        (Fault.stall_after_execute, 1),
        (Fault.stall_in_frame, 1),
    ],
)
def test_a_stalled_session_says_nothing_until_the_client_leaves(
    server, dial, registry, until, fault, times
):
    client = dial().log_in()
    registry.faults.next(fault)
    client.timeout = 0.1
    client.send_message(command(CREATE, "FAULT-1"))
    with pytest.raises(TimeoutError):
        client.read()
    client.send_message(epp("<hello/>"))
    with pytest.raises(TimeoutError):
        client.read()
    assert registry.record.times_executed("FAULT-1") == times
    client.close()
    until(lambda: registry.counters().ended == {fault.value: 1})


@pytest.mark.parametrize(
    ("fault", "first"),
    [
        (Fault.split_length_1_3, 1),
        (Fault.split_length_2_2, 2),
        (Fault.split_length_3_1, 3),
        (Fault.dribble, 1),
    ],
)
def test_an_answer_in_pieces_is_a_good_answer(server, dial, registry, fault, first):
    client = dial().log_in()
    registry.faults.next(fault)
    client.send_message(command(CREATE, "FAULT-1"))
    piece = client.receive_octets()
    assert len(piece) == first
    client.decoder.feed(piece)
    answer = client.answer()
    assert (answer.code, answer.text("epp:clTRID")) == (1000, "FAULT-1")
    assert client.send(CHECK).code == 1000


def test_an_answer_can_carry_a_foreign_cl_tr_id(server, dial, registry):
    client = dial().log_in()
    registry.faults.next(Fault.wrong_cl_tr_id)
    answer = client.send(CREATE, "FAULT-1")
    assert answer.code == 1000
    assert answer.text("epp:clTRID").startswith("WRONG-")
    assert registry.record.times_executed("FAULT-1") == 1


def test_an_answer_can_be_garbage_in_a_good_frame(server, dial, registry):
    client = dial().log_in()
    registry.faults.next(Fault.garbage)
    client.send_message(command(CREATE))
    assert parse(client.read()).refusal is not None
    assert "a.test" in registry.domains


@pytest.mark.parametrize("fault", [Fault.plain_text, Fault.oversized_length])
def test_an_answer_can_have_a_length_that_cannot_be(server, dial, registry, fault):
    client = dial().log_in()
    registry.faults.next(fault)
    client.send_message(command(CREATE))
    with pytest.raises(FramingError):
        client.read()
    assert "a.test" in registry.domains


def test_an_answer_can_come_late(server, dial, registry):
    client = dial().log_in()
    registry.faults.next(Fault.late_answer, delay=0.2)
    client.timeout = 0.05
    client.send_message(command(CREATE, "LATE-1"))
    with pytest.raises(TimeoutError):
        client.read()
    assert "a.test" in registry.domains
    client.timeout = 5
    assert client.answer().text("epp:clTRID") == "LATE-1"


def test_an_answer_can_come_twice(server, dial, registry):
    client = dial().log_in()
    registry.faults.next(Fault.stray_answer)
    assert client.send(CREATE, "TWICE-1").text("epp:clTRID") == "TWICE-1"
    assert client.send(CHECK, "NEXT-1").text("epp:clTRID") == "TWICE-1"
    assert registry.record.times_executed("TWICE-1") == 1


@pytest.mark.parametrize(
    ("fault", "code", "closes"),
    [
        (Fault.answer_2400, 2400, False),
        (Fault.answer_2500, 2500, True),
        (Fault.answer_2502, 2502, True),
    ],
)
def test_a_command_can_fail_for_no_reason(server, dial, registry, fault, code, closes):
    client = dial().log_in()
    registry.faults.on("create", fault=fault)
    assert client.send(CREATE, "FAULT-1").code == code
    (refused,) = registry.record.of("FAULT-1")
    assert (refused.code, refused.effect, refused.executed) == (code, "", False)
    assert not registry.domains
    if closes:
        assert client.ending() == "close"
        assert registry.counters().ended == {fault.value: 1}
    else:
        assert client.send(CREATE).code == 1000


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.silent_logout, 2002), (Fault.silent_logout_2200, 2200)]
)
def test_a_session_can_be_logged_out_silently_by_plan(
    server, dial, registry, fault, code
):
    client = dial().log_in()
    registry.faults.at(2, fault)
    assert client.send(CHECK).code == 1000
    assert client.send(CREATE).code == code
    assert client.send(CREATE).code == code
    assert client.hello().is_greeting
    assert not registry.domains


def test_a_hello_can_be_answered_by_a_response(server, dial, registry):
    client = dial().log_in()
    registry.faults.next(Fault.response_to_hello)
    assert client.send(CHECK).code == 1000
    assert client.hello().code == 2400
    assert client.hello().is_greeting


def test_a_hello_can_be_lost_too(server, dial, registry):
    client = dial().log_in()
    registry.faults.on("hello", fault=Fault.drop_after_execute)
    client.send_message(epp("<hello/>"))
    assert client.ending() == "drop"


def test_a_login_can_be_lost_although_it_was_executed(server, dial, registry):
    registry.faults.on("login", fault=Fault.close_after_execute)
    client = dial()
    client.answer()
    client.send_message(command(login(), "LOGIN-1"))
    assert client.ending() == "close"
    assert registry.record.times_executed("LOGIN-1") == 1
    assert registry.counters().sessions == 0


# New connections.


def test_a_tcp_connection_can_be_reset_on_accept(server, dial, registry):
    registry.faults.next(Fault.refuse_connect)
    with pytest.raises(ConnectionResetError):
        dial()
    assert registry.counters()[:3] == (1, 0, 0)
    dial().log_in()


@pytest.mark.parametrize("fault", [Fault.stall_connect, Fault.stall_handshake])
def test_a_handshake_can_wait_for_ever(server, dial, registry, fault):
    registry.faults.next(fault)
    with pytest.raises(socket.timeout):
        dial(timeout=0.1)
    assert registry.counters().handshakes == 0
    dial().log_in()


def test_a_handshake_can_be_refused_with_an_alert(server, dial, registry):
    registry.faults.next(Fault.refuse_handshake)
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        dial()
    dial().log_in()


def test_the_greeting_can_be_refused(server, dial, registry):
    registry.faults.next(Fault.refuse_greeting)
    assert dial().ending() == "close"
    assert registry.counters().handshakes == 1


def test_the_greeting_can_wait_for_ever(server, dial, registry):
    registry.faults.next(Fault.stall_greeting)
    with pytest.raises(TimeoutError):
        dial(timeout=0.1).read()


@pytest.mark.parametrize("fault", [Fault.bad_greeting, Fault.garbage_greeting])
def test_the_greeting_can_be_something_else(server, dial, registry, fault):
    registry.faults.next(fault)
    assert b"<greeting" not in dial().read()
    assert dial().answer().is_greeting


@pytest.mark.parametrize("fault", [Fault.plain_text_greeting, Fault.oversized_greeting])
def test_the_greeting_can_have_a_length_that_cannot_be(server, dial, registry, fault):
    registry.faults.next(fault)
    with pytest.raises(FramingError):
        dial().read()


def test_every_fault_says_what_it_does_and_none_takes_the_server_down(
    server, registry, until
):
    for fault in Fault:
        registry.faults.next(fault, delay=0.01)
        try:
            with RawClient(server, timeout=0.2) as client:
                client.log_in()
                client.send(CHECK)
                client.hello()
        except (AssertionError, EOFError, OSError, SyntaxError):
            # lxml's error is a SyntaxError.
            pass
        except (Dropped, FramingError, ValueError):
            pass
        registry.faults.clear()
        assert registry.counters().faults.get(fault.value) == 1, fault
    with RawClient(server) as client:
        assert client.log_in().send(CHECK).code == 1000
    until(lambda: not registry.sessions)


# The plan itself.


def choices(plan, count=200):
    request = parse(command(CHECK))
    return [plan.message(request) for _ in range(count)]


def test_the_same_seed_draws_the_same_faults():
    chances = {Fault.garbage: 0.1, Fault.dribble: 0.2}
    first, second = choices(FaultPlan(7, chances)), choices(FaultPlan(7, chances))
    assert first == second
    assert {entry.fault for entry in first if entry} == set(chances)
    assert first != choices(FaultPlan(8, chances))
    assert 30 <= sum(entry is not None for entry in first) <= 90


def test_drawn_faults_can_be_kept_to_some_verbs():
    plan = FaultPlan(1, {Fault.garbage: 1.0}, verbs=("create",))
    assert choices(plan, 1) == [None]
    assert plan.message(parse(command(CREATE))).fault is Fault.garbage


def test_faults_are_counted_by_command_not_by_hello_or_login():
    plan = FaultPlan()
    plan.at(2, Fault.garbage)
    for message in (epp("<hello/>"), command(login()), command(CHECK), epp("<hello/>")):
        assert plan.message(parse(message)) is None
    assert plan.pending == 1
    assert plan.message(parse(command(CHECK))).fault is Fault.garbage
    assert plan.pending == 0


def test_a_rule_waits_for_what_it_is_about():
    plan = FaultPlan()
    plan.on("create", name="A.Test", fault=Fault.garbage, times=2)
    create = parse(command(CREATE))
    assert plan.message(parse(command(CHECK))) is None
    assert plan.message(parse(command(create_domain("b.test")))) is None
    assert plan.message(create).fault is plan.message(create).fault is Fault.garbage
    assert plan.message(create) is None
    plan.on(cl_tr_id="ONE-1", object_type="domain", fault=Fault.garbage)
    assert plan.message(parse(command(CHECK, "TWO-1"))) is None
    assert plan.message(parse(command(CHECK, "ONE-1"))).fault is Fault.garbage


def test_a_plan_can_pause_and_be_cleared():
    plan = FaultPlan(1, {Fault.garbage: 1.0})
    plan.enabled = False
    assert choices(plan, 3) == [None] * 3
    plan.enabled = True
    plan.clear()
    assert choices(plan, 3) == [None] * 3


def test_impossible_plans_are_refused():
    with pytest.raises(ValueError, match="probability of garbage must be"):
        FaultPlan(1, {Fault.garbage: 1.5})
    with pytest.raises(ValueError, match="together at most 1"):
        FaultPlan(1, {Fault.garbage: 0.6, Fault.dribble: 0.6})
    with pytest.raises(ValueError, match="n counts from 1"):
        FaultPlan().at(0, Fault.garbage)
    with pytest.raises(ValueError, match="hellos are not counted"):
        FaultPlan().at(1, Fault.response_to_hello)
    with pytest.raises(ValueError, match="cannot happen to hello"):
        FaultPlan().on("hello", fault=Fault.wrong_cl_tr_id)


def test_the_nth_connection_can_be_chosen(server, dial, registry):
    registry.faults.at(2, Fault.refuse_greeting)
    dial().log_in()
    assert dial().ending() == "close"
    dial().log_in()


def test_connections_that_suffer_leave_others_alone(server, dial, registry):
    stalled, well = dial().log_in(), dial().log_in()
    registry.faults.on(cl_tr_id="STALL-1", fault=Fault.stall_after_execute)
    stalled.send_message(command(CHECK, "STALL-1"))
    gevent.sleep(0.01)
    started = time.monotonic()
    assert well.send(CHECK).code == 1000
    assert time.monotonic() - started < 1
