"""What ``ping`` found, written line by line or collected for one JSON object."""

from __future__ import annotations

import json
import ssl
import statistics
import time
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence, TextIO

if TYPE_CHECKING:
    from ..epp import Greeting

__all__ = ["Findings"]

_DAY = 86400
_LABEL = 14


class Findings:
    """Each method takes what one step found; times are seconds.

    *as_text* writes it to *out* at once; else ``finish`` writes it all as JSON.
    """

    def __init__(self, out: TextIO, as_text: bool) -> None:
        self._out = out
        self._as_text = as_text
        self._found: Dict[str, Any] = {}

    def connected(self, host: str, port: int, sock: Any, took: float) -> None:
        """The connection, its TLS and the server's certificate."""
        cipher = sock.cipher()
        self._note("connected", "{}:{} in {}".format(host, port, _ms(took)))
        self._note("TLS", "{}, {}".format(sock.version(), cipher[0]))
        self._keep("host", host)
        self._keep("port", port)
        self._keep("connect_ms", _number(took))
        self._keep("tls", {"version": sock.version(), "cipher": cipher[0]})
        self._certificate(sock.getpeercert())

    def _certificate(self, certificate: Optional[Dict[str, Any]]) -> None:
        if not certificate:
            # Python decodes only what it verified.
            self._note("certificate", "not verified, so not shown (--insecure)")
            self._keep("certificate", None)
            return
        subject = _name(certificate.get("subject", ()))
        issuer = _name(certificate.get("issuer", ()))
        names = [name for _, name in certificate.get("subjectAltName", ())]
        until = str(certificate["notAfter"])
        days = int((ssl.cert_time_to_seconds(until) - time.time()) // _DAY)
        self._note("certificate", *(subject or ("no subject",)))
        self._note("  issued by", *issuer)
        self._note("  good for", *names)
        self._note("  expires", "{}, {} days left".format(until, days))
        self._keep(
            "certificate",
            {
                "subject": subject,
                "issuer": issuer,
                "names": names,
                "expires": until,
                "days_left": days,
            },
        )

    def greeted(self, greeting: Greeting) -> None:
        """The registry's first words."""
        self._note("greeting", greeting.server_id)
        self._note("  its clock", greeting.server_date)
        self._note("  versions", ", ".join(greeting.versions))
        self._note("  languages", ", ".join(greeting.languages))
        self._note("  services", *greeting.obj_uris)
        self._note("  extensions", *(greeting.ext_uris or ("none",)))
        self._keep(
            "greeting",
            {
                "server_id": greeting.server_id,
                "server_date": greeting.server_date,
                "versions": greeting.versions,
                "languages": greeting.languages,
                "services": greeting.obj_uris,
                "extensions": greeting.ext_uris,
            },
        )

    def logged_in(self, client_id: str, took: float) -> None:
        """The login was accepted."""
        self._note("login", "{} in {}".format(client_id, _ms(took)))
        self._keep("login_ms", _number(took))

    def greeted_again(self, took: Sequence[float]) -> None:
        """The answers to hello."""
        least, middle, most = min(took), statistics.median(took), max(took)
        self._note(
            "hello",
            "{} times: min {}, median {}, max {}".format(
                len(took), _ms(least), _ms(middle), _ms(most)
            ),
        )
        self._keep(
            "hello_ms",
            {
                "count": len(took),
                "min": _number(least),
                "median": _number(middle),
                "max": _number(most),
            },
        )

    def logged_out(self, took: float) -> None:
        """The logout was accepted."""
        self._note("logout", "in {}".format(_ms(took)))
        self._keep("logout_ms", _number(took))

    def finish(self) -> None:
        """Write what was collected."""
        if not self._as_text:
            print(json.dumps(self._found, indent=2), file=self._out)

    def _note(self, label: str, *values: str) -> None:
        if not self._as_text:
            return
        for value in values:
            line = "{:{}}{}".format(label, _LABEL, _printable(value))
            print(line.rstrip(), file=self._out, flush=True)
            label = ""

    def _keep(self, key: str, value: Any) -> None:
        self._found[key] = value


def _printable(text: str) -> str:
    """*text*, which a stranger sent, without what could steer a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _name(distinguished: Sequence[Any]) -> Sequence[str]:
    return ["{}={}".format(*pair) for part in distinguished for pair in part]


def _number(seconds: float) -> float:
    return round(1000 * seconds, 3)


def _ms(seconds: float) -> str:
    return "{:.1f} ms".format(1000 * seconds)
