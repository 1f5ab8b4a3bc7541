"""Certificates: an authority of the moment, with a server's and a client's.

Made by trustme in memory and written to a private temporary directory, since
TLS libraries want files. They are worth nothing outside of tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from typing import TYPE_CHECKING, Tuple

from gevent import ssl

from ..epp.tls import require_tls_1_2

if TYPE_CHECKING:
    from trustme import CA

__all__ = ["Certificates"]


def _authority() -> CA:
    try:
        with warnings.catch_warnings():
            # cryptography announces that it will drop an old Python: true, and
            # no business of a test that turns warnings into errors.
            warnings.filterwarnings("ignore", r"Python 3\.\d+ is no longer supported")
            import trustme
    except ImportError as missing:
        raise ImportError(
            "a registry to test against needs trustme to make its certificates: "
            'pip install "geventconnpool_ext[testing]"'
        ) from missing
    return trustme.CA()


class Certificates:
    """A certificate authority, a server certificate and a client certificate.

    Arguments: *names* are the host names and addresses the server certificate
    is for. The files live until ``close()``, or until nobody holds the object.
    """

    def __init__(self, *names: str) -> None:
        self.names: Tuple[str, ...] = names or ("localhost", "127.0.0.1", "::1")
        self._ca = _authority()
        self._server = self._ca.issue_cert(*self.names)
        client = self._ca.issue_cert("client.test", common_name="client")
        self.directory: str = tempfile.mkdtemp(prefix="registry-certificates-")
        self._finalizer = weakref.finalize(
            self, shutil.rmtree, self.directory, ignore_errors=True
        )
        self.ca_pem: bytes = self._ca.cert_pem.bytes()
        """The authority's certificate: what a client is to trust."""
        self.ca_file: str = self._write("authority.pem", self.ca_pem)
        self.client_certificate_file: str = self._write(
            "client.pem", b"".join(blob.bytes() for blob in client.cert_chain_pems)
        )
        """A certificate that the server accepts, signed by the same authority."""
        self.client_key_file: str = self._write(
            "client-key.pem", client.private_key_pem.bytes()
        )

    def __repr__(self) -> str:
        return "<Certificates for {}>".format(", ".join(self.names))

    def _write(self, name: str, content: bytes) -> str:
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def server_context(self, require_client_certificate: bool) -> ssl.SSLContext:
        """A context for the server's side, TLS 1.2 or newer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        require_tls_1_2(context)
        self._server.configure_cert(context)
        if require_client_certificate:
            self._ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def close(self) -> None:
        """Remove the files."""
        self._finalizer()
