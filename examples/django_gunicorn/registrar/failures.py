"""From what can go wrong at the registry to HTTP: one table, one middleware.

503 with Retry-After: nothing was changed, ask again. 502: the registry answered
nothing, or nothing that could be used. Others: it said no, and why.
"""

from __future__ import annotations

import logging

from django.http import JsonResponse

from geventconnpool_ext import PoolError
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    EPPError,
    LoginRejected,
    NotSent,
    SessionLimit,
)

from .registry import Lost, Refused

STATUS_OF_CODE = {
    2003: 400,  # a parameter is missing,
    2004: 400,  # out of range,
    2005: 400,  # of the wrong form,
    2306: 400,  # against the registry's policy
    2201: 403,  # not ours to do
    2202: 403,
    2303: 404,
    2302: 409,  # exists already,
    2304: 409,  # its status forbids it,
    2305: 409,  # another object does
    2400: 503,  # perhaps not for long
}
"""All other codes are 502: this program, or its account, is not in order."""

SOON, LATER = 2, 60
"""Seconds for Retry-After: when sessions are short, and when people must act."""

log = logging.getLogger(__name__)


class AnswerFailures:
    """Django's middleware that turns failures of the registry into answers."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        """Pass on what goes well."""
        return self._get_response(request)

    def process_exception(self, request, error):
        """Return the answer to what a view raised, None where that is no failure."""
        return response_to(error)


def response_to(error):
    """Return the response to an error of the registry, None to any other."""
    if isinstance(error, Refused):
        status = STATUS_OF_CODE.get(error.code, 502)
        return failed(status, error.msg, SOON, code=error.code)
    if isinstance(error, AmbiguousOutcome):
        # Nobody knows whether it was executed. The registry's support does, by
        # the transaction ids; so does /info. Never just send it again.
        log.error("%s", error)
        return failed(502, "unknown outcome", cl_tr_ids=error.cl_tr_ids)
    if isinstance(error, (LoginRejected, SessionLimit)):
        return failed(503, "the registry does not let us in", LATER)
    if isinstance(error, Lost) or (
        isinstance(error, EPPError) and not isinstance(error, NotSent)
    ):
        return failed(502, "the registry gave no answer that could be used")
    if isinstance(error, PoolError):
        # PoolTimeout, PoolFull, PoolClosed, NotSent: nothing was sent.
        return failed(503, "no session with the registry is free", SOON)
    return None


def failed(status, why, retry_after=None, **more):
    """Return a response that says what failed."""
    response = JsonResponse(dict(more, error=why), status=status)
    if status == 503:
        response["Retry-After"] = str(retry_after)
    return response
