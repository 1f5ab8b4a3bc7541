"""The same commands and answers with epplib: import this only where that is."""

from __future__ import annotations

from geventconnpool_ext.epp.epplib_namespaces import use_ietf_namespaces

# Before anything else of epplib is imported: it is made for another registry.
use_ietf_namespaces()

from epplib.commands import CheckDomain, CreateDomain  # noqa: E402
from epplib.commands import InfoDomain as info  # noqa: E402
from epplib.models.common import DomainAuthInfo  # noqa: E402

from geventconnpool_ext.epp.epplib import EpplibPool as Pool  # noqa: E402

__all__ = ["Pool", "check", "create", "created", "info", "is_available", "shown"]


def check(name):
    """Return the command that asks whether a domain is free."""
    return CheckDomain([name])


def create(name, registrant, auth_info):
    """Return the command that registers a domain for a year.

    epplib always sends a registrant, if need be an empty one.
    """
    return CreateDomain(name, registrant, auth_info=DomainAuthInfo(auth_info))


def is_available(answer):
    """Tell what a check found out about its one name."""
    return answer.res_data[0].avail


def shown(answer):
    """Return what an info says about a domain, without its authInfo."""
    (found,) = answer.res_data
    return {
        "name": found.name,
        "sponsor": found.cl_id,
        "registrant": found.registrant,
        "expires": found.ex_date.isoformat(),
    }


def created(answer):
    """Return what the answer to a create says."""
    (found,) = answer.res_data
    return {"name": found.name, "expires": found.ex_date.isoformat()}
