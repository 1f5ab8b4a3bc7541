"""epplib's commands as these tests use them, about the objects of ``registry``."""

from __future__ import annotations

from epplib import commands, models

from ..epp_pool.conftest import PASSWORD

OBJECTS = [
    "urn:ietf:params:xml:ns:domain-1.0",
    "urn:ietf:params:xml:ns:contact-1.0",
    "urn:ietf:params:xml:ns:host-1.0",
]
EXTENSIONS = ["urn:ietf:params:xml:ns:secDNS-1.1"]


def login(password=PASSWORD):
    """Log in to the account of these tests."""
    return commands.Login("client", password, OBJECTS, ext_uris=EXTENSIONS)


def check(*names):
    """Ask whether domains are available."""
    return commands.CheckDomain(list(names) or ["own.example"])


def info(name="own.example", auth_info=None):
    """Ask what a domain is like."""
    secret = None if auth_info is None else models.DomainAuthInfo(auth_info)
    return commands.InfoDomain(name, auth_info=secret)


def create(name="new.example", auth_info="newSecret1"):
    """Register a domain."""
    return commands.CreateDomain(name, None, auth_info=models.DomainAuthInfo(auth_info))
