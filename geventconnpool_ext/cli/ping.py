"""``ping``: is this registry there, is its certificate good, does the login work?

The command and its options; the steps are in ``asking``, how they are shown in
``findings``.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Callable, List, Optional

from .arguments import number, port, seconds
from .configured import WARN_DAYS
from .failure import Failure, WrongUse, require
from .findings import Findings
from .interrupts import interruptible
from .page import Page

if TYPE_CHECKING:
    from ..epp import Greeting, Login
    from .target import Target

__all__ = ["add_parser"]

_DESCRIPTION = """\
Ask a registry step by step: DNS, TCP, TLS, its certificate, its greeting; with
--user also a login, some hellos and a logout. The first step that fails ends
it, with what that means and what to do.

The password is read from --password-file, or from the environment variable
EPP_PASSWORD, or asked for: an argument would be seen by others on this machine.
The password of a key is read from EPP_KEY_PASSWORD.

Exit status: 0 if all is well, which includes warnings, such as a certificate
that expires soon (with --strict they end with 1); 1 if a step failed; 2 if an
option is wrong or missing, and nothing was sent.
"""
_OPTIONS = {
    "ca_file": "--ca",
    "cert_file": "--cert",
    "key_file": "--key",
    "ca_data": "a file with it",
    "cert_data": "a file with it",
    "key_data": "a file with it",
    "key_password": "EPP_KEY_PASSWORD",
    "server_name": "--server-name",
    "client_id": "--user",
}
_STEPS = ["DNS", "TCP", "TLS", "certificate", "greeting"]
_STEPS_WITH_LOGIN = [*_STEPS, "login", "hello", "logout"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to *commands*."""
    parser = commands.add_parser(
        "ping",
        help="ask whether a registry is there and lets you in",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("host", metavar="HOST", help="name or address of the registry")
    add("--port", type=port, default=700, help="its port (default: %(default)s)")
    add("--ca", metavar="FILE", help="authority to trust (default: the system's)")
    add("--cert", metavar="FILE", help="client certificate, PEM")
    add("--key", metavar="FILE", help="its key (default: in the same file)")
    add("--server-name", metavar="NAME", help="name in its certificate (default: HOST)")
    add(
        "--insecure",
        action="store_true",
        help="accept any certificate: for tests only, and never with --user",
    )
    add("--user", metavar="CLIENT", help="log in with this client id")
    add("--password-file", metavar="FILE", help="the first line is the password")
    add(
        "--hellos",
        type=number,
        default=5,
        metavar="N",
        help="how many hellos to time after the login (default: %(default)s)",
    )
    add(
        "--timeout",
        type=seconds,
        default=10.0,
        metavar="SECONDS",
        help="for each step (default: 10)",
    )
    add(
        "--warn-days",
        type=number,
        default=WARN_DAYS,
        metavar="DAYS",
        help="warn of a certificate with fewer days left (default: %(default)s)",
    )
    add("--strict", action="store_true", help="a warning, too, ends with 1")
    add("--json", action="store_true", help="write one JSON object, not text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ping; return the exit status. Raises Failure for what cannot be asked."""
    require("ping", lxml="epp")
    if options.user is None and options.password_file is not None:
        raise WrongUse("--password-file needs --user, the client id to log in with")
    if options.insecure and options.user is not None:
        raise WrongUse(
            "--insecure with --user would give the password to whoever answers: "
            "name the registry's authority with --ca"
        )
    target = _target(options)
    user: Optional[str] = options.user
    password = login = None
    if user is not None:
        password = _password(options)
        login = _login(user, password)
    from .asking import Asking

    steps = _STEPS if login is None else _STEPS_WITH_LOGIN
    page = None if options.json else Page(sys.stdout)
    findings = Findings(steps, sys.stdout, page, password)
    asking = Asking(target, findings)
    if page is not None:
        page.paragraph(_opening(options))
        page.gap()
    try:
        # Not before: a prompt for a password waits without the loop.
        with interruptible():
            asking.ask(login, options.hellos)
    finally:
        asking.close()
    return findings.finish(options.strict)


def _opening(options: argparse.Namespace) -> str:
    name = options.server_name
    return "{}, port {}{}; at most {:g} s for each step".format(
        options.host,
        options.port,
        "" if name is None else ", as {}".format(name),
        options.timeout,
    )


def _target(options: argparse.Namespace) -> Target:
    try:
        from .target import Target
    except ImportError as error:
        raise Failure(str(error)) from None
    try:
        return Target(
            options.host,
            options.port,
            server_name=options.server_name,
            timeout=options.timeout,
            warn_days=options.warn_days,
            ca_file=options.ca,
            cert_file=options.cert,
            key_file=options.key,
            key_password=(
                # Without a certificate it is another program's.
                None if options.cert is None else os.environ.get("EPP_KEY_PASSWORD")
            ),
            verify=not options.insecure,
        )
    except ValueError as error:
        raise WrongUse(_in_options(error)) from None


def _in_options(error: Exception) -> str:
    """What *error* says, with the names of options for those of arguments."""
    from ..epp.renamed import renamed

    return renamed(str(error), _OPTIONS)


def _login(client_id: str, password: str) -> Callable[[Greeting], Login]:
    """Return what makes the request, of what the greeting offers and no more."""
    from ..epp import Login

    try:
        Login(client_id, password)
    except ValueError as error:
        raise WrongUse(_in_options(error)) from None

    def login(greeting: Greeting) -> Login:
        languages: List[str] = list(greeting.languages) or ["en"]
        versions: List[str] = list(greeting.versions) or ["1.0"]
        return Login(
            client_id,
            password,
            obj_uris=greeting.obj_uris,
            version="1.0" if "1.0" in versions else versions[0],
            lang="en" if "en" in languages else languages[0],
        )

    return login


def _password(options: argparse.Namespace) -> str:
    """The password of ``--user``, from wherever it is."""
    from ..epp.paths import shown_password_path

    if options.password_file is not None:
        try:
            with open(options.password_file, encoding="utf-8") as file:
                password = file.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise WrongUse(
                "--password-file: cannot read {}: {}".format(
                    shown_password_path(options.password_file), reason
                )
            ) from None
    else:
        password = os.environ.get("EPP_PASSWORD", "")
        if not password and sys.stdin.isatty():
            import getpass

            try:
                password = getpass.getpass("password of {}: ".format(options.user))
            except EOFError:
                # Ctrl-D. The cursor is behind the prompt still.
                print(file=sys.stderr)
    if not password:
        raise WrongUse(
            "no password for {}: set EPP_PASSWORD or give --password-file".format(
                options.user
            )
        )
    return password
