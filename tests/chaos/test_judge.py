"""The judge of a chaos run finds each kind of broken promise, and no other."""

from __future__ import annotations

import pytest

from geventconnpool_ext.testing import Execution, Fault

from .judge import KINDS, judge

NAME = "create-client0-1.example"


def execution(tr_id, name=NAME, verb="create", code=1000, session=1):
    effect = "created" if code == 1000 and verb == "create" else ""
    return list(
        Execution(tr_id, session, "client0", verb, "domain", name, code, effect, 0.0)
    )


def account(*record, faults=(), ends=()):
    return {
        "record": [execution("login-1", "", "login"), *record],
        "faults": list(faults),
        "ends": list(ends),
        "operator": [],
        "counters": {"faults": {}},
    }


def told(outcome, verb="create", name=NAME, **more):
    return dict({"outcome": outcome, "verb": verb, "name": name}, **more)


def answered(tr_id="tr-1", code=1000, names=(), **more):
    return told("answered", id=tr_id, code=code, names=list(names), **more)


def ambiguous(*ids, **more):
    more = dict({"cause": "ConnectionResetError", "timeout": False}, **more)
    return told("ambiguous", ids=list(ids), login="login-1", **more)


def wrong(telling, evidence, calm_since=None):
    """The kinds of broken promise that are found."""
    telling = dict({"began": 1.0, "seconds": 1.0}, **telling)
    verdict = judge([telling], evidence, calm_since)
    assert set(verdict.wrong) == set(KINDS)
    assert sum(verdict.wrong.values()) == len(verdict.problems)
    return [kind for kind, times in verdict.wrong.items() if times]


def fault(which, tr_id="tr-1"):
    return [tr_id, "create", NAME, which.value]


def test_an_answer_to_what_was_executed_once_is_right():
    assert wrong(answered(), account(execution("tr-1"))) == []


def test_what_changed_the_registry_twice_is_doubled_whatever_was_told():
    twice = account(execution("tr-1"), execution("tr-2"), faults=[])
    for telling in (answered(), told("interrupted")):
        assert wrong(telling, twice) == ["doubled"]


@pytest.mark.parametrize(
    "telling",
    [
        answered("tr-2"),
        answered("never seen"),
        answered(names=["other.example"]),
        answered(None),
    ],
    ids=["of another command", "of nobody", "about another name", "without a clTRID"],
)
def test_an_answer_that_is_not_this_command_s_is_crossed(telling):
    record = account(execution("tr-1"), execution("tr-2", "other.example"))
    assert wrong(telling, record) == ["crossed"]


def test_success_without_an_execution_is_lost():
    record = account(execution("tr-1", verb="check"))
    assert "lost" in wrong(answered(), record)


def test_a_refusal_of_what_was_executed_before_is_untold():
    record = account(execution("tr-1"), execution("tr-2", code=2302))
    assert wrong(answered("tr-2", 2302), record) == ["untold"]


def test_a_plain_failure_of_what_was_executed_is_untold():
    failed = told("failed", error="ConnectionResetError")
    assert wrong(failed, account(execution("tr-1"))) == ["untold"]
    assert wrong(failed, account()) == []


def test_a_plain_failure_of_what_the_registry_was_sent_is_untold():
    failed = told("failed", error="ConnectionResetError")
    met = account(faults=[fault(Fault.drop_before_read)])
    assert wrong(failed, met) == ["untold"]


def test_ambiguity_must_name_the_id_that_was_executed():
    record = account(execution("tr-2"), faults=[fault(Fault.drop_after_execute)])
    assert wrong(ambiguous("tr-1"), record) == ["untold"]


def test_ambiguity_is_needless_when_nothing_happened():
    assert wrong(ambiguous("tr-1"), account(execution("tr-1"))) == ["needless"]
    harmless = account(execution("tr-1"), faults=[fault(Fault.dribble)])
    assert wrong(ambiguous("tr-1"), harmless) == ["needless"]
    by_client = account(execution("tr-1"), ends=[[1, "client_closed"]])
    assert wrong(ambiguous("tr-1"), by_client) == ["needless"]


@pytest.mark.parametrize(
    ("telling", "evidence"),
    [
        (ambiguous("tr-1"), {"faults": [fault(Fault.stall_after_execute)]}),
        (ambiguous("tr-1"), {"ends": [[1, "server_stop"]]}),
        (ambiguous("tr-1", timeout=True), {}),
        (ambiguous("tr-1", cause="_Own"), {}),
    ],
    ids=["a fault", "the session's end", "an answer too late", "its own program"],
)
def test_ambiguity_is_right_after_what_makes_an_outcome_unknown(telling, evidence):
    assert wrong(telling, account(execution("tr-1"), **evidence)) == []


def test_a_read_is_never_ambiguous():
    telling = ambiguous("tr-1", verb="check", timeout=True)
    assert wrong(telling, account()) == ["needless"]


def test_no_word_at_all_is_hung():
    assert wrong(told("hung"), account()) == ["hung"]


def test_in_the_calm_everything_must_succeed():
    refused = answered(code=2400)
    record = account(execution("tr-1", code=2400))
    assert wrong(refused, record) == []
    assert wrong(refused, record, calm_since=0.5) == ["calm"]
    failed = told("failed", verb="check", error="ConnectionResetError")
    assert wrong(failed, account(), calm_since=0.5) == ["calm"]
    assert wrong(failed, account(), calm_since=1.5) == []
