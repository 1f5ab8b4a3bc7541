"""Risk: the judge of the demo does not see what went wrong."""

from __future__ import annotations

import pytest

from geventconnpool_ext.cli.verdict import Told, judge, percentile
from geventconnpool_ext.cli.work import make_work
from geventconnpool_ext.epp.answers import parse
from geventconnpool_ext.testing import Execution, Record, Registry

OTHER = "other.example"


def answer_to(tr_id, name):
    """An answer with *tr_id* about the domain *name*."""
    return parse(
        """<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response>
        <result code="1000"><msg>Done</msg></result><resData>
        <domain:creData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0">
        <domain:name>{}</domain:name></domain:creData></resData>
        <trID><clTRID>{}</clTRID><svTRID>S-1</svTRID></trID>
        </response></epp>""".format(name, tr_id).encode()
    )


@pytest.fixture
def command():
    """A create."""
    work = make_work(Registry(), 100, 1)
    return next(command for command in work if command.verb == "create")


class Case:
    """One command, what was recorded of it, and what its client was told."""

    def __init__(self, command):
        self.command = command
        self.record = Record()

    def execute(self, tr_id, code=1000, name=None):
        effect = "created" if code == 1000 else ""
        name = name or self.command.name
        self.record.append(
            Execution(tr_id, 1, "registrar", "create", "domain", name, code, effect, 0)
        )

    def judge(self, answers, done=True):
        verdict = judge([Told(self.command, answers, done, "", 0.1)], self.record)
        return verdict.lost, verdict.doubled, verdict.crossed


@pytest.fixture
def case(command):
    """A case about that create."""
    return Case(command)


def test_a_command_done_once_and_answered_is_fine(case):
    case.execute("T-1")
    assert case.judge([answer_to("T-1", case.command.name)]) == (0, 0, 0)


def test_a_second_try_that_was_refused_doubles_nothing(case):
    case.execute("T-1")
    case.execute("T-2", code=2302)
    assert case.judge([answer_to("T-1", case.command.name)]) == (0, 0, 0)


def test_a_command_whose_client_was_not_told_is_lost(case):
    case.execute("T-1")
    assert case.judge([], done=False) == (1, 0, 0)


def test_a_command_that_was_never_executed_is_lost_whatever_its_client_believes(case):
    case.execute("T-1", code=2002)
    assert case.judge([answer_to("T-1", case.command.name)]) == (1, 0, 0)


def test_a_change_executed_twice_is_doubled_under_whatever_tr_ids(case):
    case.execute("T-1")
    case.execute("T-2")
    assert case.judge([answer_to("T-2", case.command.name)]) == (0, 1, 0)


def test_an_answer_with_another_command_s_tr_id_is_crossed(case):
    case.execute("T-1")
    case.execute("T-2", name=OTHER)
    assert case.judge([answer_to("T-2", case.command.name)]) == (0, 0, 1)


def test_an_answer_about_another_domain_is_crossed(case):
    case.execute("T-1")
    assert case.judge([answer_to("T-1", OTHER)]) == (0, 0, 1)


def test_an_answer_that_the_registry_never_gave_is_crossed(case):
    case.execute("T-1")
    assert case.judge([answer_to("T-9", case.command.name)]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 50), (99, 99), (100, 100), (0.1, 1)]
)
def test_a_percentile_is_the_smallest_value_not_exceeded(percent, value):
    assert percentile(range(1, 101), percent) == value
