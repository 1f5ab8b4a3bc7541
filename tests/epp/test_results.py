"""Every code of RFC 5730 has a meaning, for the command and for the session."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp.answers import parse
from geventconnpool_ext.epp.commands import CheckDomain, InfoDomain
from geventconnpool_ext.epp.requests import classify
from geventconnpool_ext.epp.results import (
    MEANINGS,
    ResultCode,
    ends_session,
    session_gone,
    success,
)


def test_every_code_has_a_meaning():
    assert set(MEANINGS) == set(ResultCode)
    assert len(ResultCode) == 34
    assert all(MEANINGS.values())


@pytest.mark.parametrize("code", list(ResultCode))
def test_only_1xxx_is_success_and_only_four_codes_end_a_session(code):
    assert success(code) is (code < 2000)
    assert ends_session(code) is (code in (1500, 2500, 2501, 2502))


@pytest.mark.parametrize(
    ("code", "auth_info", "gone"),
    [
        (2002, None, True),
        (2002, "secret", True),
        (2200, None, True),
        (2200, "secret", False),
        (2202, None, False),
        (2201, None, False),
        (2303, None, False),
        (1000, None, False),
    ],
)
def test_2002_always_and_2200_without_auth_info_mean_logged_out(
    peer_response, code, auth_info, gone
):
    command = InfoDomain("a.example", auth_info=auth_info)
    answer = parse(peer_response(code, "ABC-1"))
    assert session_gone(command, answer) is gone
    assert session_gone(command.xml("ABC-1"), answer) is gone
    assert session_gone(classify(command), answer) is gone


def test_a_check_answered_2200_means_logged_out(peer_response):
    assert session_gone(CheckDomain("a.example"), parse(peer_response(2200, "ABC-1")))
