"""The TLS settings of EPP connections (RFC 5734 section 9).

One context serves any number of connections. Building one parses the whole CA
bundle, tens of milliseconds during which no greenlet runs, so build it once.
"""

from __future__ import annotations

import os
import shutil
import ssl as _ssl
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, Optional, Union

from gevent import ssl

from .paths import holds_pem, shown_path
from .resumption import ResumingContext

if TYPE_CHECKING:
    from os import PathLike

    Path = Union[str, "PathLike[str]"]

__all__ = ["check_context", "is_eof", "is_untrusted", "require_tls_1_2", "ssl_context"]


def ssl_context(
    *,
    ca_file: Optional[Path] = None,
    ca_data: Union[str, bytes, None] = None,
    cert_file: Optional[Path] = None,
    cert_data: Optional[bytes] = None,
    key_file: Optional[Path] = None,
    key_data: Optional[bytes] = None,
    key_password: Optional[str] = None,
    verify: bool = True,
) -> Any:
    """Return a new ``gevent.ssl.SSLContext`` for a client, TLS 1.2 or newer.

    *ca_file* or *ca_data* (PEM as str, DER as bytes) is what the server's
    certificate must lead to; without either, the system's trust store.
    *cert_file* or *cert_data* (PEM as bytes) is the client's certificate, with
    those between it and the authority; *key_file* or *key_data* (PEM as bytes)
    its key (default: in the same place), and *key_password* opens it. What is
    given as data is not left on a disk. ``verify=False`` accepts any server:
    for tests only. Later connections under one context resume the TLS session of
    the first, for ten minutes at most (see ``resumption``). Raises TypeError or
    ValueError naming the argument and, for files, the path; OSError where data can
    be kept neither in memory nor in a temporary file.
    """
    if not isinstance(verify, bool):
        raise TypeError(f"verify must be True or False, not {verify!r}")
    for argument, data in (("cert_data", cert_data), ("key_data", key_data)):
        if data is not None and not isinstance(data, bytes):
            raise TypeError(
                f"{argument} must be PEM as bytes, not {type(data).__name__}"
            )
    if key_password is not None and not isinstance(key_password, str):
        raise TypeError(
            f"key_password must be a str, not {type(key_password).__name__}"
        )
    if cert_file is not None and cert_data is not None:
        raise ValueError("cert_file and cert_data are both given: give one")
    if key_file is not None and key_data is not None:
        raise ValueError("key_file and key_data are both given: give one")
    _check_readable("ca_file", ca_file)
    _check_readable("cert_file", cert_file)
    _check_readable("key_file", key_file)
    with_certificate = cert_file is not None or cert_data is not None
    if not with_certificate:
        for argument, given in (
            ("key_file", key_file),
            ("key_data", key_data),
            ("key_password", key_password),
        ):
            if given is not None:
                raise ValueError(
                    f"{argument}: a key and its password need cert_file or cert_data, "
                    f"the certificate"
                )
    # gevent.ssl.create_default_context() would return the standard library's
    # context, whose handshake blocks every greenlet.
    context: Any = ResumingContext(_ssl.PROTOCOL_TLS_CLIENT)
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
    if with_certificate:
        with _path(cert_file, cert_data) as cert, _path(key_file, key_data) as key:
            # Without a password OpenSSL would ask for one on the terminal.
            password = key_password or ""
            problem = _attempt(
                lambda: context.load_cert_chain(cert, key, lambda: password)
            )
        if problem:
            shown = "cert_data" if cert_file is None else f"cert_file {cert_file!r}"
            if key_data is not None:
                shown += " with key_data"
            elif key_file is not None:
                shown += f" with key_file {key_file!r}"
            else:
                shown += ", which must hold the key too,"
            raise ValueError(
                f"{shown} is not usable ({problem}): certificate and key must be PEM "
                f"and belong together, and key_password must open the key"
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
    # Not what open() takes: a number would be another's descriptor, and closed.
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"{argument} must be a path, not {type(path).__name__}")
    try:
        with open(path, "rb"):
            return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
    if holds_pem(path):
        as_data = argument.replace("_file", "_data")
        raise ValueError(f"{argument} holds PEM text, not a path: use {as_data}")
    raise ValueError(f"{argument}: cannot read {shown_path(path)}: {reason}")


@contextmanager
def _path(path: Optional[Path], data: Optional[bytes]) -> Iterator[Optional[Path]]:
    """Give *path*, or one that *data* can be read from while the block lasts.

    OpenSSL reads a certificate and its key from paths only.
    """
    if data is None:
        yield path
        return
    descriptor = _memory()
    if descriptor is None:
        # A directory of its own: nobody else can look into it, or put a link
        # where the file is to be.
        directory = tempfile.mkdtemp(prefix="private-")
        try:
            name = os.path.join(directory, "data.pem")
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
            yield name
        finally:
            shutil.rmtree(directory)
    else:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            yield _in_memory(descriptor)


def _memory() -> Optional[int]:
    """Return the descriptor of a file that is in memory only, if there can be one."""
    # Linux has it, from Python 3.8 on; a sandbox may forbid it.
    create: Any = getattr(os, "memfd_create", None)
    try:
        descriptor: int = create("pem")
    except (OSError, TypeError):
        return None
    if os.path.exists(_in_memory(descriptor)):
        return descriptor
    os.close(descriptor)
    return None


def _in_memory(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _attempt(load: Any) -> Optional[str]:
    """Return what went wrong with *load*, or None."""
    try:
        load()
    except _ssl.SSLError as error:
        return str(error.reason or "unreadable")
    except (OSError, ValueError, TypeError) as error:
        return type(error).__name__
    return None
