"""What ``doctor`` looks at in the variables: whether a pool can be made of them.

It makes the pool that ``EPPPool.from_env()`` would, without opening it: so nothing is
sent, and what it says of a wrong variable is what the program would be told.
"""

from __future__ import annotations

import importlib.util
import logging
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from .._kind import KIND_VARIABLE, chosen_kind
from . import certificate, described
from .finding import NOTE, OK, PROBLEM, WARNING, Finding
from .installed import install

__all__ = ["WARN_DAYS", "examine", "kind"]

WARN_DAYS = 30
"""A certificate with fewer days left is worth a warning."""

_PAGE = "docs/settings.md says what each may be"
_OF_PING = ("PASSWORD", "KEY_PASSWORD")
"""Variables that ``ping`` reads too, so they alone mean no pool."""
_STAND_INS: Dict[str, Any] = {
    "host": "localhost",
    "client_id": "client",
    "password": "password",
    "size": 1,
}
"""In the place of what is not set, so that the rest is checked all the same."""


def kind() -> Finding:
    """Which kind of pool the environment asks for."""
    why = "{} chooses what create_pool and EPPPool make.".format(KIND_VARIABLE)
    try:
        chosen = chosen_kind(None)
    except ValueError as error:
        action = "Set it to pool or null, or unset it"
        return Finding("kind", PROBLEM, str(error), why, action)
    if chosen == "null":
        return Finding(
            "kind",
            WARNING,
            "the fallback is on: one connection per call",
            why,
            "Unset {} when the trouble is over".format(KIND_VARIABLE),
        )
    return Finding("kind", OK, "pools keep their connections", why, "")


def examine(
    prefix: str, environ: Mapping[str, str]
) -> Tuple[List[Finding], Optional[int]]:
    """Return what the variables come to, and the size of the pool, if they say it."""
    if importlib.util.find_spec("lxml") is None:
        any_there = any(name.startswith(prefix) for name in environ)
        what = "the variables {}* are not checked, for want of lxml".format(prefix)
        why = "from_env() makes pools of EPP sessions, which need it."
        action = install("'geventconnpool_ext[epp]'")
        return [Finding("settings", NOTE, what, why, action)] if any_there else [], None
    try:
        from ..epp.environment import SETTINGS
    except ImportError as error:
        what = "EPP cannot be imported: {}".format(error.__cause__ or error)
        why = "lxml is installed and cannot be used, so from_env() cannot either."
        action = "Install it anew: " + install("--force-reinstall lxml")
        return [Finding("settings", PROBLEM, what, why, action)], None

    there = [
        setting.name
        for setting in SETTINGS
        if environ.get(prefix + setting.name, "").strip()
    ]
    if not set(there) - set(_OF_PING):
        what = "no variable {}* is set: the program says all in code".format(prefix)
        return [Finding("settings", OK, what)], None
    return _examine(prefix, environ, there)


def _examine(
    prefix: str, environ: Mapping[str, str], there: List[str]
) -> Tuple[List[Finding], Optional[int]]:
    from ..epp import EPPPool
    from ..epp.environment import BY_ARGUMENT, REQUIRED

    names = {argument: prefix + BY_ARGUMENT[argument].name for argument in BY_ARGUMENT}
    missing = [
        any_of
        for any_of in REQUIRED
        if not any(BY_ARGUMENT[argument].name in there for argument in any_of)
    ]
    stand_ins = {any_of[0]: _STAND_INS[any_of[0]] for any_of in missing}
    findings: List[Finding] = []
    size: Optional[int] = None
    with _collected() as lines:
        try:
            pool = EPPPool.from_env(
                prefix=prefix, environ=environ, open=False, **stand_ins
            )
        except (TypeError, ValueError, OSError) as error:
            what, why = str(error), "EPPPool.from_env() ends with this error."
            findings.append(Finding("settings", PROBLEM, what, why, _PAGE))
        else:
            if "size" not in stand_ins:
                size = pool.size
            pool.close()
            what = "a pool can be made of {} variables".format(len(there))
            listed = ", ".join(prefix + name for name in there)
            findings.append(Finding("settings", OK, what, details=[listed]))
            findings += _certificates(prefix, environ)
    why = "It is nearly the name of a setting."
    findings += [
        Finding("settings", WARNING, line, why, "Correct the name") for line in lines
    ]
    if missing:
        wanted = ", ".join(
            " or ".join(names[argument] for argument in any_of) for any_of in missing
        )
        why = "from_env() needs it, unless the program says it in code."
        action = "Run this with the program's variables, or set it"
        what = "not set: {}".format(wanted)
        findings.append(Finding("settings", WARNING, what, why, action))
    return findings, size


@contextmanager
def _collected() -> Iterator[List[str]]:
    """What the package logs meanwhile, which reaches no other handler."""
    lines: List[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger = logging.getLogger("geventconnpool_ext")
    handler = Collector(logging.WARNING)
    propagated = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


def _certificates(prefix: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the certificates last, and whether the registry's is verified."""
    from ..epp.settings import read_settings

    given = read_settings(prefix, environ, {}, {"tls"}).given("tls")
    if given.get("verify") is False:
        yield Finding(
            "verify",
            WARNING,
            "{}VERIFY is off: any server is accepted".format(prefix),
            "The password goes to whoever answers.",
            "Unset it, and name the registry's authority by {}CA_FILE".format(prefix),
        )
    for name, argument, remedy in (
        ("certificate", "cert", "Have a new one signed, and set {}CERT_FILE to it"),
        ("authority", "ca", "Get the registry's new one, and set {}CA_FILE to it"),
    ):
        content = _content(given, argument)
        if content is None:
            continue
        read = certificate.from_pem(content)
        if not read:
            what = "its date is not checked, for want of cryptography"
            why = "Only how long it lasts: that it can be used is known."
            action = install("'geventconnpool_ext[cli]'")
            if certificate.can_read():
                what = "its date is not checked: cryptography cannot read it"
                action = "Look for yourself: openssl x509 -noout -enddate"
            yield Finding(name, NOTE, what, why, action)
            continue
        # Ours comes first in its chain. Of authorities one that lasts is enough.
        which = read[0] if name == "certificate" else max(read, key=lambda c: c.ends)
        yield described.judged(which, WARN_DAYS, name, remedy.format(prefix))


def _content(given: Mapping[str, Any], argument: str) -> Optional[bytes]:
    path, data = given.get(argument + "_file"), given.get(argument + "_data")
    if path is not None:
        with open(path, "rb") as file:
            return file.read()
    return data.encode("ascii") if isinstance(data, str) else data
