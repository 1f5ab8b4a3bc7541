"""``ping``: is this registry there, is its certificate good, does the login work?

Asks step by step and shows what came; how that is written is in ``findings``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any, List, Optional, Tuple

from .arguments import number, port, seconds
from .failure import Failure, require
from .findings import Findings
from .interrupts import interruptible

if TYPE_CHECKING:
    from ..epp import Client, Greeting, Login

__all__ = ["add_parser"]

_DESCRIPTION = """\
Connect to a registry and show its TLS version, its certificate and its
greeting. With --user also log in, time some hellos, and log out.

The password is read from --password-file, or from the environment variable
EPP_PASSWORD, or asked for: an argument would be seen by others on this machine.
The password of a key is read from EPP_KEY_PASSWORD.
"""
_OPTIONS = {
    "ca_file": "--ca",
    "cert_file": "--cert",
    "key_file": "--key",
    "key_password": "EPP_KEY_PASSWORD",
    "server_name": "--server-name",
}


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
    add("--json", action="store_true", help="write one JSON object, not text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ping; return 0, or raise Failure that says which step failed and why."""
    require("ping", lxml="epp")
    if options.user is None and options.password_file is not None:
        raise Failure("--password-file needs --user, the client id to log in with")
    if options.insecure and options.user is not None:
        raise Failure(
            "--insecure with --user would give the password to whoever answers: "
            "name the registry's authority with --ca"
        )
    client = _client(options)
    password = None if options.user is None else _password(options)
    # Text is shown as it comes, so that a failure later on hides nothing.
    findings = Findings(sys.stdout, as_text=not options.json)
    try:
        # Not before: a prompt for a password waits without the loop.
        with interruptible():
            _ask(options, client, password, findings)
    finally:
        client.close()
    findings.finish()
    return 0


def _client(options: argparse.Namespace) -> Client:
    from ..epp import Client

    try:
        return Client(
            options.host,
            options.port,
            ca_file=options.ca,
            cert_file=options.cert,
            key_file=options.key,
            key_password=os.environ.get("EPP_KEY_PASSWORD"),
            verify=not options.insecure,
            server_name=options.server_name,
            connect_timeout=options.timeout,
            handshake_timeout=options.timeout,
            greeting_timeout=options.timeout,
            read_timeout=options.timeout,
            write_timeout=options.timeout,
        )
    except ValueError as error:
        raise Failure(_in_options(error)) from None


def _ask(
    options: argparse.Namespace,
    client: Client,
    password: Optional[str],
    findings: Findings,
) -> None:
    greeting, connected = _step("connect", client.connect)
    findings.connected(options.host, options.port, client.socket, connected)
    findings.greeted(greeting)
    if password is None:
        return
    from ..epp import Logout

    answer, took = _step(
        "login", lambda: client.send(_login(options.user, password, greeting))
    )
    if answer.code != 1000:
        raise Failure(
            "the login of {} was refused: {} {}".format(
                options.user, answer.code, answer.msg
            )
        )
    findings.logged_in(options.user, took)
    hellos = [_step("hello", client.hello)[1] for _ in range(options.hellos)]
    if hellos:
        findings.greeted_again(hellos)
    answer, took = _step("logout", lambda: client.send(Logout()))
    if answer.code != 1500:
        raise Failure("logout was answered by {} {}".format(answer.code, answer.msg))
    findings.logged_out(took)


def _step(name: str, act: Any) -> Tuple[Any, float]:
    """What *act* returned, and the seconds it took."""
    from ..epp import EPPError

    began = time.monotonic()
    try:
        result = act()
    except (EPPError, OSError, ValueError) as error:
        raise Failure("{} failed: {}".format(name, _in_options(error))) from None
    return result, time.monotonic() - began


def _in_options(error: Exception) -> str:
    """What *error* says, with the names of options for those of arguments."""
    return re.sub("|".join(_OPTIONS), lambda found: _OPTIONS[found.group()], str(error))


def _login(client_id: str, password: str, greeting: Greeting) -> Login:
    """Ask for what the registry offers, no more: it would refuse the rest."""
    from ..epp import Login

    languages: List[str] = list(greeting.languages) or ["en"]
    versions: List[str] = list(greeting.versions) or ["1.0"]
    return Login(
        client_id,
        password,
        obj_uris=greeting.obj_uris,
        version="1.0" if "1.0" in versions else versions[0],
        lang="en" if "en" in languages else languages[0],
    )


def _password(options: argparse.Namespace) -> str:
    """The password of ``--user``, from wherever it is."""
    if options.password_file is not None:
        try:
            with open(options.password_file, encoding="utf-8") as file:
                password = file.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise Failure(
                "--password-file: cannot read {!r}: {}".format(
                    options.password_file, reason
                )
            ) from None
    else:
        password = os.environ.get("EPP_PASSWORD", "")
        if not password and sys.stdin.isatty():
            import getpass

            password = getpass.getpass("password of {}: ".format(options.user))
    if not password:
        raise Failure(
            "no password for {}: set EPP_PASSWORD or give --password-file".format(
                options.user
            )
        )
    return password
