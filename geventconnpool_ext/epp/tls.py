"""The TLS settings of EPP connections (RFC 5734 section 9).

One context serves any number of connections. Building one parses the whole CA
bundle, tens of milliseconds during which no greenlet runs, so build it once.
"""

from __future__ import annotations

import ssl as _ssl
from typing import TYPE_CHECKING, Any, Optional, Union

from gevent import ssl

if TYPE_CHECKING:
    from os import PathLike

    Path = Union[str, "PathLike[str]"]

__all__ = ["check_context", "is_eof", "is_untrusted", "require_tls_1_2", "ssl_context"]


def ssl_context(
    *,
    ca_file: Optional[Path] = None,
    ca_data: Union[str, bytes, None] = None,
    cert_file: Optional[Path] = None,
    key_file: Optional[Path] = None,
    key_password: Optional[str] = None,
    verify: bool = True,
) -> Any:
    """Return a new ``gevent.ssl.SSLContext`` for a client, TLS 1.2 or newer.

    *ca_file* or *ca_data* (PEM as str, DER as bytes) is what the server's
    certificate must lead to; without either, the system's trust store.
    *cert_file* and *key_file* (default: also in cert_file) are the client's
    certificate, *key_password* opens the key. ``verify=False`` accepts any
    server: for tests only. Raises ValueError naming the argument and the path.
    """
    if not isinstance(verify, bool):
        raise TypeError(f"verify must be True or False, not {verify!r}")
    _check_readable("ca_file", ca_file)
    _check_readable("cert_file", cert_file)
    _check_readable("key_file", key_file)
    if cert_file is None and (key_file is not None or key_password is not None):
        raise ValueError("key_file and key_password need cert_file, the certificate")
    # gevent.ssl.create_default_context() would return the standard library's
    # context, whose handshake blocks every greenlet.
    context: Any = ssl.SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
    require_tls_1_2(context)
    if not verify:
        context.check_hostname = False
        context.verify_mode = _ssl.CERT_NONE
    if ca_file is None and ca_data is None:
        if verify:
            context.load_default_certs(_ssl.Purpose.SERVER_AUTH)
    else:
        problem = _attempt(
            lambda: context.load_verify_locations(cafile=ca_file, cadata=ca_data)
        )
        if problem:
            which = "ca_data" if ca_file is None else f"ca_file: {ca_file!r}"
            raise ValueError(f"{which} holds no usable CA certificate ({problem})")
    if cert_file is not None:
        # Without a password OpenSSL would ask for one on the terminal.
        password = key_password or ""
        problem = _attempt(
            lambda: context.load_cert_chain(cert_file, key_file, lambda: password)
        )
        if problem:
            raise ValueError(
                f"cert_file {cert_file!r} with key_file {key_file or cert_file!r} is "
                f"not usable ({problem}): they must be PEM and belong together, and "
                f"key_password must open the key"
            )
    return context


def check_context(context: Any) -> Any:
    """Return *context* if a handshake under it lets other greenlets run."""
    if not isinstance(context, _ssl.SSLContext):
        raise TypeError(
            f"context must be an SSL context, not {type(context).__name__}; "
            f"ssl_context() makes one"
        )
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(
            "context must be a gevent.ssl.SSLContext: the standard library's would "
            "block every greenlet; ssl_context() makes one"
        )
    return context


def require_tls_1_2(context: Any) -> None:
    """Let *context* speak TLS 1.2 or newer only."""
    if hasattr(_ssl, "TLSVersion"):
        context.minimum_version = _ssl.TLSVersion.TLSv1_2
    else:  # Python 3.6
        context.options |= _ssl.OP_NO_TLSv1 | _ssl.OP_NO_TLSv1_1


def is_untrusted(error: Exception) -> bool:
    """Whether *error* says that the peer's certificate is not accepted."""
    # One class since Python 3.7; before that the name was checked apart.
    return (
        isinstance(error, _ssl.CertificateError)
        or getattr(error, "reason", None) == "CERTIFICATE_VERIFY_FAILED"
    )


def is_eof(error: _ssl.SSLError) -> bool:
    """Whether *error* says that the peer closed without a close_notify.

    An end of file as any other; OpenSSL 3 calls it an error of its own, which a
    Python or a gevent from before OpenSSL 3 passes on.
    """
    return "unexpected eof" in str(error).lower()


def _check_readable(argument: str, path: Optional[Path]) -> None:
    if path is None:
        return
    try:
        with open(path, "rb"):
            return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
    raise ValueError(f"{argument}: cannot read {str(path)!r}: {reason}")


def _attempt(load: Any) -> Optional[str]:
    """Return what went wrong with *load*, or None."""
    try:
        load()
    except _ssl.SSLError as error:
        return str(error.reason or "unreadable")
    except (OSError, ValueError, TypeError) as error:
        return type(error).__name__
    return None
