"""One request of each class that epplib has, and what it is to be taken for."""

from __future__ import annotations

import datetime

from epplib import commands, models
from epplib.commands import command_extensions as extensions
from epplib.models.create import CreatePostalInfo

from geventconnpool_ext.epp.requests import RequestKind

from .commands import OBJECTS

ADDRESS = models.ContactAddr(["1 Long Road"], "Springfield", "12345", "US")
POSTAL = CreatePostalInfo("A Person", ADDRESS, type="int")
DS_DATA = models.DSData(12345, 13, 2, "AB" * 32)
KEY_DATA = models.DNSSECKeyData(257, 3, 13, "QUJD")
DNSKEY = models.Dnskey(257, 3, 13, "QUJD")
SERVER = models.Ns("ns1.example", ["192.0.2.1"])
DOMAIN_AUTH = models.DomainAuthInfo("newSecret1")
CONTACT_AUTH = models.ContactAuthInfo("newSecret1")
EXPIRES = datetime.date(2030, 1, 31)

FRED = RequestKind("other", None, "fred")


def kind(verb, object_type=None, op=None, auth=False):
    return RequestKind(verb, op, object_type, auth)


SAFE = {
    "Hello": (commands.Hello(), kind("hello")),
    "CheckDomain": (commands.CheckDomain(["a.example"]), kind("check", "domain")),
    "CheckContact": (commands.CheckContact(["abc"]), kind("check", "contact")),
    "CheckHost": (commands.CheckHost(["ns1.example"]), kind("check", "host")),
    "CheckKeyset": (commands.CheckKeyset(["abc"]), kind("check", "keyset")),
    "CheckNsset": (commands.CheckNsset(["abc"]), kind("check", "nsset")),
    "InfoDomain": (
        commands.InfoDomain("a.example", DOMAIN_AUTH),
        kind("info", "domain", auth=True),
    ),
    "InfoContact": (commands.InfoContact("abc"), kind("info", "contact")),
    "InfoHost": (commands.InfoHost("ns1.example"), kind("info", "host")),
    "InfoKeyset": (
        commands.InfoKeyset("abc", "newSecret1"),
        kind("info", "keyset", auth=True),
    ),
    "InfoNsset": (commands.InfoNsset("abc"), kind("info", "nsset")),
}
"""What changes nothing."""

UNSAFE = {
    "Login": (commands.Login("client", "password2", OBJECTS), kind("login")),
    "Logout": (commands.Logout(), kind("logout")),
    "CreateDomain": (
        commands.CreateDomain(
            "a.example",
            "abc",
            models.Period(2, models.Unit.YEAR),
            auth_info=DOMAIN_AUTH,
        ),
        kind("create", "domain", auth=True),
    ),
    "CreateContact": (
        commands.CreateContact("abc", POSTAL, "a@a.example", auth_info=CONTACT_AUTH),
        kind("create", "contact", auth=True),
    ),
    "CreateHost": (
        commands.CreateHost("ns1.example", [models.Ip("192.0.2.1")]),
        kind("create", "host"),
    ),
    "CreateKeyset": (
        commands.CreateKeyset("abc", [DNSKEY], ["abc"]),
        kind("create", "keyset"),
    ),
    "CreateNsset": (
        commands.CreateNsset("abc", [SERVER], ["abc"]),
        kind("create", "nsset"),
    ),
    "DeleteDomain": (commands.DeleteDomain("a.example"), kind("delete", "domain")),
    "DeleteContact": (commands.DeleteContact("abc"), kind("delete", "contact")),
    "DeleteHost": (commands.DeleteHost("ns1.example"), kind("delete", "host")),
    "DeleteKeyset": (commands.DeleteKeyset("abc"), kind("delete", "keyset")),
    "DeleteNsset": (commands.DeleteNsset("abc"), kind("delete", "nsset")),
    "RenewDomain": (
        commands.RenewDomain("a.example", EXPIRES),
        kind("renew", "domain"),
    ),
    "TransferDomain": (
        commands.TransferDomain("a.example", DOMAIN_AUTH),
        kind("transfer", "domain", "request", auth=True),
    ),
    "TransferContact": (
        commands.TransferContact("abc", CONTACT_AUTH),
        kind("transfer", "contact", "request", auth=True),
    ),
    "TransferKeyset": (
        commands.TransferKeyset("abc", "newSecret1"),
        kind("transfer", "keyset", "request", auth=True),
    ),
    "TransferNsset": (
        commands.TransferNsset("abc", "newSecret1"),
        kind("transfer", "nsset", "request", auth=True),
    ),
    "UpdateDomain": (
        commands.UpdateDomain(
            "a.example",
            add=[models.HostObjSet(["ns1.example"]), models.DomainContact("a", "tech")],
            rem=[models.Status("clientHold", "")],
        ),
        kind("update", "domain"),
    ),
    "UpdateContact": (
        commands.UpdateContact("abc", email="b@a.example"),
        kind("update", "contact"),
    ),
    "UpdateHost": (
        commands.UpdateHost("ns1.example", add=[models.Ip("192.0.2.2")]),
        kind("update", "host"),
    ),
    "UpdateKeyset": (
        commands.UpdateKeyset("abc", add=[DNSKEY], auth_info="newSecret1"),
        kind("update", "keyset", auth=True),
    ),
    "UpdateNsset": (
        commands.UpdateNsset("abc", add=[SERVER]),
        kind("update", "nsset"),
    ),
    # One registry's own commands are unknown, so never repeated.
    "CreditInfoRequest": (commands.CreditInfoRequest(), FRED),
    "SendAuthInfoContact": (commands.SendAuthInfoContact("abc"), FRED),
    "SendAuthInfoDomain": (commands.SendAuthInfoDomain("a.example"), FRED),
    "SendAuthInfoKeyset": (commands.SendAuthInfoKeyset("abc"), FRED),
    "SendAuthInfoNsset": (commands.SendAuthInfoNsset("abc"), FRED),
    "TestNsset": (commands.TestNsset("abc", 3, ["a.example"]), FRED),
    "ListContacts": (commands.ListContacts(), FRED),
    "ListDomains": (commands.ListDomains(), FRED),
    "ListDomainsByContact": (commands.ListDomainsByContact("abc"), FRED),
    "ListDomainsByKeyset": (commands.ListDomainsByKeyset("abc"), FRED),
    "ListDomainsByNsset": (commands.ListDomainsByNsset("abc"), FRED),
    "ListKeysets": (commands.ListKeysets(), FRED),
    "ListKeysetsByContact": (commands.ListKeysetsByContact("abc"), FRED),
    "ListNssets": (commands.ListNssets(), FRED),
    "ListNssetsByContact": (commands.ListNssetsByContact("abc"), FRED),
    "ListNssetsByNs": (commands.ListNssetsByNs("ns1.example"), FRED),
}
"""What may change something."""

NO_REQUESTS = {"Command", "Request", "ListResult"}
"""What else epplib.commands exports, its extensions aside."""

EXTENSIONS = {
    "CreateDomainDNSSECExtension": (
        "CreateDomain",
        extensions.CreateDomainDNSSECExtension(dsData=[DS_DATA]),
    ),
    "UpdateDomainDNSSECExtension": (
        "UpdateDomain",
        extensions.UpdateDomainDNSSECExtension(keyData=[KEY_DATA], remDsData=[DS_DATA]),
    ),
    "CreateContactMailingAddressExtension": (
        "CreateContact",
        extensions.CreateContactMailingAddressExtension(
            models.ExtraAddr(["1 Long Road"], "Springfield", "12345", "US")
        ),
    ),
    "UpdateContactMailingAddressExtension": (
        "UpdateContact",
        extensions.UpdateContactMailingAddressExtension(None),
    ),
    "CreateDomainEnumExtension": (
        "CreateDomain",
        extensions.CreateDomainEnumExtension(EXPIRES, True),
    ),
    "RenewDomainEnumExtension": (
        "RenewDomain",
        extensions.RenewDomainEnumExtension(EXPIRES),
    ),
    "UpdateDomainEnumExtension": (
        "UpdateDomain",
        extensions.UpdateDomainEnumExtension(EXPIRES),
    ),
}
"""Each extension of epplib's, and the command it belongs to."""
