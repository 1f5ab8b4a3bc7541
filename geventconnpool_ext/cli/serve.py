"""``serve``: the registry to test against, alone, until it is told to stop."""

from __future__ import annotations

import argparse
import os
import shutil
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING, Dict, Tuple

import gevent
from gevent.event import Event

from .arguments import count, milliseconds, number, port_or_any, seconds
from .failure import Failure, require

if TYPE_CHECKING:
    from ..testing import Registry, Server

__all__ = ["add_parser"]

_DESCRIPTION = """\
Run an EPP registry in memory, over TLS, with an authority of its own. What it
knows is gone when it stops: by Ctrl-C or SIGTERM, with exit status 0.

Others on this machine can see the arguments of a command. A --user without a
password has the one in the environment variable EPP_PASSWORD, and --users-file
names a file with a line CLIENT:PASSWORD for each.
"""
_PASSWORD_VARIABLE = "EPP_PASSWORD"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to *commands*."""
    parser = commands.add_parser(
        "serve",
        help="run the registry to test against",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s)",
    )
    add(
        "--port",
        type=port_or_any,
        default=7000,
        help="port to listen on, 0 for any (default: %(default)s)",
    )
    add(
        "--name",
        action="append",
        default=[],
        help="another name for the server's certificate; may be repeated",
    )
    add(
        "--ca-out",
        metavar="FILE",
        help="write the authority's certificate, which clients need, to FILE",
    )
    add(
        "--require-client-certificate",
        action="store_true",
        help="let in only who has a certificate of the same authority",
    )
    add(
        "--user",
        action="append",
        default=[],
        metavar="CLIENT[:PASSWORD]",
        help="an account; may be repeated (default: client:password)",
    )
    add("--users-file", metavar="FILE", help="more accounts, one a line")
    add(
        "--latency",
        type=milliseconds,
        default=0.0,
        metavar="MS",
        help="what every message takes (default: 0)",
    )
    limits = parser.add_argument_group("limits of each account (default: none)")
    add = limits.add_argument
    add("--max-sessions", type=count, metavar="N", help="sessions at once")
    add(
        "--idle-timeout",
        type=seconds,
        metavar="SECONDS",
        help="end a session so silent",
    )
    add("--max-age", type=seconds, metavar="SECONDS", help="end a session so old")
    add("--max-commands", type=count, metavar="N", help="end a session after so many")
    add(
        "--login-attempts",
        type=count,
        metavar="N",
        help="lock the account after so many wrong passwords in a row",
    )
    add(
        "--lockout",
        type=seconds,
        default=900.0,
        metavar="SECONDS",
        help="how long it stays locked (default: 900)",
    )
    parser.add_argument(
        "--seed",
        type=number,
        metavar="S",
        help="make the registry's transaction ids repeatable",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes; return 0."""
    require("serve", lxml="epp", trustme="testing")
    from ..testing import Certificates, Limits, Registry, Server

    registry = Registry(
        _accounts(options),
        limits=Limits(
            max_sessions=options.max_sessions,
            idle_timeout=options.idle_timeout,
            max_age=options.max_age,
            max_commands=options.max_commands,
            login_attempts=options.login_attempts,
            lockout=options.lockout,
        ),
        latency=options.latency / 1000,
        seed=options.seed,
    )
    try:
        certificates = Certificates(
            *dict.fromkeys(
                ["localhost", "127.0.0.1", "::1", *_own_name(options), *options.name]
            )
        )
    except ValueError as error:
        raise Failure("--name: no certificate can be made: {}".format(error)) from None
    server = Server(
        registry,
        options.host,
        options.port,
        certificates,
        options.require_client_certificate,
    )
    try:
        _serve(options, registry, server)
    finally:
        server.stop()
        certificates.close()
    counters = registry.counters()
    print(
        "stopped after {} logins and {} commands".format(
            counters.logins, counters.commands
        ),
        flush=True,
    )
    return 0


def _serve(options: argparse.Namespace, registry: Registry, server: Server) -> None:
    stopped = Event()
    loop = gevent.get_hub().loop
    signals = [loop.signal(kind) for kind in (SIGINT, SIGTERM)]
    for watcher in signals:
        watcher.start(stopped.set)
    try:
        try:
            server.start()
        except OSError as error:
            raise Failure(
                "cannot listen on {}:{}: {}".format(
                    options.host, options.port, error.strerror or error
                )
            ) from None
        certificates = server.certificates
        print("CA certificate: {}".format(_ca_file(options, certificates.ca_file)))
        if options.require_client_certificate:
            print("client certificate: " + certificates.client_certificate_file)
            print("client key: " + certificates.client_key_file)
        print("accounts: " + ", ".join(registry.accounts))
        # Last: who reads this line can connect, and has the files above.
        print("listening on {}:{}".format(*server.address), flush=True)
        stopped.wait()
    finally:
        for watcher in signals:
            watcher.stop()


def _ca_file(options: argparse.Namespace, made: str) -> str:
    """Where the authority's certificate is: copied to where it was asked for."""
    if options.ca_out is None:
        return made
    try:
        shutil.copyfile(made, options.ca_out)
    except OSError as error:
        raise Failure(
            "--ca-out: cannot write {!r}: {}".format(options.ca_out, error.strerror)
        ) from None
    return str(options.ca_out)


def _own_name(options: argparse.Namespace) -> Tuple[str, ...]:
    # "Every address" is none that a certificate could name.
    return () if options.host in ("", "0.0.0.0", "::") else (options.host,)


def _accounts(options: argparse.Namespace) -> Dict[str, str]:
    """The accounts that the options name, or else the one of the tests."""
    accounts: Dict[str, str] = {}
    for text in options.user:
        client, colon, password = text.partition(":")
        if not colon:
            password = os.environ.get(_PASSWORD_VARIABLE, "")
        _add(accounts, "--user", client, password)
    if options.users_file is not None:
        try:
            with open(options.users_file, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise Failure(
                "--users-file: cannot read {!r}: {}".format(options.users_file, reason)
            ) from None
        for line in filter(str.strip, lines):
            client, _, password = line.partition(":")
            _add(accounts, "--users-file", client, password)
    return accounts or {"client": "password"}


def _add(accounts: Dict[str, str], option: str, client: str, password: str) -> None:
    if not 3 <= len(client) <= 16:
        raise Failure(
            "{}: a client id has 3 to 16 characters, not {!r}".format(option, client)
        )
    if not 6 <= len(password) <= 16:
        raise Failure(
            "{}: {} needs a password of 6 to 16 characters: write {}:PASSWORD or set "
            "{}".format(option, client, client, _PASSWORD_VARIABLE)
        )
    accounts[client] = password
