"""The settings that ``from_env`` reads: their names, kinds, defaults and meanings.

The one place that says what can be set. How they are read is in ``settings``;
docs/settings.md shows this table, and a test holds it to it.
"""

from __future__ import annotations

from typing import NamedTuple

from .environment_values import (
    FLAG,
    HOST,
    PASSWORD,
    PATH,
    PEM,
    PEM_TEXT,
    PROBE,
    SECONDS,
    TEXT,
    URIS,
    WAIT,
    Kind,
    choice,
    whole_number,
)
from .framing import DEFAULT_LIMIT, HEADER_SIZE

__all__ = ["BY_ARGUMENT", "BY_NAME", "EXCLUSIVE", "REQUIRED", "SETTINGS", "Setting"]


class Setting(NamedTuple):
    """One setting: a variable, and the argument that it stands for."""

    name: str
    """The variable, without the prefix."""
    argument: str
    """Of ``Client``, ``Login``, ``EPPPool`` or ``SessionPolicy``."""
    group: str
    """connection, tls, client, login, pool or policy."""
    kind: Kind
    """What is right for it."""
    default: str
    """What holds where it is not set, for the reader."""
    meaning: str
    """What it is for."""
    nullable: bool = False
    """Whether "none" is a value."""

    @property
    def wanted(self) -> str:
        """What is right for it, "none" included."""
        return self.kind.wanted + (", or none" if self.nullable else "")

    @property
    def short(self) -> str:
        """The same in a word or two, for the documentation."""
        return self.kind.short + (", none" if self.nullable else "")


SETTINGS = (
    Setting("HOST", "host", "connection", HOST, "required", "The registry's server."),
    Setting("PORT", "port", "connection", whole_number(1, 65535), "700", "Its port."),
    Setting(
        "SERVER_NAME", "server_name", "connection", HOST, "`HOST`",
        "The name in its certificate, if it is another.", True,
    ),
    Setting(
        "CA_FILE", "ca_file", "tls", PATH, "the system's",
        "The authorities that its certificate must lead to.", True,
    ),
    Setting("CA", "ca_data", "tls", PEM_TEXT, "none", "The same, as text.", True),
    Setting(
        "CERT_FILE", "cert_file", "tls", PATH, "none",
        "Your certificate, then those between it and its authority.", True,
    ),
    Setting("CERT", "cert_data", "tls", PEM, "none", "The same, as text.", True),
    Setting(
        "KEY_FILE", "key_file", "tls", PATH, "with the certificate",
        "The certificate's key.", True,
    ),
    Setting(
        "KEY", "key_data", "tls", PEM, "with the certificate",
        "The same, as text.", True,
    ),
    Setting(
        "KEY_PASSWORD", "key_password", "tls", PASSWORD, "none",
        "Opens an encrypted key.",
    ),
    Setting(
        "VERIFY", "verify", "tls", FLAG, "true",
        "false accepts any server: for tests only.",
    ),
    Setting(
        "HANDSHAKE_TIMEOUT", "handshake_timeout", "client", SECONDS, "10",
        "One TLS handshake.", True,
    ),
    Setting(
        "READ_TIMEOUT", "read_timeout", "client", SECONDS, "30",
        "From a request to the end of its answer.", True,
    ),
    Setting(
        "WRITE_TIMEOUT", "write_timeout", "client", SECONDS, "30",
        "Writing one request.", True,
    ),
    Setting(
        "LIMIT", "limit", "client", whole_number(HEADER_SIZE + 1, 0xFFFFFFFF),
        str(DEFAULT_LIMIT), "Most octets of one message, either way.",
    ),
    Setting("USER", "client_id", "login", TEXT, "required", "The account, `clID`."),
    Setting(
        "PASSWORD", "password", "login", PASSWORD, "required, or `PASSWORD_FILE`",
        "Its password.",
    ),
    Setting(
        "PASSWORD_FILE", "password_file", "login", PATH, "none",
        "A file with the password, read anew at each login.", True,
    ),
    Setting(
        "OBJ_URIS", "obj_uris", "login", URIS, "domain, contact and host",
        "The objects that a session uses.",
    ),
    Setting(
        "EXT_URIS", "ext_uris", "login", URIS, "no extension",
        "The extensions that a session uses.",
    ),
    Setting("LANG", "lang", "login", TEXT, "en", "The language of its answers."),
    Setting(
        "SIZE", "size", "pool", whole_number(1), "required",
        "Most sessions at once, of this pool in this process.",
    ),
    Setting(
        "MIN_SIZE", "min_size", "pool", whole_number(0), "`SIZE`",
        "Sessions kept open when nobody asks.", True,
    ),
    Setting(
        "TIMEOUT", "timeout", "pool", WAIT, "none",
        "A caller's wait for a session with `get()`; 0 never waits.", True,
    ),
    Setting(
        "MAX_WAITING", "max_waiting", "pool", whole_number(0), "none",
        "Callers beyond this many waiting get `PoolFull` at once.", True,
    ),
    Setting(
        "MAX_IDLE", "max_idle", "pool", SECONDS, "none",
        "Above `MIN_SIZE`, a session unused for this long is closed.", True,
    ),
    Setting(
        "ORDER", "order", "pool", choice("fifo", "lifo"), "fifo",
        "Hand out what was idle longest, or shortest.",
    ),
    Setting(
        "CLOSE_TIMEOUT", "close_timeout", "pool", SECONDS, "5",
        "One logout and close.",
    ),
    Setting(
        "MAX_OPENING", "max_opening", "pool", whole_number(1), "2",
        "Connects and logins under way at once.",
    ),
    Setting(
        "LEAK_AFTER", "leak_after", "pool", SECONDS, "none",
        "A session in use for longer is reported in the log, once.", True,
    ),
    Setting(
        "NAME", "name", "pool", TEXT, "the class's name and a number",
        "The pool's name in log lines and errors.", True,
    ),
    Setting(
        "KIND", "kind", "pool", choice("pool", "null"), "pool",
        "null opens a session per call. Not set: `GEVENTCONNPOOL_EXT_KIND` says it.",
        True,
    ),
    Setting(
        "IDLE_TIMEOUT", "idle_timeout", "policy", SECONDS, "3600",
        "A session unused for this long is replaced.", True,
    ),
    Setting(
        "MAX_AGE", "max_age", "policy", SECONDS, "86400",
        "A session is replaced before it gets older.", True,
    ),
    Setting(
        "MAX_COMMANDS", "max_commands", "policy", whole_number(1), "none",
        "Commands sent on one session.", True,
    ),
    Setting(
        "HELLO_INTERVAL", "hello_interval", "policy", SECONDS,
        "a third of `IDLE_TIMEOUT`", "A session idle for longer is sent a hello.",
        True,
    ),
    Setting(
        "PROBE", "probe", "policy", PROBE, "none",
        "A command that shows that a session is still logged in.", True,
    ),
    Setting(
        "PROBE_INTERVAL", "probe_interval", "policy", SECONDS, "`HELLO_INTERVAL`",
        "A session is probed when its login was last proved longer ago.", True,
    ),
    Setting(
        "COMMAND_TIMEOUT", "command_timeout", "policy", SECONDS, "30",
        "One command with its answer; in `send()`, with all that it takes.", True,
    ),
    Setting(
        "CONNECT_TIMEOUT", "connect_timeout", "policy", SECONDS, "10",
        "One connect with its login.", True,
    ),
    Setting(
        "LOGIN_FAILURES", "login_failures", "policy", whole_number(1), "3",
        "Refused logins in a row before logins stop.",
    ),
    Setting(
        "LOGIN_RETRY_AFTER", "login_retry_after", "policy", SECONDS, "900",
        "Then one login is tried per this long.",
    ),
)  # fmt: skip
"""Every setting, in the order of the documentation."""

BY_NAME = {setting.name: setting for setting in SETTINGS}

BY_ARGUMENT = {setting.argument: setting for setting in SETTINGS}

REQUIRED = (("host",), ("client_id",), ("password", "password_file"), ("size",))
"""Arguments of which one must be given, each."""

EXCLUSIVE = (
    ("ca_file", "ca_data"),
    ("cert_file", "cert_data"),
    ("key_file", "key_data"),
    ("password", "password_file"),
)
"""Arguments of which one at most may be given."""
