"""Ready-made requests: what a pool and a first program need, not all of EPP.

Each is a request in the sense of ``requests``: an object with
``xml(tr_id=...)``. Anything else can be sent as bytes, a str, or an object of
another library. None shows a password or authInfo in its repr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Tuple

from lxml import etree

from . import xml
from .requests import RequestKind, check_tr_id, ready_made
from .transaction import new_tr_id

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = [
    "CheckDomain",
    "CreateDomain",
    "DeleteDomain",
    "Hello",
    "InfoDomain",
    "Login",
    "Logout",
    "PollAck",
    "PollRequest",
]

DEFAULT_OBJECTS = (xml.DOMAIN, xml.CONTACT, xml.HOST)
"""The objects a ``Login`` names unless told otherwise."""


def _document() -> Element:
    # lxml-stubs wants a str key here, where None means the default namespace.
    namespaces: Any = {None: xml.EPP}
    return etree.Element(f"{{{xml.EPP}}}epp", nsmap=namespaces)


def _command(fill: Callable[[Element], None], tr_id: Optional[str]) -> bytes:
    root = _document()
    command = xml.append(root, "command")
    fill(command)
    tr_id = new_tr_id() if tr_id is None else check_tr_id(tr_id)
    xml.append(command, "clTRID").text = tr_id
    return xml.serialize(root)


def _object(verb: Element, space: str, prefix: str) -> Element:
    """``<domain:check>`` inside ``<check>``."""
    name = xml.local_name(verb)
    return etree.SubElement(verb, f"{{{space}}}{name}", nsmap={prefix: space})


def _text(argument: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{argument} must not be empty")
    if not xml.expressible(value):
        # lxml's own error would hold the text, which may be a password.
        raise ValueError(
            f"{argument} holds a character that XML cannot express, such as a control "
            f"character or half of a surrogate pair"
        )
    return value


def _texts(argument: str, values: Iterable[str]) -> Tuple[str, ...]:
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{argument} must be a sequence of str, not one str")
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{argument} must be a sequence of str, not {type(values).__name__}"
        )
    return tuple(_text(argument, value) for value in values)


class Hello:
    """``<hello>``: answered with a greeting, with or without a login."""

    __slots__ = ()

    def xml(self, tr_id: Optional[str] = None) -> bytes:
        """The bytes to send. Hello has no clTRID: *tr_id* is ignored."""
        root = _document()
        xml.append(root, "hello")
        return xml.serialize(root)

    def __repr__(self) -> str:
        return "Hello()"


class Login:
    """``<login>`` (RFC 5730 section 2.9.1.1).

    *client_id* has 3 to 16 characters and *password* at least 6; registries
    that go beyond 16 (RFC 8807) are not stopped here. *new_password* changes
    the password. *obj_uris* and *ext_uris* are the services the session uses:
    every session of a pool should name the same. Raises ValueError naming the
    argument; never shows a password.
    """

    __slots__ = (
        "_new_password",
        "_password",
        "client_id",
        "ext_uris",
        "lang",
        "obj_uris",
        "version",
    )

    def __init__(
        self,
        client_id: str,
        password: str,
        *,
        new_password: Optional[str] = None,
        obj_uris: Iterable[str] = DEFAULT_OBJECTS,
        ext_uris: Iterable[str] = (),
        version: str = "1.0",
        lang: str = "en",
    ) -> None:
        self.client_id: str = _text("client_id", client_id)
        if not 3 <= len(client_id) <= 16:
            raise ValueError(
                f"client_id must have 3 to 16 characters, not {len(client_id)}"
            )
        self._password = self._secret("password", password)
        self._new_password = (
            None if new_password is None else self._secret("new_password", new_password)
        )
        self.obj_uris: Tuple[str, ...] = _texts("obj_uris", obj_uris)
        if not self.obj_uris:
            raise ValueError("obj_uris must name at least one object")
        self.ext_uris: Tuple[str, ...] = _texts("ext_uris", ext_uris)
        self.version: str = _text("version", version)
        self.lang: str = _text("lang", lang)

    @staticmethod
    def _secret(argument: str, value: str) -> str:
        if len(_text(argument, value)) < 6:
            raise ValueError(f"{argument} must have at least 6 characters")
        return value

    def xml(self, tr_id: Optional[str] = None) -> bytes:
        """The bytes to send, with the clTRID *tr_id* (default: a new one)."""
        return _command(self._fill, tr_id)

    def _fill(self, command: Element) -> None:
        login = xml.append(command, "login")
        xml.append(login, "clID").text = self.client_id
        xml.append(login, "pw").text = self._password
        if self._new_password is not None:
            xml.append(login, "newPW").text = self._new_password
        options = xml.append(login, "options")
        xml.append(options, "version").text = self.version
        xml.append(options, "lang").text = self.lang
        services = xml.append(login, "svcs")
        for uri in self.obj_uris:
            xml.append(services, "objURI").text = uri
        if self.ext_uris:
            extension = xml.append(services, "svcExtension")
            for uri in self.ext_uris:
                xml.append(extension, "extURI").text = uri

    def __repr__(self) -> str:
        return f"Login({self.client_id!r})"


class _Command:
    """A command whose content is fixed when it is made."""

    __slots__ = ("_shown",)

    def __init__(self, *shown: object) -> None:
        self._shown = shown

    def xml(self, tr_id: Optional[str] = None) -> bytes:
        """The bytes to send, with the clTRID *tr_id* (default: a new one)."""
        return _command(self._fill, tr_id)

    def _fill(self, command: Element) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self._shown))
        return f"{type(self).__name__}({shown})"


class Logout(_Command):
    """``<logout>``: answered with 1500, then the server closes."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()

    def _fill(self, command: Element) -> None:
        xml.append(command, "logout")


class PollRequest(_Command):
    """``<poll op="req">``: ask for the oldest waiting message."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()

    def _fill(self, command: Element) -> None:
        xml.append(command, "poll").set("op", "req")


class PollAck(_Command):
    """``<poll op="ack">``: remove the message *message_id* from the queue."""

    __slots__ = ("message_id",)

    def __init__(self, message_id: str) -> None:
        super().__init__(message_id)
        self.message_id: str = _text("message_id", message_id)

    def _fill(self, command: Element) -> None:
        poll = xml.append(command, "poll")
        poll.set("op", "ack")
        poll.set("msgID", self.message_id)


class CheckDomain(_Command):
    """``<check>`` of one or more domain *names*. A good probe."""

    __slots__ = ("names",)

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names: Tuple[str, ...] = _texts("names", names)
        if not self.names:
            raise ValueError("names: at least one domain name is needed")

    def _fill(self, command: Element) -> None:
        check = _object(xml.append(command, "check"), xml.DOMAIN, "domain")
        for name in self.names:
            xml.append(check, "name", xml.DOMAIN).text = name


class InfoDomain(_Command):
    """``<info>`` of the domain *name*, with *auth_info* if it is not yours."""

    __slots__ = ("_auth_info", "name")

    def __init__(self, name: str, *, auth_info: Optional[str] = None) -> None:
        super().__init__(name)
        self.name: str = _text("name", name)
        self._auth_info = None if auth_info is None else _text("auth_info", auth_info)

    def _fill(self, command: Element) -> None:
        info = _object(xml.append(command, "info"), xml.DOMAIN, "domain")
        xml.append(info, "name", xml.DOMAIN).text = self.name
        _add_auth_info(info, self._auth_info)


class CreateDomain(_Command):
    """``<create>`` of the domain *name* for *period* years.

    *registrant* is a contact's id; *auth_info* the password of the domain.
    """

    __slots__ = ("_auth_info", "name", "period", "registrant")

    def __init__(
        self,
        name: str,
        *,
        auth_info: str,
        period: int = 1,
        registrant: Optional[str] = None,
    ) -> None:
        super().__init__(name)
        self.name: str = _text("name", name)
        self._auth_info = _text("auth_info", auth_info)
        if type(period) is not int:
            raise TypeError(f"period must be an integer, not {period!r}")
        if not 1 <= period <= 99:
            raise ValueError(f"period must be from 1 to 99 years, not {period!r}")
        self.period: int = period
        self.registrant: Optional[str] = (
            None if registrant is None else _text("registrant", registrant)
        )

    def _fill(self, command: Element) -> None:
        create = _object(xml.append(command, "create"), xml.DOMAIN, "domain")
        xml.append(create, "name", xml.DOMAIN).text = self.name
        period = xml.append(create, "period", xml.DOMAIN)
        period.set("unit", "y")
        period.text = str(self.period)
        if self.registrant is not None:
            xml.append(create, "registrant", xml.DOMAIN).text = self.registrant
        _add_auth_info(create, self._auth_info)


class DeleteDomain(_Command):
    """``<delete>`` of the domain *name*."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name: str = _text("name", name)

    def _fill(self, command: Element) -> None:
        delete = _object(xml.append(command, "delete"), xml.DOMAIN, "domain")
        xml.append(delete, "name", xml.DOMAIN).text = self.name


def _add_auth_info(parent: Element, auth_info: Optional[str]) -> None:
    if auth_info is not None:
        holder = xml.append(parent, "authInfo", xml.DOMAIN)
        xml.append(holder, "pw", xml.DOMAIN).text = auth_info


def _ready_made(made: type, *kind: Any) -> None:
    always = RequestKind(*kind)
    ready_made(made, lambda request: always)


_ready_made(Hello, "hello")
_ready_made(Login, "login")
_ready_made(Logout, "logout")
_ready_made(PollRequest, "poll", "req")
_ready_made(PollAck, "poll", "ack")
_ready_made(CheckDomain, "check", None, "domain")
_ready_made(CreateDomain, "create", None, "domain", True)
_ready_made(DeleteDomain, "delete", None, "domain")
ready_made(
    InfoDomain,
    lambda info: RequestKind("info", None, "domain", info._auth_info is not None),
)
