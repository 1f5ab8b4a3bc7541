"""The objects a registry keeps: domains, contacts, hosts; no rules, no XML."""

from __future__ import annotations

import calendar
from datetime import datetime
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

__all__ = [
    "Address",
    "Contact",
    "Domain",
    "Host",
    "Phone",
    "PostalInfo",
    "RegistryObject",
    "Transfer",
    "add_months",
]


class RegistryObject:
    """What domains, contacts and hosts have in common."""

    __slots__ = (
        "created",
        "creator",
        "name",
        "roid",
        "sponsor",
        "statuses",
        "transferred",
        "updated",
        "updater",
    )

    def __init__(self, name: str, roid: str, sponsor: str, created: datetime) -> None:
        self.name: str = name
        self.roid: str = roid
        self.sponsor: str = sponsor
        self.creator: str = sponsor
        self.created: datetime = created
        self.updater: Optional[str] = None
        self.updated: Optional[datetime] = None
        self.transferred: Optional[datetime] = None
        self.statuses: Dict[str, str] = {}
        """Statuses that were set, each with its text; 'ok' is never among them."""

    def __repr__(self) -> str:
        return "<{} {}>".format(type(self).__name__, self.name)


class Transfer(NamedTuple):
    """The latest transfer of a domain."""

    status: str
    requester: str
    requested: datetime
    sponsor: str
    acted: datetime
    expires: datetime
    """The expiry that the domain has when the transfer is approved."""


class Domain(RegistryObject):
    """A domain; its hosts and contacts are named, not held."""

    __slots__ = (
        "auth_info",
        "contacts",
        "expires",
        "hosts",
        "ns",
        "registrant",
        "secure_data",
        "transfer",
    )

    def __init__(
        self,
        name: str,
        roid: str,
        sponsor: str,
        created: datetime,
        expires: datetime,
        auth_info: str,
    ) -> None:
        super().__init__(name, roid, sponsor, created)
        self.expires: datetime = expires
        self.auth_info: str = auth_info
        self.registrant: str = ""
        self.contacts: List[Tuple[str, str]] = []
        """Pairs of type (admin, billing, tech) and contact id."""
        self.ns: List[str] = []
        self.hosts: Set[str] = set()
        """Names of the hosts below this domain."""
        self.secure_data: List[str] = []
        """Children of secDNS:infData, as XML."""
        self.transfer: Optional[Transfer] = None


class Address(NamedTuple):
    """A postal address of RFC 5733."""

    street: Tuple[str, ...]
    city: str
    province: str
    postal_code: str
    country: str


class PostalInfo(NamedTuple):
    """Name and address in one of the two forms, ``int`` or ``loc``."""

    name: str
    organization: str
    address: Address


class Phone(NamedTuple):
    """A telephone number and its extension, either may be empty."""

    number: str
    extension: str


class Contact(RegistryObject):
    """A contact; ``links`` are the names of the domains that use it."""

    __slots__ = (
        "auth_info",
        "disclose",
        "email",
        "fax",
        "links",
        "postal",
        "voice",
    )

    def __init__(
        self, name: str, roid: str, sponsor: str, created: datetime, auth_info: str
    ) -> None:
        super().__init__(name, roid, sponsor, created)
        self.auth_info: str = auth_info
        self.postal: Dict[str, PostalInfo] = {}
        self.voice: Optional[Phone] = None
        self.fax: Optional[Phone] = None
        self.email: str = ""
        self.disclose: Optional[Tuple[str, Tuple[Tuple[str, str], ...]]] = None
        """The flag, and pairs of element name and type (or '')."""
        self.links: Set[str] = set()


class Host(RegistryObject):
    """A host; ``links`` are the names of the domains that delegate to it."""

    __slots__ = ("addresses", "links", "superordinate")

    def __init__(self, name: str, roid: str, sponsor: str, created: datetime) -> None:
        super().__init__(name, roid, sponsor, created)
        self.addresses: List[Tuple[str, str]] = []
        """Pairs of ``v4`` or ``v6`` and address."""
        self.superordinate: Optional[str] = None
        self.links: Set[str] = set()


def add_months(moment: datetime, months: int) -> datetime:
    """*moment* that many months later; the last of a month stays one."""
    total = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(total, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
