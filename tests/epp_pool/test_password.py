"""change_password: whatever happens to its answer, it says which password holds."""

from __future__ import annotations

import sys

import gevent
import pytest

from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    ConnectError,
    EPPError,
    LoginRejected,
    SessionLimit,
    change_password,
    client_factory,
    password,
)
from geventconnpool_ext.testing import Fault, Limits

from .conftest import PASSWORD

NEW = "newSecret1"
# No harm is done if a test prints one of these.
WRONG = "wrongSecret1"


@pytest.fixture
def change(connect):
    """Change the password of the account 'client'."""

    def call(password=PASSWORD, new_password=NEW, **options):
        options.setdefault("timeout", 3)
        change_password(connect, "client", password, new_password, **options)

    return call


@pytest.fixture
def holds(registry):
    """Which password holds."""
    return lambda: registry.accounts["client"].password


def asked(registry):
    """How many logins the registry was asked for, successful or not."""
    counters = registry.counters()
    return counters.logins + counters.login_failures


def test_one_login_changes_it_and_its_session_is_logged_out(
    change, registry, holds, until
):
    change()
    assert holds() == NEW
    assert asked(registry) == 1
    until(lambda: registry.counters().sessions == 0)
    assert registry.counters().ended == {"logout": 1}


@pytest.mark.parametrize(
    "fault",
    [
        Fault.close_after_execute,
        Fault.drop_after_execute,
        Fault.reset_after_execute,
        Fault.close_in_frame,
        Fault.wrong_cl_tr_id,
        Fault.garbage,
        Fault.plain_text,
    ],
)
def test_a_change_whose_answer_was_lost_is_found_by_the_new_password(
    change, registry, plan, holds, fault
):
    plan.on("login", fault=fault)
    change()
    assert holds() == NEW
    assert asked(registry) == 2
    assert registry.counters().login_failures == 0


def test_a_logout_that_fails_changes_nothing_about_it(change, registry, plan, holds):
    plan.on("login", fault=Fault.close_after_answer)
    change()
    assert holds() == NEW
    assert asked(registry) == 1


def test_a_change_that_hangs_is_bounded_and_then_found(change, registry, plan, holds):
    plan.on("login", fault=Fault.stall_after_execute)
    change(timeout=0.3)
    assert holds() == NEW
    assert asked(registry) == 2


@pytest.mark.parametrize("fault", [Fault.close_before_read, Fault.stall_before_read])
def test_a_change_that_was_not_executed_is_told_by_the_old_password(
    change, registry, plan, holds, fault
):
    plan.on("login", fault=fault)
    with pytest.raises(EPPError, match="when asked, the old password held") as caught:
        change(timeout=0.5)
    assert type(caught.value) is EPPError
    assert holds() == PASSWORD
    # One refused for the new password, one for the old.
    assert registry.counters().login_failures == 1
    assert registry.counters().logins == 1
    assert isinstance(caught.value.__cause__, AmbiguousOutcome)


@pytest.mark.parametrize("times", [2, 3])
def test_what_no_login_can_tell_is_ambiguous_and_asked_no_more(
    change, registry, plan, holds, times
):
    plan.on("login", fault=Fault.close_after_execute, times=times)
    with pytest.raises(AmbiguousOutcome, match="the new password or the old") as caught:
        change()
    assert asked(registry) == 2
    assert len(caught.value.cl_tr_ids) == 1
    assert caught.value.cl_tr_ids[0] in str(caught.value)
    assert isinstance(caught.value.__cause__, (EPPError, OSError))
    assert holds() == NEW


def test_a_registry_that_went_down_in_between_is_ambiguous(
    change, registry, plan, server
):
    plan.on("login", fault=Fault.stall_after_execute)
    changing = gevent.spawn(change, timeout=0.5)
    with gevent.Timeout(5):
        while registry.counters().logins < 1:
            gevent.sleep(0.01)
    server.stop()
    with pytest.raises(AmbiguousOutcome):
        changing.get(timeout=5)
    server.start()


def test_neither_password_accepted_is_a_rejected_login(change, registry, plan, holds):
    plan.on("login", fault=Fault.close_before_read)
    with pytest.raises(LoginRejected, match="neither the new password nor the old"):
        change(password=WRONG)
    assert asked(registry) == 2
    assert holds() == PASSWORD


def test_a_wrong_password_is_a_rejected_login_at_once(change, registry, holds):
    with pytest.raises(LoginRejected) as caught:
        change(password=WRONG)
    assert caught.value.code == 2200
    assert asked(registry) == 1
    assert holds() == PASSWORD


def test_a_new_password_that_the_registry_refuses_changes_nothing(
    change, registry, holds
):
    with pytest.raises(EPPError, match="2005"):
        change(new_password="x" * 17)
    assert asked(registry) == 1
    assert holds() == PASSWORD


def test_no_session_left_changes_nothing(change, registry, filled, holds):
    registry.limits = Limits(max_sessions=1)
    filled(1)
    with pytest.raises(SessionLimit):
        change()
    assert holds() == PASSWORD


@pytest.mark.parametrize(
    "fault", [Fault.refuse_connect, Fault.bad_greeting, Fault.refuse_handshake]
)
def test_without_a_connection_nothing_is_changed_and_nothing_asked(
    change, registry, plan, holds, fault
):
    plan.on(fault=fault)
    with pytest.raises((EPPError, OSError)) as caught:
        change()
    assert not isinstance(caught.value, AmbiguousOutcome)
    assert asked(registry) == 0
    assert holds() == PASSWORD


def test_a_closed_port_is_a_connect_error(server, registry, change):
    server.stop()
    with pytest.raises(ConnectError):
        change()
    assert asked(registry) == 0
    server.start()


@pytest.mark.parametrize("turns", range(0, 40, 3))
def test_a_kill_leaves_no_connection_behind(change, registry, turns, until):
    changing = gevent.spawn(change)
    for _ in range(turns):
        gevent.sleep(0.002)
    changing.kill()
    until(lambda: registry.counters().sessions == 0)
    assert asked(registry) <= 1


NEW_HOLDS = "the new password holds"
OLD_HELD = "the old password held when asked"
HARMLESS = Fault.split_length_2_2
UNSURE = "whether the new password or the old one holds"


@pytest.mark.parametrize(
    ("faults", "known"),
    [
        # In the change; the login with the new password; that with the old.
        ([Fault.stall_after_execute], UNSURE),
        ([Fault.close_after_execute, Fault.stall_before_read], UNSURE),
        ([Fault.close_before_read, HARMLESS, Fault.stall_before_read], UNSURE),
        # In the logout after each of them.
        ([], NEW_HOLDS),
        ([Fault.close_after_execute], NEW_HOLDS),
        ([Fault.close_before_read], OLD_HELD),
    ],
)
@pytest.mark.parametrize("kind", [gevent.Timeout, gevent.GreenletExit])
def test_who_interrupts_gets_his_own_exception_and_what_is_known(
    change, registry, plan, until, faults, known, kind
):
    for fault in faults:
        plan.on("login", fault=fault)
    plan.on("logout", fault=Fault.stall_before_read)
    thrown, caught = kind(), []

    def call():
        try:
            change(timeout=10)
        except BaseException as error:
            caught.append(error)

    changing = gevent.spawn(call)
    until(lambda: any("stall" in name for name in registry.counters().faults))
    changing.kill(thrown)
    assert caught == [thrown]
    if sys.version_info >= (3, 11):
        (note,) = thrown.__notes__
        assert known in note
    until(lambda: registry.counters().sessions == 0)


def test_an_interruption_before_the_login_says_that_nothing_was_sent(change, plan):
    plan.on(fault=Fault.stall_greeting)
    with pytest.raises(gevent.Timeout) as caught, gevent.Timeout(0.2):
        change(timeout=10)
    if sys.version_info >= (3, 11):
        assert caught.value.__notes__ == ["the old password holds: no change was sent"]


def test_a_logout_that_hangs_has_a_short_bound_of_its_own(
    change, plan, holds, monkeypatch
):
    monkeypatch.setattr(password, "LOGOUT_TIMEOUT", 0.2)
    plan.on("logout", fault=Fault.stall_before_read)
    with gevent.Timeout(3):
        change(timeout=None)
    assert holds() == NEW


def test_services_from_an_iterator_last_for_every_login(change, registry, plan, holds):
    plan.on("login", fault=Fault.close_after_execute)
    change(
        obj_uris=iter(["urn:ietf:params:xml:ns:domain-1.0"]),
        ext_uris=iter(["urn:ietf:params:xml:ns:secDNS-1.1"]),
    )
    assert holds() == NEW
    assert asked(registry) == 2


def test_a_login_that_the_client_refuses_is_no_lost_answer(server, registry, holds):
    connect = client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file, limit=2000
    )
    with pytest.raises(ValueError, match="above the limit of 2000"):
        change_password(connect, "client", PASSWORD, NEW * 200)
    assert registry.counters().connections == 0
    assert holds() == PASSWORD


@pytest.mark.parametrize(
    ("options", "error", "named"),
    [
        ({"new_password": PASSWORD}, ValueError, "new_password must differ"),
        ({"new_password": "short"}, ValueError, "new_password"),
        ({"new_password": None}, TypeError, "new_password"),
        ({"password": "short"}, ValueError, "password"),
        ({"timeout": 0}, ValueError, "timeout"),
        ({"timeout": "3"}, TypeError, "timeout"),
        ({"obj_uris": ()}, ValueError, "obj_uris"),
        ({"unknown": 1}, TypeError, "unknown"),
    ],
)
def test_a_wrong_argument_is_named_before_anything_is_sent(
    change, registry, options, error, named
):
    with pytest.raises(error, match=named):
        change(**options)
    assert registry.counters().connections == 0


@pytest.mark.parametrize(
    "fault", [None, Fault.close_before_read, Fault.close_after_execute]
)
def test_no_password_is_in_an_error(change, plan, fault):
    if fault is not None:
        plan.on("login", fault=fault, times=3)
    with pytest.raises(EPPError) as caught:
        change(password=WRONG)
    error = caught.value
    while error is not None:
        assert not any(secret in repr(error) for secret in (NEW, WRONG))
        error = error.__cause__
