"""Change an account's password by a login, and find out what a lost answer left."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .. import _arguments
from .commands import Login, Logout
from .deadline import Deadline
from .errors import AmbiguousOutcome, EPPError, LoginRejected, NotSent
from .login import prepare_login, require_login
from .peer import Peer
from .requests import PreparedRequest, prepare

__all__ = ["change_password"]

LOGOUT_TIMEOUT = 2.0
NEW_HOLDS = "the new password holds: its login was answered by 1000"
OLD_HELD = "the old password held when asked: its login was answered by 1000"


def change_password(
    connect: Callable[[], Any],
    client_id: str,
    password: str,
    new_password: str,
    *,
    timeout: Optional[float] = 30.0,
    **options: Any,
) -> None:
    """Change the password of *client_id* (``newPW``, RFC 5730 section 2.9.1.1).

    It logs in once, on a connection of its own, and out again. If the answer is
    lost, it finds out which password holds, by a login with the new one and, if that
    is refused, one with the old: three logins at most, each counted by a registry
    that locks accounts, and never a second change.

    Arguments:
        connect: as for ``EPPPool``: returns a client that is not connected yet.
        client_id, password: the account, and what it logs in with now.
        new_password: what it shall log in with. 6 characters or more.
        timeout: seconds for each login with its connect; None: no bound. Default 30.
            A logout takes 2 s more at most.
        options: others of ``Login``: *obj_uris*, *ext_uris*, *version*, *lang*.

    Returns when the new password holds. An error means that the old one does,
    except for these:

    - ``AmbiguousOutcome``: one of the two; the answer was lost or left it open
      (1001), and no login told.
    - ``EPPError`` with that as its ``__cause__``: the old one held when asked; a
      registry that is only slow may execute the change later still.
    - ``LoginRejected`` with that as its ``__cause__``: neither was accepted, the new
      one asked first; or the account is locked.
    - a kill, or a ``gevent.Timeout`` of the caller: one of the two. From Python 3.11
      on a note on it says what was known.

    Raises TypeError or ValueError for a wrong argument, or for a login that the client
    refuses, before anything is sent; ``LoginRejected``, ``SessionLimit`` or another
    ``EPPError`` for a change refused; what the client raises where no connection came
    about.
    """
    _arguments.maker("connect", connect)
    if new_password is None:
        # To Login it would mean to change nothing.
        raise TypeError("new_password must be a str, not NoneType")
    change = Login(client_id, password, new_password=new_password, **options)
    if new_password == password:
        raise ValueError("new_password must differ from password")
    bound = _arguments.optional_seconds("timeout", timeout)
    # What was given for them may be at its end by now.
    options.update(obj_uris=change.obj_uris, ext_uris=change.ext_uris)
    changing = _Change(
        connect,
        bound,
        prepare_login(change),
        prepare_login(Login(client_id, new_password, **options)),
        prepare_login(Login(client_id, password, **options)),
    )
    try:
        changing.make()
    except Exception:
        raise
    except BaseException as error:
        # Whoever interrupts gets his own exception, and what is known with it.
        add_note = getattr(error, "add_note", None)
        if add_note is not None:
            add_note(changing.known)
        raise


class _Lost(Exception):
    """A login was sent, and no answer told what became of it.

    Its text completes 'a login was sent, ...'; ``__cause__`` says why.
    """


class _Change:
    """One change of a password: the login that makes it, and two that can find out
    what came of it. ``known`` says at any time which password holds."""

    __slots__ = ("_bound", "_by_new", "_by_old", "_change", "_connect", "known")

    def __init__(
        self,
        connect: Callable[[], Any],
        bound: Optional[float],
        change: PreparedRequest,
        by_new: PreparedRequest,
        by_old: PreparedRequest,
    ) -> None:
        self._connect = connect
        self._bound = bound
        self._change = change
        self._by_new = by_new
        self._by_old = by_old
        self.known = "the old password holds: no change was sent"

    def make(self) -> None:
        """Change it; see ``change_password``."""
        try:
            self._log_in(self._change, _require_change, NEW_HOLDS)
        except _Lost as lost:
            unknown = AmbiguousOutcome(
                self._unsure(f", {lost}"), self._change.request, [self._change.tr_id]
            )
            unknown.__cause__ = lost.__cause__
            self._find_out(unknown)

    def _unsure(self, what: str = "") -> str:
        tr_id = self._change.tr_id
        return (
            f"a login with a new password (clTRID {tr_id}) was sent{what}, and no "
            f"later login told whether the new password or the old one holds"
        )

    def _find_out(self, unknown: AmbiguousOutcome) -> None:
        """Return if the new password logs in; raise EPPError if the old one does,
        *unknown* if no answer tells."""
        try:
            try:
                self._log_in(self._by_new, require_login, NEW_HOLDS)
                return
            except LoginRejected:
                self._log_in(self._by_old, require_login, OLD_HELD)
        except LoginRejected as refused:
            raise LoginRejected(
                f"the registry accepted neither the new password nor the old, asked "
                f"in this order: {refused.code} {refused.msg}",
                refused.code,
                refused.msg,
            ) from unknown
        except Exception:
            raise unknown from unknown.__cause__
        raise EPPError(
            "a login with a new password was sent and its answer lost; when asked, the "
            "old password held and the new one did not; a registry that is only slow "
            "may execute the change later still"
        ) from unknown

    def _log_in(
        self,
        login: PreparedRequest,
        require: Callable[[Any], None],
        known: str,
    ) -> None:
        """Send *login* on a new connection and log out; *known* is what its success
        tells.

        Raises what *require* makes of the answer, ``_Lost`` if none came, and
        anything else before it was sent.
        """
        peer = Peer(self._connect(), None, "-", 0)
        sending = False
        try:
            # All of them now: what the client refuses must not be met halfway.
            for request in (self._change, self._by_new, self._by_old):
                peer.validate(request)
            try:
                with Deadline(self._bound, "connect and login not done"):
                    peer.connect()
                    sending = True
                    self.known = self._unsure()
                    answer = peer.send(login.request, login)
            except NotSent:
                raise
            except Exception as error:
                if sending:
                    lost = f"its answer lost ({type(error).__name__})"
                    raise _Lost(lost) from error
                raise
            require(answer)
            self.known = known
            _log_out(peer)
        finally:
            peer.close()


def _require_change(answer: Any) -> None:
    try:
        require_login(answer)
    except EPPError as error:
        if 2000 <= answer.code < 3000:
            raise
        # 1001: accepted, and perhaps done later.
        raise _Lost(f"it was answered by {answer.code}") from error


def _log_out(peer: Peer) -> None:
    logout = Logout()
    try:
        with Deadline(LOGOUT_TIMEOUT, "no answer came"):
            peer.send(logout, prepare(logout))
    except Exception:
        # The login has been answered: that is what was asked.
        pass
