"""epplib with the XML namespaces of the RFCs, instead of one registry's own.

epplib copies its namespaces while it is imported, so they are set before that:
this module imports nothing of epplib until it is asked to.
"""

from __future__ import annotations

import sys

from . import xml
from .answers import PREFIXES

__all__ = ["INSTALL", "use_ietf_namespaces"]

INSTALL = (
    "geventconnpool_ext.epp.epplib needs epplib, which is not on PyPI: "
    "pip install git+https://github.com/cisagov/epplib"
)
"""What to tell where it is missing."""

_NAMESPACES = {
    "NIC_DOMAIN": xml.DOMAIN,
    "NIC_CONTACT": xml.CONTACT,
    "NIC_HOST": xml.HOST,
    "SEC_DNS": PREFIXES["secDNS"],
}


def use_ietf_namespaces() -> None:
    """Have epplib write and read domains, contacts, hosts and DNSSEC as RFC 5731 to
    5733 and 5910 say.

    Call it before anything of epplib, or of ``geventconnpool_ext.epp.epplib``, is
    imported; again does no harm. Raises RuntimeError if epplib is imported with
    others already, ImportError if it is not installed.
    """
    try:
        from epplib import constants  # pyright: ignore[reportAttributeAccessIssue]
    except ImportError as missing:
        raise ImportError(INSTALL) from missing
    if all(getattr(constants.NAMESPACE, n) == uri for n, uri in _NAMESPACES.items()):
        return
    imported = sorted(
        name
        for name in sys.modules
        if name.startswith("epplib.") and name != "epplib.constants"
    )
    if imported:
        raise RuntimeError(
            "use_ietf_namespaces() must be called before {} is imported: epplib has "
            "copied its namespaces already".format(imported[0])
        )
    for name, uri in _NAMESPACES.items():
        setattr(constants.NAMESPACE, name, uri)
        setattr(
            constants.SCHEMA_LOCATION, name, "{} {}.xsd".format(uri, uri.split(":")[-1])
        )
