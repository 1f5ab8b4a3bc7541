"""Result codes of RFC 5730 section 3, and what each means for a session.

Only what a code says by itself lives here; what to do about it is decided in
``session`` and, for sending again, in ``replay``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from .requests import classify

__all__ = [
    "MEANINGS",
    "ResultCode",
    "ends_session",
    "proves_login",
    "session_gone",
    "success",
]


class ResultCode(IntEnum):
    """The codes of RFC 5730 section 3, by name."""

    OK = 1000
    OK_PENDING = 1001
    OK_NO_MESSAGES = 1300
    OK_ACK_TO_DEQUEUE = 1301
    OK_ENDING_SESSION = 1500
    UNKNOWN_COMMAND = 2000
    SYNTAX_ERROR = 2001
    USE_ERROR = 2002
    PARAMETER_MISSING = 2003
    PARAMETER_RANGE = 2004
    PARAMETER_SYNTAX = 2005
    UNIMPLEMENTED_VERSION = 2100
    UNIMPLEMENTED_COMMAND = 2101
    UNIMPLEMENTED_OPTION = 2102
    UNIMPLEMENTED_EXTENSION = 2103
    BILLING_FAILURE = 2104
    NOT_RENEWABLE = 2105
    NOT_TRANSFERABLE = 2106
    AUTHENTICATION_ERROR = 2200
    AUTHORIZATION_ERROR = 2201
    INVALID_AUTH_INFO = 2202
    PENDING_TRANSFER = 2300
    NOT_PENDING_TRANSFER = 2301
    OBJECT_EXISTS = 2302
    OBJECT_DOES_NOT_EXIST = 2303
    STATUS_PROHIBITS = 2304
    ASSOCIATION_PROHIBITS = 2305
    VALUE_POLICY_ERROR = 2306
    UNIMPLEMENTED_SERVICE = 2307
    DATA_POLICY_VIOLATION = 2308
    COMMAND_FAILED = 2400
    COMMAND_FAILED_CLOSING = 2500
    AUTHENTICATION_CLOSING = 2501
    SESSION_LIMIT_CLOSING = 2502


MEANINGS = {
    ResultCode.OK: "completed",
    ResultCode.OK_PENDING: "accepted, to be completed later",
    ResultCode.OK_NO_MESSAGES: "completed, no messages are waiting",
    ResultCode.OK_ACK_TO_DEQUEUE: "completed, acknowledge to dequeue the message",
    ResultCode.OK_ENDING_SESSION: "completed, the session ends",
    ResultCode.UNKNOWN_COMMAND: "unknown command",
    ResultCode.SYNTAX_ERROR: "the command does not follow the schema",
    ResultCode.USE_ERROR: "not possible in this state, such as not logged in",
    ResultCode.PARAMETER_MISSING: "a required parameter is missing",
    ResultCode.PARAMETER_RANGE: "a parameter is out of range",
    ResultCode.PARAMETER_SYNTAX: "a parameter has the wrong form",
    ResultCode.UNIMPLEMENTED_VERSION: "the protocol version is not implemented",
    ResultCode.UNIMPLEMENTED_COMMAND: "the command is not implemented",
    ResultCode.UNIMPLEMENTED_OPTION: "an option is not implemented",
    ResultCode.UNIMPLEMENTED_EXTENSION: "an extension is not implemented",
    ResultCode.BILLING_FAILURE: "the account cannot pay for it",
    ResultCode.NOT_RENEWABLE: "the object cannot be renewed",
    ResultCode.NOT_TRANSFERABLE: "the object cannot be transferred",
    ResultCode.AUTHENTICATION_ERROR: "the credentials are wrong",
    ResultCode.AUTHORIZATION_ERROR: "the account may not do this",
    ResultCode.INVALID_AUTH_INFO: "the authorization information is wrong",
    ResultCode.PENDING_TRANSFER: "the object is being transferred",
    ResultCode.NOT_PENDING_TRANSFER: "the object is not being transferred",
    ResultCode.OBJECT_EXISTS: "the object exists already",
    ResultCode.OBJECT_DOES_NOT_EXIST: "the object does not exist",
    ResultCode.STATUS_PROHIBITS: "the object's status prohibits it",
    ResultCode.ASSOCIATION_PROHIBITS: "an association of the object prohibits it",
    ResultCode.VALUE_POLICY_ERROR: "a value is against the registry's policy",
    ResultCode.UNIMPLEMENTED_SERVICE: "the service is not implemented",
    ResultCode.DATA_POLICY_VIOLATION: "the data is against the registry's policy",
    ResultCode.COMMAND_FAILED: "failed, perhaps for a while; the session stays up",
    ResultCode.COMMAND_FAILED_CLOSING: "failed, the session ends",
    ResultCode.AUTHENTICATION_CLOSING: "the credentials are wrong, the session ends",
    ResultCode.SESSION_LIMIT_CLOSING: "too many sessions, this one ends",
}
"""What each code means, in words. A registry's own text is in the answer."""

_ENDING = frozenset((1500, 2500, 2501, 2502))


def success(code: int) -> bool:
    """Whether *code* says that the command was executed or accepted (1xxx)."""
    return 1000 <= code < 2000


def ends_session(code: int) -> bool:
    """Whether the server closes after an answer with *code*."""
    return code in _ENDING


def proves_login(code: int) -> bool:
    """Whether only a session that is logged in gets an answer with *code*."""
    # 2201 and 23xx say what the account may do, and what objects are like.
    return success(code) or code == 2201 or 2300 <= code < 2400


def session_gone(command: Any, answer: Any) -> bool:
    """Whether *answer* says that the session is logged out; policy's default.

    2002 always says so. 2200 says so when *command* (a request or its
    ``RequestKind``) carried no authInfo that could have been refused instead.
    """
    if answer.code == ResultCode.USE_ERROR:
        return True
    if answer.code == ResultCode.AUTHENTICATION_ERROR:
        return not classify(command).has_auth_info
    return False
