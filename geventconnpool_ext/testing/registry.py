"""Registry: accounts, sessions and the execution of commands; no I/O, no gevent.

It answers messages, one after the other, and keeps the record of what it did.
What the commands do to objects is in ``domains``, ``contacts``, ``hosts`` and
``transfers``, logging in and out in ``logins``, the wire in ``server`` and
``connection``.
"""

from __future__ import annotations

import random
import time
from datetime import datetime
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from . import contacts, domains, hosts, polling, transfers
from .answers import Answer, greeting, refusal
from .codes import CLOSING
from .counters import Counters, Tally
from .faults import FaultPlan
from .limits import Limits
from .logins import log_in, log_out
from .objects import Contact, Domain, Host, add_months
from .record import Execution, Record
from .repository import Repository, utc_now
from .requests import Refused, Request
from .sessions import Account, RegistrySession

__all__ = ["Registry"]

_UNLIMITED = Limits()

_Command = Callable[[Repository, str, Request], Answer]

_COMMANDS: Dict[Tuple[str, str], _Command] = {
    ("check", "domain"): domains.check,
    ("info", "domain"): domains.info,
    ("create", "domain"): domains.create,
    ("update", "domain"): domains.update,
    ("delete", "domain"): domains.delete,
    ("renew", "domain"): domains.renew,
    ("transfer", "domain"): transfers.transfer,
    ("check", "contact"): contacts.check,
    ("info", "contact"): contacts.info,
    ("create", "contact"): contacts.create,
    ("update", "contact"): contacts.update,
    ("delete", "contact"): contacts.delete,
    ("check", "host"): hosts.check,
    ("info", "host"): hosts.info,
    ("create", "host"): hosts.create,
    ("update", "host"): hosts.update,
    ("delete", "host"): hosts.delete,
    ("poll", ""): polling.poll,
}

_EXTENDED = frozenset((("create", "domain"), ("update", "domain")))
"""The commands for which an extension is offered (secDNS)."""


class Registry:
    """A registry in memory, to be served by a ``Server``.

    Arguments: *accounts* maps client ids to passwords. *limits* is the policy
    for accounts that have none of their own. *latency* is the seconds that
    every message takes (login, logout and hello too), from its arrival to the
    answer; a command is executed at the beginning of them, the greeting for a
    hello is made at their end. *faults* is the plan of what goes wrong. *seed*
    makes transaction ids and a default fault plan repeatable. *zones* are the
    suffixes in which domains may be registered, None for all. *server_name* is
    shown in the greeting. *clock* is monotonic and in seconds; *now* returns
    the time of day, in UTC.

    Everything may be changed at run time: ``limits``, ``latency`` and
    ``faults`` are attributes, ``accounts`` maps client ids to ``Account``.
    """

    def __init__(
        self,
        accounts: Optional[Mapping[str, str]] = None,
        *,
        limits: Limits = _UNLIMITED,
        latency: float = 0.0,
        faults: Optional[FaultPlan] = None,
        seed: Optional[int] = None,
        zones: Optional[Iterable[str]] = None,
        server_name: str = "Registry to test against",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if accounts is None:
            accounts = {"client": "password"}
        self.accounts: Dict[str, Account] = {}
        for client_id, password in accounts.items():
            self.add_account(client_id, password)
        self.limits = limits
        self.latency = latency
        self.faults: FaultPlan = FaultPlan(seed) if faults is None else faults
        self.server_name = server_name
        self.clock = clock
        self.record: Record = Record()
        self.tally: Tally = Tally()
        self.repository: Repository = Repository(
            now, None if zones is None else frozenset(zone.lower() for zone in zones)
        )
        self.sessions: Dict[int, RegistrySession] = {}
        """The open sessions, logged in or not, by their number."""
        self._last_session = 0
        self._last_transaction = 0
        self._run = "{:08x}".format(random.Random(seed).getrandbits(32))

    # What tests arrange and ask.

    @property
    def domains(self) -> Mapping[str, Domain]:
        """The domains by name."""
        return self.repository.domains

    @property
    def contacts(self) -> Mapping[str, Contact]:
        """The contacts by id, in lower case."""
        return self.repository.contacts

    @property
    def hosts(self) -> Mapping[str, Host]:
        """The hosts by name."""
        return self.repository.hosts

    def counters(self) -> Counters:
        """What was counted so far."""
        return self.tally.snapshot()

    def reset_counters(self) -> None:
        """Start the counters anew."""
        self.tally.reset()

    def add_account(
        self, client_id: str, password: str, limits: Optional[Limits] = None
    ) -> Account:
        """Add or replace an account; *client_id* has 3 to 16 characters."""
        if not 3 <= len(client_id) <= 16:
            raise ValueError(
                "client_id must have 3 to 16 characters, not {!r}".format(client_id)
            )
        account = self.accounts[client_id] = Account(client_id, password)
        account.limits = limits
        return account

    def add_domain(
        self,
        name: str,
        client_id: str = "client",
        auth_info: str = "2fooBAR",
        years: int = 1,
    ) -> Domain:
        """Register a domain without a command, so without a trace in the record."""
        repository, created = self.repository, self.repository.now()
        domain = Domain(
            name.lower(),
            repository.next_roid("D"),
            client_id,
            created,
            add_months(created, 12 * years),
            auth_info,
        )
        repository.domains[domain.name] = domain
        return domain

    def enqueue(self, client_id: str, message: str) -> str:
        """Put a message into an account's poll queue; returns its id."""
        return self.repository.enqueue(client_id, message)

    # Sessions.

    def limits_of(self, session: RegistrySession) -> Limits:
        """The limits in force for a session now."""
        return self.limits_for(session.client_id)

    def limits_for(self, client_id: Optional[str]) -> Limits:
        """The limits in force for an account now; None is nobody's."""
        account = None if client_id is None else self.accounts.get(client_id)
        own = None if account is None else account.limits
        return self.limits if own is None else own

    def open_session(self) -> RegistrySession:
        """Start a session for a connection that is about to be greeted."""
        self._last_session += 1
        session = RegistrySession(self._last_session, self.clock())
        self.sessions[session.session_id] = session
        return session

    def close_session(self, session: RegistrySession, reason: str) -> None:
        """End a session whose connection is closed; idempotent."""
        if self.sessions.pop(session.session_id, None) is not None:
            self._count_end(session, reason)
        self._release(session)

    def logout_silently(
        self, session_id: Optional[int] = None, code: int = 2002
    ) -> List[int]:
        """Log out one session, or all, and tell nobody; the connection stays.

        Hellos are still answered; commands get *code*, 2002 or 2200, until the
        client logs in again. Returns the numbers of the sessions concerned.
        """
        if code not in (2002, 2200):
            raise ValueError("code must be 2002 or 2200, not {!r}".format(code))
        concerned = []
        for session in list(self.sessions.values()):
            if session.account is None or session_id not in (None, session.session_id):
                continue
            session.logged_out_code = code
            self._count_end(session, "silent_logout")
            self._release(session)
            concerned.append(session.session_id)
        return concerned

    def _count_end(self, session: RegistrySession, reason: str) -> None:
        if not session.counted:
            session.counted = True
            self.tally.ended[reason] += 1

    def _release(self, session: RegistrySession) -> None:
        if session.account is not None:
            session.account = None
            self.tally.sessions -= 1

    # Messages.

    def greet(self) -> bytes:
        """The greeting as it is at this moment."""
        return greeting(self.server_name, self.repository.now())

    def hello(self, session: RegistrySession) -> bytes:
        """Answer a hello."""
        self.tally.hellos += 1
        session.heard = self.clock()
        return self.greet()

    def transaction_id(self) -> str:
        """A new server transaction id."""
        self._last_transaction += 1
        return "TEST-{}-{}".format(self._run, self._last_transaction)

    def execute(
        self, session: RegistrySession, request: Request, forced: Optional[int] = None
    ) -> Answer:
        """Carry out one command, or refuse it, and record that.

        With *forced* it is not carried out: it gets that code.
        """
        session.heard = self.clock()
        client_id = session.client_id
        try:
            if forced is not None:
                answer = Answer(forced)
            else:
                answer = self._execute(session, request)
        except Refused as refused:
            answer = refusal(refused)
        self.tally.commands += 1
        self.record.append(
            Execution(
                request.cl_tr_id,
                session.session_id,
                client_id if client_id is not None else session.client_id,
                request.verb,
                request.object_type,
                request.name,
                answer.code,
                answer.effect,
                session.heard,
            )
        )
        return answer

    def _execute(self, session: RegistrySession, request: Request) -> Answer:
        if request.refusal is not None and not request.object_type:
            # So malformed that not even the state of the session matters.
            if not request.verb or session.account is not None:
                raise request.refusal
        if request.verb == "login":
            return log_in(self, session, request)
        client_id = session.client_id
        if client_id is None:
            raise Refused(session.logged_out_code, None, "you are not logged in")
        if request.verb == "logout":
            return log_out(request)
        session.commands += 1
        if request.refusal is not None:
            raise request.refusal
        key = request.verb, request.object_type
        command = _COMMANDS.get(key)
        if command is None:
            raise Refused(2101, None, "this registry does not offer the command")
        if request.object_type and request.object_type not in session.objects:
            raise Refused(2307, None, "the service was not named at login")
        if request.extensions:
            self._check_extensions(session, request, key in _EXTENDED)
        return command(self.repository, client_id, request)

    @staticmethod
    def _check_extensions(
        session: RegistrySession, request: Request, offered: bool
    ) -> None:
        for extension in request.extensions:
            namespace = extension.tag[1:].partition("}")[0]
            if not offered or namespace not in session.extensions:
                raise Refused(2103, None, "this extension is not offered here")

    def ends(self, session: RegistrySession, answer: Answer) -> Optional[str]:
        """Why the session ends after *answer*, None if it goes on."""
        code = answer.code
        if code in CLOSING:
            return {
                1500: "logout",
                2501: "login_rejected",
                2502: "session_limit",
            }.get(code, "failed")
        most = self.limits_of(session).max_commands
        if session.account is not None and most is not None:
            if session.commands >= most:
                return "max_commands"
        return None
