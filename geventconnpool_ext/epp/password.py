"""Change an account's password by a login, and find out what a lost answer left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .. import _arguments
from .commands import Login, Logout
from .deadline import Deadline
from .errors import AmbiguousOutcome, EPPError, LoginRejected, NotSent
from .login import prepare_login, require_login
from .peer import Peer
from .requests import prepare

if TYPE_CHECKING:
    from .requests import PreparedRequest, Request

__all__ = ["change_password"]


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
        options: others of ``Login``: *obj_uris*, *ext_uris*, *version*, *lang*.

    Returns when the new password holds. Any error but these two means that the old
    one still does: ``AmbiguousOutcome`` where the answer was lost and no login told
    what came of it; ``LoginRejected`` with that as its ``__cause__`` where neither
    password is accepted. Raises TypeError or ValueError for a wrong argument;
    ``LoginRejected``, ``SessionLimit`` or another ``EPPError`` for a change refused;
    what the client raises where no connection came about.
    """
    if new_password is None:
        # To Login it would mean to change nothing.
        raise TypeError("new_password must be a str, not NoneType")
    change = Login(client_id, password, new_password=new_password, **options)
    if new_password == password:
        raise ValueError("new_password must differ from password")
    bound = _arguments.optional_seconds("timeout", timeout)
    prepared = prepare_login(change)
    try:
        answer = _log_in(connect, change, prepared, bound)
    except _Lost as lost:
        unknown = AmbiguousOutcome(
            f"a login with a new password (clTRID {prepared.tr_id}) was sent and its "
            f"answer lost ({type(lost.__cause__).__name__}), and no later login told "
            f"whether the new password or the old one holds",
            change,
            [prepared.tr_id],
        )
        unknown.__cause__ = lost.__cause__
        _find_out(
            connect,
            Login(client_id, new_password, **options),
            Login(client_id, password, **options),
            bound,
            unknown,
        )
    else:
        require_login(answer)


class _Lost(Exception):
    """A login was sent, and no answer came to it. ``__cause__`` says why."""


def _find_out(
    connect: Callable[[], Any],
    new: Login,
    old: Login,
    bound: Optional[float],
    unknown: AmbiguousOutcome,
) -> None:
    """Return if *new* logs in; raise EPPError if *old* does, *unknown* if no answer."""
    refused: Optional[LoginRejected] = None
    for login in (new, old):
        try:
            require_login(_log_in(connect, login, prepare_login(login), bound))
        except LoginRejected as error:
            refused = error
        except Exception:
            raise unknown from unknown.__cause__
        else:
            if login is new:
                return
            raise EPPError(
                "the answer to a login with a new password was lost, and it was not "
                "executed: the old password still holds"
            ) from unknown
    assert refused is not None
    raise LoginRejected(
        f"the registry accepts neither the new password nor the old: {refused.code} "
        f"{refused.msg}",
        refused.code,
        refused.msg,
    ) from unknown


def _log_in(
    connect: Callable[[], Any],
    login: Request,
    prepared: PreparedRequest,
    bound: Optional[float],
) -> Any:
    """Return the answer to *login*, sent on a new connection.

    Raises ``_Lost`` if it was sent and no answer came; anything else before that.
    """
    peer = Peer(connect(), None, "-", 0)
    sending = False
    try:
        try:
            with Deadline(bound, "connect and login not done"):
                peer.connect()
                sending = True
                answer = peer.send(login, prepared)
        except NotSent:
            raise
        except Exception as error:
            if sending:
                raise _Lost from error
            raise
        if answer.code == 1000:
            _log_out(peer, bound)
        return answer
    finally:
        peer.close()


def _log_out(peer: Peer, bound: Optional[float]) -> None:
    logout = Logout()
    try:
        with Deadline(bound, "no answer came"):
            peer.send(logout, prepare(logout))
    except Exception:
        # The login has been answered: that is what was asked.
        pass
