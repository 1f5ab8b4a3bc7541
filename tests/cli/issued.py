"""Certificates with any dates and names, made as an authority makes them."""

from __future__ import annotations

import ipaddress
import warnings
from datetime import datetime, timedelta, timezone

with warnings.catch_warnings():
    # That cryptography will drop an old Python is no business of these tests.
    warnings.simplefilter("ignore")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

from gevent import ssl


class Issued:
    """A certificate, valid from and until days from now, with its key.

    Signed by *issuer*, another one with ``authority=True``; or else by itself.
    """

    def __init__(
        self,
        name,
        *,
        issuer=None,
        begins=-1,
        ends=365,
        authority=False,
        names=None,
        extensions=(),
    ):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name if issuer is None else issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=begins))
            .not_valid_after(now + timedelta(days=ends, hours=1))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
        )
        if not authority:
            alternative = [_general(n) for n in (names or [name])]
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternative), critical=False
            )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        signer = self.key if issuer is None else issuer.key
        self.certificate = builder.sign(signer, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, path, password=None):
        """Write the certificate and its key to one file; return its name.

        *password* is to open the key.
        """
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()
            if password is None
            else serialization.BestAvailableEncryption(password.encode()),
        )
        path.write_bytes(self.pem + key)
        return str(path)

    def context(self, path):
        """A context for a server that shows it; *path* is where it is kept."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.write(path))
        return context


def _general(name):
    if isinstance(name, x509.GeneralName):
        return name
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
