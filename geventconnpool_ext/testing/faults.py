"""Fault and FaultPlan: what goes wrong, and when; doing it is ``connection``'s work.

A fault belongs to a stage: to a message of the client, or to the connect, the
TLS handshake or the greeting of a new connection.
"""

from __future__ import annotations

import enum
import random
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from .requests import Request

__all__ = ["Fault", "FaultPlan", "Injection"]


class Fault(enum.Enum):
    """One thing that goes wrong. 'Executed' says whether the command had its effect."""

    close_before_read = "close_before_read"
    """Closes, with close_notify, as if the command had not been read. Not executed."""
    drop_before_read = "drop_before_read"
    """Closes the socket without close_notify, the command unread. Not executed."""
    reset_before_read = "reset_before_read"
    """Resets the connection (RST), the command unread. Not executed."""
    stall_before_read = "stall_before_read"
    """Says nothing more, for ever, connection open. Not executed."""
    close_after_execute = "close_after_execute"
    """Closes, with close_notify, before answering. Executed."""
    drop_after_execute = "drop_after_execute"
    """Closes the socket without close_notify before answering. Executed."""
    reset_after_execute = "reset_after_execute"
    """Resets the connection (RST) before answering. Executed."""
    stall_after_execute = "stall_after_execute"
    """Never answers and says nothing more, connection open. Executed."""
    close_in_frame = "close_in_frame"
    """Sends half of the answer, then closes with close_notify. Executed."""
    drop_in_frame = "drop_in_frame"
    """Sends half of the answer, then closes without close_notify. Executed."""
    stall_in_frame = "stall_in_frame"
    """Sends half of the answer, then nothing more, connection open. Executed."""
    close_after_answer = "close_after_answer"
    """Answers, then closes with close_notify. Executed."""
    drop_after_answer = "drop_after_answer"
    """Answers, then closes without close_notify. Executed."""
    dribble = "dribble"
    """Sends the answer one octet at a time, each in a TLS record. Executed."""
    split_length_2_2 = "split_length_2_2"
    """Sends the length in two pieces of 2 and 2 octets; all is well. Executed."""
    split_length_3_1 = "split_length_3_1"
    """Sends the length in two pieces of 3 and 1 octets; all is well. Executed."""
    split_length_1_3 = "split_length_1_3"
    """Sends the length in two pieces of 1 and 3 octets; all is well. Executed."""
    wrong_cl_tr_id = "wrong_cl_tr_id"
    """Answers with another clTRID than the command's. Executed."""
    garbage = "garbage"
    """Answers with a well-framed message that is not XML. Executed."""
    plain_text = "plain_text"
    """Answers with text that has no frame, an HTTP error. Executed."""
    oversized_length = "oversized_length"
    """Answers with a length of 0x7fffffff before the message. Executed."""
    late_answer = "late_answer"
    """Answers after a delay (2 s unless told), whoever still listens. Executed."""
    stray_answer = "stray_answer"
    """Answers twice, the second time unasked, at once. Executed once."""
    answer_2400 = "answer_2400"
    """Answers 2400, command failed; the session goes on. Not executed."""
    answer_2500 = "answer_2500"
    """Answers 2500, command failed, and closes. Not executed."""
    answer_2502 = "answer_2502"
    """Answers 2502, session limit exceeded, and closes. Not executed."""
    silent_logout = "silent_logout"
    """Logs the session out before the command: this and later commands get 2002,
    hello is still answered. Not executed."""
    silent_logout_2200 = "silent_logout_2200"
    """Like silent_logout, but commands get 2200. Not executed."""
    response_to_hello = "response_to_hello"
    """Answers a hello with a <response>, code 2400. Concerns hello only."""

    refuse_connect = "refuse_connect"
    """Resets (RST) the TCP connection as soon as it is accepted. Nothing executed."""
    stall_connect = "stall_connect"
    """Accepts the TCP connection and ignores it, for ever. Nothing executed."""
    refuse_handshake = "refuse_handshake"
    """Answers the ClientHello with a fatal TLS alert, and closes. Nothing executed."""
    stall_handshake = "stall_handshake"
    """Reads the ClientHello and says nothing, for ever. Nothing executed."""
    refuse_greeting = "refuse_greeting"
    """Completes the handshake, then closes with close_notify. Nothing executed."""
    stall_greeting = "stall_greeting"
    """Completes the handshake and says nothing, for ever. Nothing executed."""
    bad_greeting = "bad_greeting"
    """Sends, as the greeting, EPP that is no greeting. Nothing executed."""
    garbage_greeting = "garbage_greeting"
    """Sends, as the greeting, a frame that is not XML. Nothing executed."""
    plain_text_greeting = "plain_text_greeting"
    """Sends an unframed line of text, an SMTP banner, as the greeting. Nothing
    executed."""
    oversized_greeting = "oversized_greeting"
    """Sends a length of 0x7fffffff before the greeting. Nothing executed."""

    @property
    def stage(self) -> str:
        """``message``, ``connect``, ``handshake`` or ``greeting``."""
        if self.value.endswith("_connect"):
            return "connect"
        if self.value.endswith("_handshake"):
            return "handshake"
        return "greeting" if self.value.endswith("_greeting") else "message"

    def fits(self, verb: str) -> bool:
        """Whether it can happen to a message with this verb."""
        if verb == "hello":
            return self not in _NEEDS_COMMAND
        if self is Fault.response_to_hello:
            return False
        return verb != "login" or self not in _NEEDS_LOGIN


_NEEDS_LOGIN = frozenset((Fault.silent_logout, Fault.silent_logout_2200))
_NEEDS_COMMAND = _NEEDS_LOGIN | {
    Fault.wrong_cl_tr_id,
    Fault.answer_2400,
    Fault.answer_2500,
    Fault.answer_2502,
}
_SESSION_VERBS = frozenset(("hello", "login", "logout"))


class Injection(NamedTuple):
    """A fault that is to happen now."""

    fault: Fault
    delay: float
    """Seconds, of a ``late_answer``."""


class _Rule:
    __slots__ = ("fault", "delay", "times", "wants")

    def __init__(
        self,
        fault: Fault,
        delay: float,
        times: Optional[int],
        wants: Callable[[Request], bool],
    ) -> None:
        self.fault = fault
        self.delay = delay
        self.times = times
        self.wants = wants


class FaultPlan:
    """Which faults happen, and to what: scripted, by probability, or both.

    Arguments: *probabilities* maps faults to the chance, 0 to 1, that each
    occasion of its stage (each message, each new connection) has it; those of
    one stage add up to 1 at most. *seed* makes the draws repeatable. *verbs*
    restricts the drawn faults of messages to these verbs, None for all.
    *delay* is the seconds of a ``late_answer``.

    What is scripted comes first. ``clear()`` ends everything; ``enabled`` can
    be set to False for a while.
    """

    def __init__(
        self,
        seed: Optional[int] = None,
        probabilities: Optional[Mapping[Fault, float]] = None,
        *,
        verbs: Optional[Tuple[str, ...]] = None,
        delay: float = 2.0,
    ) -> None:
        self.enabled = True
        self.verbs = verbs
        self.delay = delay
        self._random = random.Random(seed)
        self._chances: Dict[str, List[Tuple[Fault, float]]] = {}
        self._rules: List[_Rule] = []
        self._numbered: Dict[Tuple[str, int], Injection] = {}
        self._seen: Dict[str, int] = {}
        for fault, chance in (probabilities or {}).items():
            self.set_probability(fault, chance)

    def set_probability(self, fault: Fault, chance: float) -> None:
        """Change the chance of one fault; 0 ends it."""
        others = [
            pair for pair in self._chances.get(fault.stage, ()) if pair[0] is not fault
        ]
        if not 0 <= chance <= 1 or sum(p for _, p in others) + chance > 1 + 1e-9:
            raise ValueError(
                "the probability of {} must be from 0 to 1, and those of its stage "
                "({}) together at most 1, not {!r}".format(
                    fault.value, fault.stage, chance
                )
            )
        self._chances[fault.stage] = others + [(fault, chance)] * (chance > 0)

    def at(self, n: int, fault: Fault, delay: Optional[float] = None) -> None:
        """Let *fault* happen to the *n*-th command, or the *n*-th connection.

        Counted from 1, from when the plan was made. Hellos, logins and logouts
        are not counted, they keep no order that a test could rely on: see
        ``on``. A fault of connect, handshake or greeting counts connections.
        """
        if n <= 0:
            raise ValueError("n counts from 1, not {!r}".format(n))
        if fault is Fault.response_to_hello:
            raise ValueError("hellos are not counted: use on(verb='hello', ...)")
        stage = "connection" if fault.stage != "message" else "message"
        self._numbered[stage, n] = self._injection(fault, delay)

    def on(
        self,
        verb: Optional[str] = None,
        *,
        fault: Fault,
        times: Optional[int] = 1,
        object_type: Optional[str] = None,
        name: Optional[str] = None,
        cl_tr_id: Optional[str] = None,
        delay: Optional[float] = None,
    ) -> None:
        """Let *fault* happen to the next *times* messages that match (None: all).

        What is given must be equal: *verb* (``hello``, ``login``, ``create``
        ...), *object_type*, *name* (in any case), *cl_tr_id*.
        """
        if verb is not None and not fault.fits(verb):
            raise ValueError("{} cannot happen to {}".format(fault.value, verb))
        wanted = None if name is None else name.lower()

        def wants(request: Request) -> bool:
            return (
                (verb is None or request.verb == verb)
                and (object_type is None or request.object_type == object_type)
                and (wanted is None or request.name == wanted)
                and (cl_tr_id is None or request.cl_tr_id == cl_tr_id)
            )

        delay = self.delay if delay is None else delay
        self._rules.append(_Rule(fault, delay, times, wants))

    def next(self, fault: Fault, times: int = 1, delay: Optional[float] = None) -> None:
        """Let *fault* happen at its next *times* occasions.

        An occasion is a new connection or, for a fault of messages, a message
        that it can happen to; hello, login and logout are messages too.
        """
        self.on(fault=fault, times=times, delay=delay)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._rules.clear()
        self._numbered.clear()
        self._chances.clear()

    @property
    def pending(self) -> int:
        """How many scripted faults have not happened yet; endless ones aside."""
        return len(self._numbered) + sum(rule.times or 0 for rule in self._rules)

    # What the server asks.

    def message(self, request: Request) -> Optional[Injection]:
        """The fault that happens to this message, if any."""
        verb = request.verb
        numbered = None
        if verb not in _SESSION_VERBS:
            numbered = self._count("message")
        if not self.enabled:
            return None
        if numbered is not None and numbered.fault.fits(verb):
            return numbered
        rules = self._rules
        if rules:
            for rule in rules:
                fault = rule.fault
                if (
                    fault.stage == "message"
                    and fault.fits(verb)
                    and rule.wants(request)
                ):
                    return self._use(rule)
        if self._chances:
            if self.verbs is None or verb in self.verbs:
                drawn = self._draw("message")
                if drawn is not None and drawn.fault.fits(verb):
                    return drawn
        return None

    def connection(self) -> Optional[Injection]:
        """The fault that happens to this new connection, if any."""
        numbered = self._count("connection")
        if not self.enabled:
            return None
        if numbered is not None:
            return numbered
        for rule in self._rules:
            if rule.fault.stage != "message":
                return self._use(rule)
        for stage in ("connect", "handshake", "greeting"):
            drawn = self._draw(stage)
            if drawn is not None:
                return drawn
        return None

    def _injection(self, fault: Fault, delay: Optional[float] = None) -> Injection:
        return Injection(fault, self.delay if delay is None else delay)

    def _count(self, stage: str) -> Optional[Injection]:
        n = self._seen[stage] = self._seen.get(stage, 0) + 1
        return self._numbered.pop((stage, n), None) if self._numbered else None

    def _use(self, rule: _Rule) -> Injection:
        if rule.times is not None:
            rule.times -= 1
            if rule.times <= 0:
                self._rules.remove(rule)
        return Injection(rule.fault, rule.delay)

    def _draw(self, stage: str) -> Optional[Injection]:
        chances = self._chances.get(stage)
        if not chances:
            return None
        drawn = self._random.random()
        for fault, chance in chances:
            drawn -= chance
            if drawn < 0:
                return self._injection(fault)
        return None
