"""The commands of the views, and their answers, with the client of this package."""

from __future__ import annotations

from geventconnpool_ext.epp import CheckDomain as check
from geventconnpool_ext.epp import CreateDomain
from geventconnpool_ext.epp import EPPPool as Pool
from geventconnpool_ext.epp import InfoDomain as info

__all__ = ["Pool", "check", "create", "created", "info", "is_available", "shown"]


def create(name, registrant, auth_info):
    """Return the command that registers a domain for a year."""
    return CreateDomain(name, registrant=registrant or None, auth_info=auth_info)


def is_available(answer):
    """Tell what a check found out about its one name."""
    found = answer.find("domain:chkData/domain:cd/domain:name")
    return found.get("avail") in ("1", "true")


def shown(answer):
    """Return what an info says about a domain, without its authInfo."""
    return {
        "name": answer.find_text("domain:infData/domain:name"),
        "sponsor": answer.find_text("domain:infData/domain:clID"),
        "registrant": answer.find_text("domain:infData/domain:registrant"),
        "expires": answer.find_text("domain:infData/domain:exDate")[:10],
    }


def created(answer):
    """Return what the answer to a create says."""
    return {
        "name": answer.find_text("domain:creData/domain:name"),
        "expires": answer.find_text("domain:creData/domain:exDate")[:10],
    }
