"""The steps of ``ping``, one after another, until one fails.

Each is what a pool does, with the client that a pool uses; only that the steps of a
connect are told apart, and that each address is tried by itself.
"""

from __future__ import annotations

import statistics
import time
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    List,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
)

from gevent import socket

from ..epp import CertificateError, Client, EPPError, Greeting, Login, Logout
from ..epp.deadline import Deadline
from ..epp.dial import dial
from ..epp.tls import ssl_context
from . import certificate, described, troubles
from .finding import NOTE, OK, PROBLEM, Finding
from .page import duration
from .watched import Watched

if TYPE_CHECKING:
    from .findings import Findings
    from .target import Target

__all__ = ["Asking"]


class _Stop(Exception):
    """A step failed, and was reported."""


class Asking:
    """Ask *target* step by step, and report to *findings*."""

    def __init__(self, target: Target, findings: Findings) -> None:
        self._target = target
        self._findings = findings
        self._client: Optional[Client] = None

    def ask(self, login: Optional[Callable[[Greeting], Login]], hellos: int) -> None:
        """Ask; with *login*, which makes the request, log in and out too."""
        try:
            greeting = self._greet(self._addresses())
            if login is not None:
                self._log_in(login, greeting)
                self._say_hello(hellos)
                self._log_out()
        except _Stop:
            pass

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client is not None:
            self._client.close()

    def _addresses(self) -> List[str]:
        target = self._target
        began = time.monotonic()
        try:
            with Deadline(target.timeout, "no answer came"):
                found = socket.getaddrinfo(
                    target.host, target.port, 0, socket.SOCK_STREAM, socket.IPPROTO_TCP
                )
        except OSError as error:
            self._fail("DNS", troubles.of_name(target.host, error), _since(began))
        took = _since(began)
        # Each once, in the order in which the system prefers them.
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if addresses == [target.host]:
            self._report(Finding("DNS", OK, "{} is an address".format(target.host)))
        else:
            self._report(Finding("DNS", OK, ", ".join(addresses)), took)
        self._findings.keep(addresses=addresses)
        return addresses

    def _greet(self, addresses: List[str]) -> Greeting:
        """Connect to the first address that takes a connection; return its greeting."""
        refused: List[str] = []
        for address in addresses:
            context = self._target.context()
            self._client = client = self._target.client(address, context)
            watched = Watched(context)
            greeting = error = None
            try:
                greeting = client.connect()
            except (EPPError, OSError, ValueError) as problem:
                error = problem
            step = watched.step
            watched.next("")
            cause: Any = error.__cause__ or error if error is not None else None
            if step == "TCP":
                trouble = troubles.of_connection(cause)
                if len(refused) + 1 < len(addresses):
                    refused.append("{}: {}".format(address, trouble.what))
                    continue
                where = "{}, port {}: ".format(address, self._target.port)
                trouble = trouble._replace(what=where + trouble.what)
                self._fail("TCP", trouble, watched.took["TCP"], refused)
            what = "connected to {}, port {}".format(address, self._target.port)
            level = NOTE if refused else OK
            why = "Each new session tries the addresses before it first."
            tcp = Finding("TCP", level, what, why if refused else "", "", refused)
            self._report(tcp, watched.took["TCP"])
            if isinstance(error, CertificateError):
                self._fail_trust(address, cause)
            if step == "TLS":
                self._fail("TLS", troubles.of_handshake(cause), watched.took["TLS"])
            self._report_tls(watched)
            if greeting is None:
                trouble = troubles.of_greeting(cause)
                self._fail("greeting", trouble, watched.took["greeting"])
            assert greeting is not None
            self._report(described.greeted(greeting), watched.took["greeting"])
            self._findings.keep(greeting=described.greeting_facts(greeting))
            return greeting
        raise AssertionError("getaddrinfo returned no address")

    def _report_tls(self, watched: Watched) -> None:
        target = self._target
        tls = {"version": watched.tls_version, "cipher": watched.cipher}
        what = "{version}, {cipher}".format(**tls)
        self._report(Finding("TLS", OK, what), watched.took["TLS"])
        self._findings.keep(tls=tls)
        if watched.verified is None:
            shown = certificate.from_der(watched.der or b"")
            self._report(described.unverified(shown))
        else:
            shown = certificate.from_verified(watched.verified)
            self._report(
                described.verified(shown, target.server_name, target.warn_days)
            )
        self._findings.keep(certificate=shown and described.facts(shown))
        own = None if target.cert_file is None else certificate.first(target.cert_file)
        if own is not None:
            self._report(described.own(own, target.warn_days))
            self._findings.keep(own_certificate=described.facts(own))

    def _fail_trust(self, address: str, cause: Any) -> NoReturn:
        """The certificate is not accepted: report why, and whose it is."""
        tls, shown = self._look(address)
        trouble = troubles.of_trust(cause, self._target.server_name)
        details: Sequence[str] = ()
        if shown is not None:
            self._findings.keep(certificate=described.facts(shown))
            judged = described.judged(shown, 0)
            details = [*judged.details, judged.what]
            if getattr(cause, "verify_code", 0) in (9, 10) and judged.level == PROBLEM:
                # Not valid yet, or no more: the dates say it better.
                trouble = troubles.Trouble(judged.what, judged.why, judged.action)
                details = judged.details
        self._report(Finding("TLS", OK, tls))
        self._fail("certificate", trouble, None, details)

    def _look(self, address: str) -> Tuple[str, Optional[certificate.Certificate]]:
        """Connect once more, trusting anybody, to see whose certificate it is.

        Nothing is sent over that connection. The certificate is None if it cannot be
        read.
        """
        context = ssl_context(verify=False)
        try:
            with Deadline(self._target.timeout, "no certificate came"):
                sock = dial(address, self._target.port)
                try:
                    # Not in wrap_socket(), which would keep the descriptor to itself
                    # when the time is over.
                    sock = context.wrap_socket(
                        sock,
                        server_hostname=self._target.server_name,
                        do_handshake_on_connect=False,
                    )
                    sock.do_handshake()
                    der = sock.getpeercert(True)
                    tls = "{}, {}".format(sock.version(), sock.cipher()[0])
                finally:
                    sock.close()
        except (OSError, ValueError):
            return "works as far as the certificate", None
        return tls, certificate.from_der(der or b"")

    def _log_in(self, login: Callable[[Greeting], Login], greeting: Greeting) -> None:
        try:
            request = login(greeting)
        except ValueError as error:
            trouble = troubles.of_exchange(error)
            self._fail("login", trouble, None)
        answer, took = self._exchange("login", lambda client: client.send(request))
        if answer.code != 1000:
            self._fail("login", troubles.of_answer(answer.code, answer.msg), took)
        self._report(
            Finding("login", OK, "accepted: {} {}".format(answer.code, answer.msg)),
            took,
        )

    def _say_hello(self, times: int) -> None:
        took = [
            self._exchange("hello", lambda client: client.hello())[1]
            for _ in range(times)
        ]
        if not took:
            return
        least, middle, most = min(took), statistics.median(took), max(took)
        what = "{} round trips: min {}, median {}, max {}".format(
            times, *map(duration, (least, middle, most))
        )
        self._report(Finding("hello", OK, what))
        self._findings.keep(
            hello_ms={
                "count": times,
                "min": round(1000 * least, 3),
                "median": round(1000 * middle, 3),
                "max": round(1000 * most, 3),
            }
        )

    def _log_out(self) -> None:
        answer, took = self._exchange("logout", lambda client: client.send(Logout()))
        what = "{} {}".format(answer.code, answer.msg)
        if answer.code != 1500:
            trouble = troubles.Trouble(
                "answered by {}, not by 1500".format(what),
                "The session may count until the registry's idle limit has passed.",
                "Tell the registry.",
            )
            self._fail("logout", trouble, took)
        self._report(Finding("logout", OK, "accepted: " + what), took)

    def _exchange(self, step: str, act: Callable[[Client], Any]) -> Tuple[Any, float]:
        """What *act* returned, and the seconds it took."""
        assert self._client is not None
        began = time.monotonic()
        try:
            result = act(self._client)
        except (EPPError, OSError) as error:
            self._fail(step, troubles.of_exchange(error), _since(began))
        return result, _since(began)

    def _report(self, finding: Finding, took: Optional[float] = None) -> None:
        self._findings.add(finding, took)

    def _fail(
        self,
        step: str,
        trouble: troubles.Trouble,
        took: Optional[float],
        details: Any = (),
    ) -> NoReturn:
        what, why, action = trouble
        self._report(Finding(step, PROBLEM, what, why, action, details), took)
        self._findings.stop(step)
        raise _Stop


def _since(began: float) -> float:
    return time.monotonic() - began
