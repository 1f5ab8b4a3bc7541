"""Statuses: which ones clients may set, and what all objects share in an update.

The statuses that follow from an object's state (ok, inactive, linked) are not
stored; each type of object adds its own when it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, FrozenSet, Iterable, List, Optional, Tuple

from .answers import element
from .objects import RegistryObject
from .requests import Refused, Request, child, children

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["CLIENT_STATUSES", "change_statuses", "prohibit_update", "show_statuses"]

_BOTH = frozenset(("clientDeleteProhibited", "clientUpdateProhibited"))

CLIENT_STATUSES: Dict[str, FrozenSet[str]] = {
    "domain": _BOTH
    | {"clientHold", "clientRenewProhibited", "clientTransferProhibited"},
    "contact": _BOTH | {"clientTransferProhibited"},
    "host": _BOTH,
}
"""The statuses that a client may set, by type of object."""


def prohibit_update(found: RegistryObject, request: Request) -> None:
    """2304 if the object may not be updated.

    ``clientUpdateProhibited`` can still be removed, or nobody ever could.
    """
    for status in found.statuses:
        if status == "clientUpdateProhibited":
            assert request.body is not None
            removed = child(request.body, "rem")
            if removed is not None and any(
                entry.get("s") == status for entry in children(removed, "status")
            ):
                continue
        elif status != "serverUpdateProhibited" and not status.startswith("pending"):
            continue
        raise Refused(2304, None, "its status is " + status)


def change_statuses(
    found: RegistryObject,
    request: Request,
    added: Optional[_Element],
    removed: Optional[_Element],
) -> Dict[str, str]:
    """The statuses after the update; changes nothing yet."""
    result = dict(found.statuses)
    allowed = CLIENT_STATUSES[request.object_type]
    for entry in children(removed, "status") if removed is not None else ():
        status = _allowed(entry, allowed)
        if status not in result:
            raise Refused(2306, entry, "it does not have this status")
        del result[status]
    for entry in children(added, "status") if added is not None else ():
        status = _allowed(entry, allowed)
        if status in result:
            raise Refused(2306, entry, "it has this status")
        result[status] = (entry.text or "").strip()
    return result


def _allowed(entry: _Element, allowed: FrozenSet[str]) -> str:
    status = str(entry.get("s", ""))
    if not status:
        raise Refused(2003, entry, "a status has an attribute s")
    if status.startswith("client") and status not in allowed:
        raise Refused(2004, entry, "no such status")
    if status not in allowed:
        raise Refused(2306, entry, "clients cannot set this status")
    return status


def show_statuses(
    prefix: str, found: RegistryObject, derived: Iterable[str] = ()
) -> str:
    """The ``<status>`` elements; ok if nothing but ``linked`` would be shown."""
    shown: List[Tuple[str, str]] = [(status, "") for status in derived]
    shown += found.statuses.items()
    if all(status == "linked" for status, _ in shown):
        shown.insert(0, ("ok", ""))
    return "".join(
        element(prefix + ":status", description, (("s", status),))
        for status, description in shown
    )
