"""What a registry has shown, as findings: its certificate, ours, and its greeting.

Pure but for the clock: whether something shown is worth a word is decided here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from .certificate import Certificate, day
from .finding import NOTE, OK, PROBLEM, WARNING, Finding
from .skew import ahead, in_words

if TYPE_CHECKING:
    from ..epp import Greeting

__all__ = [
    "facts",
    "greeted",
    "greeting_facts",
    "judged",
    "own",
    "unverified",
    "verified",
]

_SKEW = 60
"""Seconds that two clocks may differ without a word."""


def verified(shown: Certificate, server_name: str, warn_days: int) -> Finding:
    """The registry's certificate, good for *server_name*."""
    finding = judged(shown, warn_days)
    name = "verified for the name {}".format(server_name)
    return finding._replace(details=[name, *finding.details])


def unverified(shown: Optional[Certificate]) -> Finding:
    """What was shown instead of a certificate that we verified."""
    finding = Finding("certificate", OK, "") if shown is None else judged(shown, 0)
    return Finding(
        "certificate",
        NOTE,
        "not verified (--insecure)",
        "Whoever answers may be somebody else.",
        details=[line for line in (*finding.details, finding.what) if line],
    )


def own(certificate: Certificate, warn_days: int) -> Finding:
    """The certificate that we show to the registry."""
    remedy = "Have a new one signed, and name it with --cert and --key (EPP_CERT_FILE)."
    return judged(certificate, warn_days, "yours", remedy)


def judged(
    certificate: Certificate,
    warn_days: int,
    name: str = "certificate",
    remedy: str = "Tell the registry, whose certificate it is.",
) -> Finding:
    """Whether *certificate* is valid now, and for *warn_days* more."""
    details = list(_named(certificate))
    clock = " This machine's clock says {}.".format(day(time.time()))
    remedy_or_clock = "Set that clock if it is wrong. Else: " + remedy
    if certificate.begins > time.time():
        what = "not valid before {}".format(day(certificate.begins))
        why = "Nobody accepts it before that day." + clock
        return Finding(name, PROBLEM, what, why, remedy_or_clock, details)
    if certificate.ends <= time.time():
        why = "Nobody accepts it any more." + clock
        return Finding(name, PROBLEM, certificate.until, why, remedy_or_clock, details)
    if certificate.days_left < warn_days:
        what = "expires soon: {}".format(certificate.until)
        why = "From then on no new session comes about; open ones go on."
        return Finding(name, WARNING, what, why, remedy, details)
    return Finding(name, OK, "valid {}".format(certificate.until), details=details)


def _named(certificate: Certificate) -> Iterator[str]:
    if certificate.names:
        yield "for: {}".format(", ".join(certificate.names))
    yield "subject: {}".format(certificate.subject or "none")
    itself = certificate.issuer == certificate.subject
    yield "issuer: {}".format("itself" if itself else certificate.issuer)


def facts(certificate: Certificate) -> Dict[str, Any]:
    """The same for programs."""
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": certificate.names,
        "expires": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(certificate.ends)),
        "days_left": certificate.days_left,
    }


def greeted(greeting: Greeting) -> Finding:
    """The registry's first words."""
    seconds = ahead(greeting.server_date)
    clock = "its clock says {}".format(greeting.server_date)
    level, why, action = OK, "", ""
    if seconds is not None:
        clock += ", {}".format(in_words(seconds))
        if abs(seconds) > _SKEW:
            level = WARNING
            why = "With a wrong clock, good certificates are refused."
            action = "Look at this machine's clock first; then tell the registry."
    if "1.0" not in greeting.versions:
        level = WARNING
        why = "It does not offer EPP 1.0, which this package speaks."
        action = "Look at HOST and --port; then ask the registry."
    details = [
        "EPP {}; languages: {}".format(
            ", ".join(greeting.versions), ", ".join(greeting.languages)
        ),
        *greeting.obj_uris,
        *(greeting.ext_uris or ["no extension"]),
        clock,
    ]
    return Finding("greeting", level, greeting.server_id, why, action, details)


def greeting_facts(greeting: Greeting) -> Dict[str, Any]:
    """The same for programs."""
    return {
        "server_id": greeting.server_id,
        "server_date": greeting.server_date,
        "seconds_ahead": ahead(greeting.server_date),
        "versions": greeting.versions,
        "languages": greeting.languages,
        "services": greeting.obj_uris,
        "extensions": greeting.ext_uris,
    }
