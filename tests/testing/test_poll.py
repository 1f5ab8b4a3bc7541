from __future__ import annotations

REQUEST = '<poll op="req"/>'


def ack(message_id):
    return '<poll op="ack" msgID="{}"/>'.format(message_id)


def test_an_empty_queue_is_1300(desk):
    assert desk.code(REQUEST) == 1300


def test_messages_come_in_order_and_stay_until_they_are_acknowledged(desk, registry):
    first, second = registry.enqueue("client", "one"), registry.enqueue("client", "two")
    for _ in range(2):
        shown = desk.send(REQUEST)
        assert shown.code == 1301
        assert shown.text("epp:msgQ/@id") == first
        assert shown.text("epp:msgQ/@count") == "2"
        assert shown.text("epp:msgQ/epp:msg") == "one"
    answer = desk.send(ack(first))
    assert answer.code == 1000
    assert answer.text("epp:msgQ/@id") == second
    assert desk.code(ack(first)) == 2303
    assert desk.send(REQUEST).text("epp:msgQ/epp:msg") == "two"
    assert desk.send(ack(second)).texts("epp:msgQ") == []
    assert desk.code(REQUEST) == 1300


def test_each_account_has_its_own_queue(desk, other, registry):
    message_id = registry.enqueue("client", "for client")
    assert other.code(REQUEST) == 1300
    assert other.code(ack(message_id)) == 2303
    assert desk.code(REQUEST) == 1301


def test_a_poll_that_does_not_say_what_it_wants_is_refused(desk):
    assert desk.code("<poll/>") == 2003
    assert desk.code('<poll op="peek"/>') == 2004
    assert desk.code('<poll op="ack"/>') == 2003
