"""What the text of an environment variable can mean, one kind of value each.

Pure: which variables there are is in ``environment``.
"""

from __future__ import annotations

import binascii
import math
import re
from functools import partial
from typing import Any, Callable, NamedTuple, Optional, Tuple, Union

from . import xml
from .hosts import check_host
from .probes import check_name

__all__ = [
    "FLAG",
    "HOST",
    "PASSWORD",
    "PATH",
    "PEM",
    "PEM_TEXT",
    "PROBE",
    "SECONDS",
    "TEXT",
    "URIS",
    "WAIT",
    "Kind",
    "ProbeName",
    "choice",
    "whole_number",
]

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,12}\Z")
_FLAGS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Kind(NamedTuple):
    """A kind of value: what is right, and how it is read."""

    short: str
    """What the documentation calls it."""
    wanted: str
    """Ends the sentence 'It must be ...'."""
    read: Callable[[str], Any]
    """Returns the value; raises ValueError, of whatever text, if it is wrong."""
    shown: bool = True
    """Whether an error may show the value. A kind that isn't shown is a secret,
    or too long."""
    literal: bool = False
    """Spaces around it belong to it, and "none" is an ordinary value."""


class ProbeName(NamedTuple):
    """Which probe: a check of the domain *name* or, where it is None, a poll."""

    name: Optional[str]


def whole_number(minimum: int, maximum: Optional[int] = None) -> Kind:
    """Return the kind of whole numbers from *minimum* to *maximum*."""

    def read(text: str) -> int:
        number = int(_matching(_WHOLE_NUMBER, text))
        if number < minimum or (maximum is not None and number > maximum):
            raise ValueError("out of range")
        return number

    if maximum is None:
        wanted = "a whole number, {} or more".format(minimum)
        return Kind("{} or more".format(minimum), wanted, read)
    between = "{} to {}".format(minimum, maximum)
    return Kind(between, "a whole number from " + between, read)


def choice(*words: str) -> Kind:
    """Return the kind that is one of *words*."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError("unknown")
        return text

    return Kind(", ".join(words), " or ".join(words), read)


def _matching(pattern: Any, text: str) -> str:
    if not pattern.match(text):
        raise ValueError("another form")
    return text


def _seconds(text: str) -> Union[int, float]:
    number = float(_matching(_NUMBER, text))
    if not math.isfinite(number):
        raise ValueError("too large")
    return int(number) if number == int(number) else number


def _positive_seconds(text: str) -> Union[int, float]:
    number = _seconds(text)
    if number == 0:
        raise ValueError("zero")
    return number


def _flag(text: str) -> bool:
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise ValueError("neither")
    return flag


def _text(text: str) -> str:
    return text


def _line(text: str) -> str:
    if not xml.expressible(text) or any(character in text for character in "\t\r\n"):
        raise ValueError("a control character")
    return text


def _secret(text: str) -> str:
    # Octets of the environment that are no UTF-8 arrive as lone surrogates.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("not UTF-8")
    return text


def _uris(text: str) -> Tuple[str, ...]:
    uris = tuple(filter(None, re.split(r"[\s,]+", text)))
    if not uris or not all(":" in uri for uri in uris):
        raise ValueError("no URI")
    return uris


def _pem_text(text: str) -> str:
    if "-----BEGIN" not in text:
        # Without its own error, which would hold on to the text.
        decoded = _base64(text)
        if decoded is None or "-----BEGIN" not in decoded:
            raise ValueError("no PEM")
        text = decoded
    elif "\n" not in text.strip():
        text = text.replace("\\r", "").replace("\\n", "\n")
    if any(character > "\x7f" for character in text):
        raise ValueError("not ASCII")
    return text.strip() + "\n"


def _base64(text: str) -> Optional[str]:
    try:
        return binascii.a2b_base64("".join(text.split())).decode("ascii")
    except ValueError:
        return None


def _pem(text: str) -> bytes:
    return _pem_text(text).encode("ascii")


def _probe(text: str) -> ProbeName:
    words = text.split()
    if [word.lower() for word in words] == ["poll"]:
        return ProbeName(None)
    if len(words) == 2 and words[0].lower() == "check":
        return ProbeName(check_name(words[1]))
    raise ValueError("no probe")


SECONDS = Kind(
    "seconds", "a number of seconds, more than 0, such as 30 or 0.5", _positive_seconds
)
WAIT = Kind(
    "seconds or 0", "a number of seconds, 0 or more, such as 30 or 0.5", _seconds
)
FLAG = Kind("true, false", "true or false", _flag)
HOST = Kind(
    "host",
    "a host name or an address, without scheme and port",
    partial(check_host, "host"),
)
TEXT = Kind("text", "a text without control characters, in UTF-8", _line)
PATH = Kind("path", "a path", _text)
URIS = Kind("URIs", "URIs, separated by spaces or commas", _uris)
PROBE = Kind(
    "check NAME, poll",
    '"check" and a domain name, such as "check example.com", or "poll"',
    _probe,
)
PASSWORD = Kind("secret", "a secret in UTF-8", _secret, shown=False, literal=True)
PEM = Kind(
    "PEM", 'PEM, with newlines or "\\n" for them, or its base64', _pem, shown=False
)
PEM_TEXT = PEM._replace(read=_pem_text)
