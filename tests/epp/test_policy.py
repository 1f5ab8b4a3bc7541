"""SessionPolicy: its defaults, its immutability, and every wrong argument named."""

from __future__ import annotations

import copy
import pickle

import pytest

from geventconnpool_ext.epp.commands import (
    CheckDomain,
    CreateDomain,
    DeleteDomain,
    Hello,
    InfoDomain,
    Logout,
    PollRequest,
)
from geventconnpool_ext.epp.policy import SessionPolicy
from geventconnpool_ext.epp.results import session_gone


def test_the_defaults_are_those_of_the_design():
    policy = SessionPolicy()
    assert (policy.idle_timeout, policy.max_age, policy.max_commands) == (
        3600,
        86400,
        None,
    )
    assert policy.hello_interval == 1200
    assert (policy.probe, policy.probe_interval) == (None, None)
    assert (policy.command_timeout, policy.connect_timeout) == (30, 10)
    assert (policy.login_failures, policy.login_retry_after) == (3, 900)
    assert policy.session_gone is session_gone
    assert policy.probe_request() is None


def test_times_may_be_none():
    policy = SessionPolicy(
        idle_timeout=None, max_age=None, command_timeout=None, connect_timeout=None
    )
    assert policy.hello_interval is None
    assert SessionPolicy(idle_timeout=None, hello_interval=7).hello_interval == 7


@pytest.mark.parametrize(
    "name",
    [
        "idle_timeout",
        "max_age",
        "hello_interval",
        "probe_interval",
        "command_timeout",
        "connect_timeout",
        "login_retry_after",
    ],
)
@pytest.mark.parametrize(
    "value",
    [0, -1, float("nan"), float("inf"), 10**400, True, "10"],
)
def test_a_time_that_is_none_is_named(name, value):
    with pytest.raises((TypeError, ValueError), match=rf"{name} must be"):
        SessionPolicy(**{name: value})


@pytest.mark.parametrize("name", ["max_commands", "login_failures"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3"])
def test_a_count_that_is_none_is_named(name, value):
    with pytest.raises((TypeError, ValueError), match=rf"{name} must be"):
        SessionPolicy(**{name: value})


@pytest.mark.parametrize("name", ["login_failures", "login_retry_after"])
def test_what_must_be_given_cannot_be_none(name):
    with pytest.raises(TypeError, match=name):
        SessionPolicy(**{name: None})


@pytest.mark.parametrize("interval", [300, 301])
def test_hello_interval_must_be_below_idle_timeout(interval):
    with pytest.raises(
        ValueError, match=r"hello_interval must be below idle_timeout, 300"
    ):
        SessionPolicy(idle_timeout=300, hello_interval=interval)


def test_a_probe_may_be_a_request_or_a_function():
    probe = CheckDomain("a.example")
    assert SessionPolicy(probe=probe).probe_request() is probe
    assert SessionPolicy(probe=lambda: probe).probe_request() is probe
    assert SessionPolicy(probe=probe.xml("ABC-1")).probe_request() == probe.xml("ABC-1")
    assert SessionPolicy(probe=probe).probe_interval == 1200
    assert SessionPolicy(probe=probe, probe_interval=5).probe_interval == 5


@pytest.mark.parametrize(
    "probe", [Hello(), Logout(), CreateDomain("a.example", auth_info="secret"), b"", 7]
)
def test_a_probe_that_would_prove_nothing_or_change_something_is_refused(probe):
    with pytest.raises((TypeError, ValueError), match=r"probe|request"):
        SessionPolicy(probe=probe)


@pytest.mark.parametrize(
    "probe", [CheckDomain, object, lambda: None, type("Text", (str,), {})]
)
def test_a_class_is_no_probe(probe):
    if isinstance(probe, type):
        with pytest.raises(TypeError, match=rf"^probe .* class {probe.__name__}$"):
            SessionPolicy(probe=probe)
        returned = probe
        probe = lambda: returned  # noqa: E731
    with pytest.raises(TypeError, match=r"^probe must return a request, not "):
        SessionPolicy(probe=probe).probe_request()


EXTENDED = InfoDomain("a.example").xml("ABC-1")
EXTENDED = EXTENDED.replace(
    b"</info>",
    b"</info><extension><x:y xmlns:x='urn:x-1.0'/></extension>",
)


@pytest.mark.parametrize(
    "probe",
    [
        Hello(),
        Logout(),
        DeleteDomain("a.example"),
        CreateDomain("a.example", auth_info="secret"),
        b"",
        "<epp><pw>secret</pw>",
        EXTENDED,
        7,
        lambda: PollRequest(),
    ],
)
def test_what_a_function_returns_is_checked_at_each_call(probe, caplog):
    wrong = [CheckDomain("a.example")]
    policy = SessionPolicy(probe=lambda: wrong[-1])
    assert policy.probe_request() is wrong[0]
    assert not caplog.records
    wrong.append(probe)
    for _ in range(2):
        with pytest.raises((TypeError, ValueError), match=r"^probe must return a"):
            policy.probe_request()
    lines = [(r.levelname, r.getMessage()[:16]) for r in caplog.records]
    assert lines == [("ERROR", "-: probe raised:")] * 2
    assert "secret" not in caplog.text


def test_what_a_probes_function_raises_is_logged_and_raised(caplog):
    with pytest.raises(ZeroDivisionError):
        SessionPolicy(probe=lambda: 1 / 0).probe_request()
    assert "-: probe raised: ZeroDivisionError" in caplog.text


class Named(SessionPolicy):
    """A program's own, which has one more attribute."""

    def __init__(self, name, **options):
        super().__init__(**options)
        object.__setattr__(self, "name", name)


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(
            lambda policy, protocol=protocol: pickle.loads(
                pickle.dumps(policy, protocol)
            )
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_a_policy_can_be_copied(again):
    policy = again(SessionPolicy(max_age=77, probe=CheckDomain("a.example")))
    assert type(policy) is SessionPolicy
    assert policy.max_age == 77
    assert policy.session_gone is session_gone
    assert policy.probe.xml("ABC-1") == CheckDomain("a.example").xml("ABC-1")
    assert policy.probe_interval == policy.hello_interval == 1200
    with pytest.raises(AttributeError, match=r"immutable"):
        policy.max_age = 5
    named = again(Named("mine", max_commands=7))
    assert (type(named), named.name, named.max_commands) == (Named, "mine", 7)


def test_probe_and_probe_interval_go_together():
    with pytest.raises(ValueError, match=r"there is no probe"):
        SessionPolicy(probe_interval=5)
    with pytest.raises(ValueError, match=r"probe_interval must be given"):
        SessionPolicy(probe=CheckDomain("a.example"), idle_timeout=None)


def test_session_gone_must_be_a_function():
    with pytest.raises(TypeError, match=r"session_gone"):
        SessionPolicy(session_gone=True)


def test_a_policy_cannot_be_changed_and_takes_keywords_only():
    policy = SessionPolicy()
    with pytest.raises(AttributeError, match=r"immutable"):
        policy.max_age = 5
    with pytest.raises(AttributeError, match=r"immutable"):
        del policy.max_age
    with pytest.raises(TypeError):
        SessionPolicy(300)


def test_the_repr_shows_the_settings_but_not_the_probe():
    shown = repr(SessionPolicy(max_age=77, probe=CheckDomain("private.example")))
    assert "max_age=77" in shown
    assert "probe=..." in shown
    assert "private" not in shown
