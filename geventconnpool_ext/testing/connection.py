"""One connection to the registry, from accept to close, and the faults it suffers.

A greenlet runs it. It asks the fault plan what goes wrong, the registry what
to answer, and tells the wire.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Dict, Optional

import gevent
from gevent import socket, ssl

from ..epp.errors import FramingError
from ..epp.framing import encode
from .answers import Answer
from .faults import Fault, Injection
from .requests import parse
from .sessions import RegistrySession
from .wire import Ended, Wire

if TYPE_CHECKING:
    from .registry import Registry

__all__ = ["Connection"]

_HANDSHAKE_TIMEOUT = 30.0
_LARGEST_WAIT = 0.2
"""Seconds after which a waiting connection looks whether its limits changed."""
_HUGE = b"\x7f\xff\xff\xff"
_NOT_XML = b"\x00\xff this is not XML <<<"
_NO_ANSWER = b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><surprise/></epp>'
_BANNER = b"220 mail.test ESMTP\r\n"
_HTTP_ERROR = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"

_FORCED = {
    Fault.answer_2400: 2400,
    Fault.answer_2500: 2500,
    Fault.answer_2502: 2502,
}
_SPLITS = {
    Fault.split_length_1_3: 1,
    Fault.split_length_2_2: 2,
    Fault.split_length_3_1: 3,
}


class Connection:
    """Serves one client.

    Arguments: the *registry*, the accepted TCP socket *plain*, the TLS
    *context*.
    """

    __slots__ = ("_context", "_registry", "_wire", "session")

    def __init__(
        self, registry: Registry, plain: socket.socket, context: ssl.SSLContext
    ) -> None:
        self._registry = registry
        self._wire = Wire(plain)
        self._context = context
        self.session: Optional[RegistrySession] = None

    def run(self) -> None:
        """Serve until the connection ends, in whatever way."""
        try:
            self._serve()
        except Ended as ended:
            self.end(ended.reason, ended.manner)
        except FramingError:
            self.end("bad_frame", "close")
        finally:
            # A kill, or a mistake of ours: the client must not be left waiting.
            self.end("killed", "drop")

    def end(self, reason: str, manner: str) -> None:
        """Close the connection and end its session; the first call counts."""
        session, self.session = self.session, None
        if session is not None:
            self._registry.close_session(session, reason)
        self._wire.close(manner)

    def _serve(self) -> None:
        registry, wire = self._registry, self._wire
        registry.tally.connections += 1
        injection = registry.faults.connection()
        fault = None if injection is None else injection.fault
        if fault is not None:
            registry.tally.faults[fault.value] += 1
            self._refuse_early(fault)
        try:
            wire.handshake(self._context, _HANDSHAKE_TIMEOUT)
        except OSError:
            registry.tally.handshake_errors += 1
            raise Ended("handshake", "drop") from None
        registry.tally.handshakes += 1
        self.session = session = registry.open_session()
        self._greet(fault)
        while True:
            self._answer(session, self._next_message(session))

    # New connections.

    def _refuse_early(self, fault: Fault) -> None:
        wire = self._wire
        if fault is Fault.refuse_connect:
            raise Ended(fault.value, "reset")
        if fault is Fault.stall_connect:
            wire.ignore()
            raise Ended(fault.value, "drop")
        if fault is Fault.refuse_handshake:
            wire.wait_for_hello()
            wire.alert()
            raise Ended(fault.value, "drop")
        if fault is Fault.stall_handshake:
            wire.wait_for_hello()
            wire.ignore()
            raise Ended(fault.value, "drop")

    def _greet(self, fault: Optional[Fault]) -> None:
        wire = self._wire
        greeting = self._registry.greet()
        if fault is None:
            wire.send(greeting)
            return
        if fault is Fault.refuse_greeting:
            raise Ended(fault.value)
        if fault is Fault.bad_greeting:
            wire.send(_NO_ANSWER)
        elif fault is Fault.garbage_greeting:
            wire.send(_NOT_XML)
        elif fault is Fault.plain_text_greeting:
            wire.send_octets(_BANNER)
        elif fault is Fault.oversized_greeting:
            wire.send_octets(_HUGE + greeting)
        wire.ignore()
        raise Ended(fault.value, "drop")

    # Messages.

    def _next_message(self, session: RegistrySession) -> bytes:
        """Wait for a message, but no longer than the session may last."""
        registry, wire = self._registry, self._wire
        while True:
            deadline = session.deadline(registry.limits_of(session))
            wait = _LARGEST_WAIT
            if deadline is not None:
                at, reason = deadline
                left = at - registry.clock()
                if left <= 0:
                    raise Ended(reason)
                wait = min(wait, left)
            message = wire.receive(wait)
            if message is not None:
                return message

    def _answer(self, session: RegistrySession, message: bytes) -> None:
        registry = self._registry
        arrived = time.monotonic()
        request = parse(message)
        injection = registry.faults.message(request)
        if injection is not None:
            registry.tally.faults[injection.fault.value] += 1
            self._before(session, injection.fault)
        if request.verb == "hello":
            self._hold_back(arrived)
            self._answer_hello(session, injection)
            return
        fault = None if injection is None else injection.fault
        forced = None if fault is None else _FORCED.get(fault)
        answer = registry.execute(session, request, forced)
        if answer.code == 2502 and fault is None:
            if registry.limits_for(request.name).close_over_limit:
                self._hold_back(arrived)
                raise Ended("session_limit")
        cl_tr_id = request.cl_tr_id
        if fault is Fault.wrong_cl_tr_id:
            cl_tr_id = "WRONG-" + registry.transaction_id()
        rendered = answer.render(cl_tr_id, registry.transaction_id())
        self._hold_back(arrived)
        if injection is None:
            self._wire.send(rendered)
        else:
            self._after(injection, rendered)
        session.heard = registry.clock()
        self._maybe_end(session, answer, fault)

    def _hold_back(self, arrived: float) -> None:
        """Wait until the latency is over, which has run since the message came."""
        latency = self._registry.latency
        if latency > 0:
            gevent.sleep(max(arrived + latency - time.monotonic(), 0.0))

    def _maybe_end(
        self, session: RegistrySession, answer: Answer, fault: Optional[Fault]
    ) -> None:
        reason = self._registry.ends(session, answer)
        if reason is not None:
            raise Ended(fault.value if fault is not None else reason)

    def _answer_hello(
        self, session: RegistrySession, injection: Optional[Injection]
    ) -> None:
        registry = self._registry
        answer = registry.hello(session)
        if injection is None:
            self._wire.send(answer)
            return
        if injection.fault is Fault.response_to_hello:
            answer = Answer(2400).render(None, registry.transaction_id())
        self._after(injection, answer)

    # Faults of messages.

    def _before(self, session: RegistrySession, fault: Fault) -> None:
        if fault is Fault.close_before_read:
            raise Ended(fault.value)
        if fault is Fault.drop_before_read:
            raise Ended(fault.value, "drop")
        if fault is Fault.reset_before_read:
            raise Ended(fault.value, "reset")
        if fault is Fault.stall_before_read:
            self._stall(fault)
        if fault is Fault.silent_logout:
            self._registry.logout_silently(session.session_id)
        elif fault is Fault.silent_logout_2200:
            self._registry.logout_silently(session.session_id, 2200)

    def _after(self, injection: Injection, answer: bytes) -> None:
        """Send, or not, the answer of a message that was executed."""
        fault, wire = injection.fault, self._wire
        manner = _ENDINGS.get(fault)
        if manner is not None:
            raise Ended(fault.value, manner)
        act = _SENDING.get(fault)
        if act is not None:
            act(wire, answer)
            manner = _ENDINGS_LATER.get(fault)
            if manner is not None:
                raise Ended(fault.value, manner)
            if fault is Fault.stall_in_frame:
                self._stall(fault)
            return
        if fault is Fault.stall_after_execute:
            self._stall(fault)
        if fault in _SPLITS:
            wire.send_split(answer, _SPLITS[fault])
            return
        if fault is Fault.late_answer:
            gevent.sleep(injection.delay)
        wire.send(answer)

    def _stall(self, fault: Fault) -> None:
        self._wire.ignore()
        raise Ended(fault.value, "drop")


def _send_half(wire: Wire, answer: bytes) -> None:
    unit = encode(answer)
    wire.send_octets(unit[: len(unit) // 2])


def _send_twice(wire: Wire, answer: bytes) -> None:
    wire.send_octets(encode(answer) * 2)


_ENDINGS = {
    Fault.close_after_execute: "close",
    Fault.drop_after_execute: "drop",
    Fault.reset_after_execute: "reset",
}
_ENDINGS_LATER = {
    Fault.close_in_frame: "close",
    Fault.drop_in_frame: "drop",
    Fault.close_after_answer: "close",
    Fault.drop_after_answer: "drop",
}
_SENDING: Dict[Fault, Callable[[Wire, bytes], None]] = {
    Fault.close_in_frame: _send_half,
    Fault.drop_in_frame: _send_half,
    Fault.stall_in_frame: _send_half,
    Fault.close_after_answer: Wire.send,
    Fault.drop_after_answer: Wire.send,
    Fault.dribble: Wire.dribble,
    Fault.stray_answer: _send_twice,
    Fault.garbage: lambda wire, answer: wire.send(_NOT_XML),
    Fault.plain_text: lambda wire, answer: wire.send_octets(_HTTP_ERROR),
    Fault.oversized_length: lambda wire, answer: wire.send_octets(_HUGE + answer),
}
