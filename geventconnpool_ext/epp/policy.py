"""SessionPolicy: how long a session may live, and how it is kept and checked.

Only the settings and their validation; what keeps to them is in ``session``
and ``pool``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Type, Union

from .. import _arguments
from .._log import describe, log
from . import results
from .replay import is_safe
from .requests import classify, is_request
from .settings import read_settings

if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    from .requests import Request

    P = TypeVar("P", bound="SessionPolicy")

__all__ = ["SessionPolicy"]


class SessionPolicy:
    """The rules for sessions with one registry. Immutable; times are seconds.

    - ``idle_timeout`` (3600): a session unused for this long is retired, before
      the registry ends it. Set it a little below the registry's limit. None:
      the registry has none.
    - ``max_age`` (86400): a session is replaced before it gets older. None: any.
    - ``max_commands`` (None, no limit): commands sent on one session after its
      login; hello does not count.
    - ``hello_interval`` (a third of idle_timeout): a session idle for longer
      is sent ``<hello>``. Below idle_timeout. None, which it is when
      idle_timeout is None and nothing is given: no keepalive.
    - ``probe`` (None): a cheap command that needs a login, such as
      ``CheckDomain("example.com")``, or a function that returns one; it must be
      safe to repeat, which is checked at each call of a function. It finds
      sessions that were logged out, which hello, answered without a login too,
      cannot.
    - ``probe_interval`` (hello_interval): a session is probed when its login was
      last proved longer ago than this. Needs ``probe``.
    - ``command_timeout`` (30): one command and its answer. None: no limit.
    - ``connect_timeout`` (10): connecting and login. None: no limit.
    - ``login_failures`` (3): refused logins in a row before logins stop, so that
      the registry does not lock the account.
    - ``login_retry_after`` (900): then one login is tried per this long.
    - ``session_gone`` (``results.session_gone``): ``(command, answer) -> bool``,
      whether an answer says that the session is logged out.

    A wrong argument raises TypeError or ValueError that names it.
    """

    __slots__ = (
        "command_timeout",
        "connect_timeout",
        "hello_interval",
        "idle_timeout",
        "login_failures",
        "login_retry_after",
        "max_age",
        "max_commands",
        "probe",
        "probe_interval",
        "session_gone",
    )

    idle_timeout: Optional[float]
    max_age: Optional[float]
    max_commands: Optional[int]
    hello_interval: Optional[float]
    probe: Union[Request, Callable[[], Request], None]
    probe_interval: Optional[float]
    command_timeout: Optional[float]
    connect_timeout: Optional[float]
    login_failures: int
    login_retry_after: float
    session_gone: Callable[[Any, Any], bool]

    def __init__(
        self,
        *,
        idle_timeout: Optional[float] = 3600,
        max_age: Optional[float] = 86400,
        max_commands: Optional[int] = None,
        hello_interval: Optional[float] = None,
        probe: Union[Request, Callable[[], Request], None] = None,
        probe_interval: Optional[float] = None,
        command_timeout: Optional[float] = 30,
        connect_timeout: Optional[float] = 10,
        login_failures: int = 3,
        login_retry_after: float = 900,
        session_gone: Callable[[Any, Any], bool] = results.session_gone,
    ) -> None:
        for name, seconds in (
            ("idle_timeout", idle_timeout),
            ("max_age", max_age),
            ("hello_interval", hello_interval),
            ("probe_interval", probe_interval),
            ("command_timeout", command_timeout),
            ("connect_timeout", connect_timeout),
        ):
            _arguments.optional_seconds(name, seconds)
        _arguments.seconds("login_retry_after", login_retry_after)
        _arguments.integer("login_failures", login_failures, 1)
        if max_commands is not None:
            _arguments.integer("max_commands", max_commands, 1)
        if hello_interval is None:
            hello_interval = None if idle_timeout is None else idle_timeout / 3
        elif idle_timeout is not None and hello_interval >= idle_timeout:
            raise ValueError(
                f"hello_interval must be below idle_timeout, {idle_timeout!r}, or the "
                f"session has ended before its hello is due; not {hello_interval!r}"
            )
        _check_probe(probe)
        if probe is None:
            if probe_interval is not None:
                raise ValueError(
                    f"probe_interval is {probe_interval!r}, but there is no probe: "
                    f"give a probe, such as CheckDomain(...)"
                )
        elif probe_interval is None:
            if hello_interval is None:
                raise ValueError(
                    "probe_interval must be given with a probe when neither "
                    "hello_interval nor idle_timeout is set"
                )
            probe_interval = hello_interval
        if not callable(session_gone):
            raise TypeError(
                "session_gone must be a function (command, answer) -> bool, not "
                f"{type(session_gone).__name__}"
            )
        for name, value in (
            ("idle_timeout", idle_timeout),
            ("max_age", max_age),
            ("max_commands", max_commands),
            ("hello_interval", hello_interval),
            ("probe", probe),
            ("probe_interval", probe_interval),
            ("command_timeout", command_timeout),
            ("connect_timeout", connect_timeout),
            ("login_failures", login_failures),
            ("login_retry_after", login_retry_after),
            ("session_gone", session_gone),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def from_env(
        cls: Type[P],
        prefix: str = "EPP_",
        *,
        environ: Optional[Mapping[str, str]] = None,
        **options: Any,
    ) -> P:
        """Make a policy of environment variables; docs/settings.md lists them.

        Arguments:
            prefix: what their names begin with.
            environ: where they are. Default: ``os.environ``.
            options: arguments as above, which count before variables.

        Raises ValueError that names the variable.
        """
        settings = read_settings(prefix, environ, options, {"policy"})
        with settings.naming_variables():
            return cls(**settings.policy(), **settings.options)

    def probe_request(self) -> Optional[Request]:
        """Return the probe to send now, or None if there is none.

        Raises what the function raises that is the probe, and TypeError or
        ValueError if it returns none.
        """
        probe: Any = self.probe
        if probe is None or is_request(probe):
            request: Optional[Request] = probe
            return request
        try:
            made: Request = probe()
            _check_request(made, "return")
        except Exception as error:
            # Each session it is to check is replaced instead, so it must be told of.
            pool_name = "-"  # perhaps there are several
            log(
                logging.ERROR,
                "%s: probe raised: %s",
                pool_name,
                describe(error),
                exc_info=True,
            )
            raise
        return made

    def __setstate__(self, state: Any) -> None:
        # How copy and pickle fill a new one, whose attributes cannot be set.
        for part in state if isinstance(state, tuple) else (state,):
            for name, value in (part or {}).items():
                object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"SessionPolicy is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"SessionPolicy is immutable: {name} cannot be deleted")

    def __repr__(self) -> str:
        shown = []
        for name in self.__slots__:
            value: object = getattr(self, name)
            if name in ("probe", "session_gone"):
                # A probe is a request, whose content is nobody's business.
                if name == "probe" and value is not None:
                    shown.append("probe=...")
                continue
            shown.append(f"{name}={value!r}")
        return f"SessionPolicy({', '.join(shown)})"


def _check_probe(probe: Any) -> None:
    if probe is None:
        return
    if isinstance(probe, type):
        raise TypeError(
            f"probe must be a request or a function that returns one, not the class "
            f"{probe.__name__}"
        )
    if is_request(probe):
        _check_request(probe, "be")
    elif not callable(probe):
        raise TypeError(
            "probe must be a request or a function that returns one, not "
            f"{type(probe).__name__}"
        )


def _check_request(request: Any, be: str) -> None:
    """Raise TypeError or ValueError, naming probe, unless *request* can be one.

    *be* is what a probe must: be or return it.
    """
    if not is_request(request):
        named = f"the class {request.__name__}" if isinstance(request, type) else ""
        raise TypeError(
            f"probe must {be} a request, not {named or type(request).__name__}"
        )
    try:
        kind = classify(request)
    except (TypeError, ValueError) as error:
        raise type(error)(f"probe must {be} a request: {error}") from None
    if kind.verb == "hello" or not is_safe(kind):
        extended = " with an extension" if kind.extensions else ""
        raise ValueError(
            f"probe must {be} a command that changes nothing and needs a login, such "
            f"as a check, not {kind}{extended}"
        )
