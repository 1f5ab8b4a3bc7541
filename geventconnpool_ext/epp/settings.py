"""Settings: what an environment says about sessions, read and checked.

What can be set is in ``environment``. Here variables become arguments, what code
gives comes first, and an error about an argument names the variable it came from.
"""

from __future__ import annotations

import difflib
import logging
import os
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Set

from .._log import log
from .commands import Login
from .environment import BY_ARGUMENT, BY_NAME, EXCLUSIVE, REQUIRED, SETTINGS, Setting
from .environment_values import ProbeName
from .paths import shown_password_path
from .probes import check_domain, poll_request
from .renamed import renamed

__all__ = ["Settings", "read_settings"]

_CLOSE = 0.75
"""How alike two names must be, as difflib counts, for one to be a slip."""

_reported: Set[str] = set()
"""The variables that a warning was logged for: once per process."""


class Settings:
    """The settings of one pool or policy; ``read_settings`` makes it.

    ``options`` is what code gave beyond the settings.
    """

    def __init__(
        self,
        prefix: str,
        groups: Set[str],
        values: Dict[str, Any],
        in_code: Set[str],
        options: Dict[str, Any],
    ) -> None:
        self.options = options
        self._prefix = prefix
        self._groups = groups
        self._values = values
        self._in_code = in_code

    def __repr__(self) -> str:
        return "<Settings {}*>".format(self._prefix)

    def given(self, *groups: str) -> Dict[str, Any]:
        """Return the arguments of *groups* that were given, by variable or in code.

        The groups are connection, tls, client, login, pool and policy.
        """
        return {
            setting.argument: self._values[setting.argument]
            for setting in SETTINGS
            if setting.group in groups and setting.argument in self._values
        }

    def policy(
        self,
        check_domain: Callable[[str], Any] = check_domain,
        poll_request: Callable[[], Any] = poll_request,
    ) -> Dict[str, Any]:
        """Return the arguments for ``SessionPolicy``.

        *check_domain* and *poll_request* make the probe that a variable names.
        Raises ValueError for a probe_interval without a probe.
        """
        arguments = self.given("policy")
        probe = arguments.get("probe")
        if isinstance(probe, ProbeName):
            name = probe.name
            arguments["probe"] = poll_request() if name is None else check_domain(name)
        elif probe is None and self._comes_from_variable("probe_interval"):
            if arguments["probe_interval"] is not None:
                raise ValueError(
                    "{} needs a probe: set {}PROBE, such as to "
                    '"check example.com"'.format(
                        self.name_of("probe_interval"), self._prefix
                    )
                )
        return arguments

    def login_arguments(self) -> Dict[str, Any]:
        """Return the arguments for ``Login``, the password read anew.

        Raises ValueError, naming the variable, if its file cannot be read.
        """
        arguments = self.given("login")
        path = arguments.pop("password_file", None)
        if path is not None:
            name = self.name_of("password_file")
            arguments["password"] = _read_password(name, path)
        return arguments

    def login(self) -> Login:
        """Return a login request, made anew, as ``EPPPool`` wants it.

        Raises ValueError that names the variable.
        """
        with self.naming_variables():
            return Login(**self.login_arguments())

    def name_of(self, argument: str) -> str:
        """Return the name that its user knows *argument* by."""
        if argument in self._in_code:
            return argument
        return self._prefix + BY_ARGUMENT[argument].name

    @contextmanager
    def naming_variables(self) -> Iterator[None]:
        """Have a TypeError or ValueError name variables instead of arguments.

        An error that is about arguments given in code alone goes on as it is.
        """
        try:
            yield
        except (TypeError, ValueError) as error:
            told = str(error)
            named = self._with_variables(told)
            if named == told:
                raise
            raise ValueError(named) from error

    def _comes_from_variable(self, argument: str) -> bool:
        return argument in self._values and argument not in self._in_code

    def _with_variables(self, text: str) -> str:
        names = {
            setting.argument: self.name_of(setting.argument)
            for setting in SETTINGS
            if setting.group in self._groups and setting.argument not in self._in_code
        }
        if "password" in names and "password_file" in self._values:
            names["password"] = "the password in " + self.name_of("password_file")
        return renamed(text, names)


def read_settings(
    prefix: str,
    environ: Optional[Mapping[str, str]],
    options: Mapping[str, Any],
    groups: Set[str],
) -> Settings:
    """Read the settings of *groups* and check each.

    Arguments:
        prefix: what the variables' names begin with.
        environ: where they are. Default: ``os.environ``.
        options: what code gave: settings by the names of their arguments, which
            count before variables, and other arguments.

    Raises ValueError that names every wrong variable and every missing one, and
    TypeError or ValueError for a wrong *prefix* or *environ*.
    """
    if not isinstance(prefix, str):
        raise TypeError("prefix must be a str, not {}".format(type(prefix).__name__))
    if not prefix:
        raise ValueError(
            "prefix must not be empty, or variables such as USER would be read; "
            "'EPP_' is usual"
        )
    if environ is None:
        environ = os.environ
    elif not isinstance(environ, Mapping):
        raise TypeError(
            "environ must be a mapping of variables to their values, not {}".format(
                type(environ).__name__
            )
        )
    remaining = dict(options)
    wanted = [setting for setting in SETTINGS if setting.group in groups]
    in_code = {
        setting.argument: remaining.pop(setting.argument)
        for setting in wanted
        if setting.argument in remaining
    }
    values = dict(in_code)
    settings = Settings(prefix, groups, values, set(in_code), remaining)
    wrong: Dict[str, str] = {}
    for setting in wanted:
        if not _replaced(setting.argument, in_code):
            problem = _read(setting, prefix, environ, values)
            if problem is not None:
                wrong[setting.argument] = problem
    problems = [*wrong.values(), *_contradictions(settings, values, groups, wrong)]
    # First: a slip may be why something is missing.
    _report_slips(prefix, environ)
    if problems:
        raise ValueError("; ".join(problems))
    return settings


def _replaced(argument: str, in_code: Mapping[str, Any]) -> bool:
    """Whether code gave *argument*, or what is given instead of it."""
    return argument in in_code or any(
        argument in pair and in_code.get(other) is not None
        for pair in EXCLUSIVE
        for other in pair
    )


def _read(
    setting: Setting, prefix: str, environ: Mapping[str, str], values: Dict[str, Any]
) -> Optional[str]:
    """Put what *setting*'s variable says into *values*; return what is wrong."""
    variable = prefix + setting.name
    text: Any = environ.get(variable)
    if text is None:
        return None
    if not isinstance(text, str):
        raise TypeError(
            "{} must be a str, not {}".format(variable, type(text).__name__)
        )
    kind = setting.kind
    if not kind.literal:
        text = text.strip()
    if not text:
        return None
    if setting.nullable and text.lower() == "none":
        values[setting.argument] = None
        return None
    try:
        values[setting.argument] = kind.read(text)
    except ValueError:
        # Before an @ in a URL stands a password.
        hidden = not kind.shown or "@" in text
        shown = "; it is not shown here" if hidden else ", not {!r}".format(text)
        return "{} must be {}{}".format(variable, setting.wanted, shown)
    return None


def _contradictions(
    settings: Settings,
    values: Mapping[str, Any],
    groups: Set[str],
    wrong: Mapping[str, str],
) -> Iterator[str]:
    """What is there twice, and what is missing; not what is there but *wrong*."""
    for pair in EXCLUSIVE:
        if all(values.get(argument) is not None for argument in pair):
            yield "{} and {} are both set: set one".format(*map(settings.name_of, pair))
    missing = [
        " or ".join(map(settings.name_of, any_of))
        for any_of in REQUIRED
        if BY_ARGUMENT[any_of[0]].group in groups
        and not any(
            values.get(argument) is not None or argument in wrong for argument in any_of
        )
    ]
    if missing:
        yield "not set, but needed: {}".format(", ".join(missing))


def _report_slips(prefix: str, environ: Mapping[str, str]) -> None:
    """Log a warning for each variable whose name is nearly that of a setting."""
    for variable in sorted(environ):
        name = variable[len(prefix) :]
        if not variable.startswith(prefix) or name in BY_NAME or variable in _reported:
            continue
        meant = difflib.get_close_matches(name, BY_NAME, 1, _CLOSE)
        if meant:
            _reported.add(variable)
            log(
                logging.WARNING,
                "%s: not read; did you mean %s?",
                variable,
                prefix + meant[0],
            )


def _read_password(name: str, path: str) -> str:
    """Return what the file *path* holds, without the newline at its end."""
    shown = shown_password_path(path)
    problem = password = ""
    try:
        with open(path, "rb") as file:
            content = file.read()
        # Some editors write a byte order mark, which is no part of the password.
        password = content.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        problem = "cannot read {}: {}".format(shown, error.strerror)
    except UnicodeDecodeError:
        problem = "{} is not UTF-8".format(shown)
    except (TypeError, ValueError):
        problem = "not a path: {}".format(shown)
    if not problem and not password:
        problem = "{} is empty".format(shown)
    if problem:
        # Not while that error is handled: it holds on to the content.
        raise ValueError("{}: {}".format(name, problem))
    return password
