"""A certificate: whose it is, for whom, and for how long.

The extra ``cli`` brings cryptography, which reads any certificate. Without it only
one that a TLS connection has verified is known, by what Python's ssl says of it.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import re
import ssl
import time
import warnings
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

__all__ = [
    "Certificate",
    "can_read",
    "day",
    "first",
    "from_der",
    "from_pem",
    "from_verified",
]

_DAY = 86400
_PEM = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
}


class Certificate(NamedTuple):
    """What matters of one; times are seconds since 1970."""

    subject: str
    issuer: str
    names: Sequence[str]
    """The host names and addresses it is for."""
    begins: float
    ends: float

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative when it has."""
        return int((self.ends - time.time()) // _DAY)

    @property
    def until(self) -> str:
        """When it ends, and how many whole days that is away."""
        left = self.ends - time.time()
        end = day(self.ends)
        if left < 0:
            return "expired on {}, {} ago".format(end, _days(-left))
        return "until {}, {} left".format(end, _days(left))


def can_read() -> bool:
    """Whether certificates that nobody has verified can be read here."""
    return importlib.util.find_spec("cryptography") is not None


def from_verified(decoded: Dict[str, Any]) -> Certificate:
    """What ``getpeercert()`` returned of a verified peer."""
    return Certificate(
        _name(decoded.get("subject", ())),
        _name(decoded.get("issuer", ())),
        [
            _host(kind, name)
            for kind, name in decoded.get("subjectAltName", ())
            if kind in ("DNS", "IP Address")
        ],
        ssl.cert_time_to_seconds(decoded["notBefore"]),
        ssl.cert_time_to_seconds(decoded["notAfter"]),
    )


def from_der(der: bytes) -> Optional[Certificate]:
    """The certificate in *der*; None where it cannot be read."""
    with warnings.catch_warnings():
        # That an old Python will be dropped, and certificates that break a rule.
        warnings.simplefilter("ignore")
        try:
            return _decoded(der)
        except Exception:
            # cryptography is missing or old, or has one of its own errors for what
            # breaks a rule; those have no base class in common.
            return None


def from_pem(content: bytes) -> List[Certificate]:
    """The certificates in *content* that can be read, in their order."""
    read = []
    for found in _PEM.finditer(content):
        try:
            der = ssl.PEM_cert_to_DER_cert(found.group().decode("ascii"))
        except ValueError:
            continue
        read.append(from_der(der))
    return [certificate for certificate in read if certificate is not None]


def first(path: str) -> Optional[Certificate]:
    """The first certificate in the PEM file *path*, which can be read; or None."""
    with open(path, "rb") as file:
        return next(iter(from_pem(file.read())), None)


def _decoded(der: bytes) -> Certificate:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    try:
        alternative = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        names = [
            str(name.value)
            for name in alternative
            if isinstance(name, (x509.DNSName, x509.IPAddress))
        ]
    except x509.ExtensionNotFound:
        names = []
    return Certificate(
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        names,
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
    )


def _name(distinguished: Sequence[Any]) -> str:
    # The other way round, as RFC 4514 writes names.
    return ",".join(
        "{}={}".format(_SHORT.get(key, key), value)
        for part in reversed(distinguished)
        for key, value in part
    )


def _host(kind: str, name: str) -> str:
    """*name* as others write it: OpenSSL writes IPv6 addresses out."""
    try:
        return str(ipaddress.ip_address(name)) if kind == "IP Address" else name
    except ValueError:
        return name


def day(seconds: float) -> str:
    """*seconds* since 1970, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _days(seconds: float) -> str:
    number = int(seconds // _DAY)
    if not number:
        return "less than a day"
    return "{} day{}".format(number, "" if number == 1 else "s")
