from __future__ import annotations

from geventconnpool_ext.testing import Registry

from .conversations import Desk, act, create_domain, login, name


def test_the_record_tells_what_was_run_how_often_and_to_what_effect(desk, registry):
    registry.record.clear()
    assert desk.send(create_domain("a.test"), "TR-1").code == 1000
    assert desk.send(create_domain("a.test"), "TR-1").code == 2302
    desk.send(act("info", "domain", name("A.Test")), "TR-2")
    desk.send(act("info", "domain", name("a.test")), "TR-2")
    record = registry.record
    assert [entry.code for entry in record] == [1000, 2302, 1000, 1000]
    assert record.times_executed("TR-1") == 1
    assert record.times_executed("TR-2") == 2
    assert record.times_executed("TR-3") == 0
    assert record.doubled() == ["TR-2"]
    assert [entry.code for entry in record.of("TR-1")] == [1000, 2302]
    assert [entry.verb for entry in record.executed("A.test")] == [
        "create",
        "info",
        "info",
    ]
    assert len(record.executed(verb="info")) == 2
    assert record.effects("a.test") == ["created"]
    first = record[0]
    assert (first.client_id, first.object_type, first.name, first.session_id) == (
        "client",
        "domain",
        "a.test",
        desk.session.session_id,
    )
    assert first.at <= record[-1].at
    assert len(record[1:]) == 3


def test_logins_and_refusals_are_on_the_record_without_passwords(registry):
    desk = Desk(registry, None)
    desk.send(login(password="hunter2"))
    desk.send(login())
    desk.send_message(b"rubbish")
    assert [(entry.verb, entry.code, entry.client_id) for entry in registry.record] == [
        ("login", 2200, None),
        ("login", 1000, "client"),
        ("", 2001, "client"),
    ]
    assert "hunter2" not in repr(list(registry.record))


def test_a_seed_makes_transaction_ids_repeatable():
    first, second, third = Registry(seed=1), Registry(seed=1), Registry(seed=2)
    assert first.transaction_id() == second.transaction_id() != third.transaction_id()


def test_objects_can_be_put_there_without_a_trace(registry, desk):
    registry.record.clear()
    registry.add_domain("Given.Test", "other", "let-me-in", years=3)
    assert not len(registry.record)
    shown = desk.send(act("info", "domain", name("given.test")))
    assert shown.text("domain:clID") == "other"


def test_accounts_can_be_added_while_it_runs(registry):
    registry.add_account("third", "password3")
    assert Desk(registry, "third", "password3").session.client_id == "third"
