"""Two ways to talk to a registry: over TLS, and without any network.

Both check every answer against the grammar, so that each test of a rule is also
a test of the XML.
"""

from __future__ import annotations

import itertools
import ssl
from typing import Any, Callable, List, Optional, Tuple, TypeVar

import gevent
from gevent import socket
from lxml import etree

from geventconnpool_ext.epp.framing import FrameDecoder, encode
from geventconnpool_ext.testing import Registry, Server
from geventconnpool_ext.testing.requests import parse

from .grammar import problems, schema_problems

NS = {
    "epp": "urn:ietf:params:xml:ns:epp-1.0",
    "domain": "urn:ietf:params:xml:ns:domain-1.0",
    "contact": "urn:ietf:params:xml:ns:contact-1.0",
    "host": "urn:ietf:params:xml:ns:host-1.0",
    "secDNS": "urn:ietf:params:xml:ns:secDNS-1.1",
}
_numbers = itertools.count(1)
_Result = TypeVar("_Result")


class Answer:
    """One message of the registry."""

    def __init__(self, message: bytes) -> None:
        self.message = message
        found = problems(message) + schema_problems(message)
        assert not found, "{}\n{}".format(found, message.decode("utf-8"))
        self.root = etree.fromstring(message)

    @property
    def code(self) -> int:
        return int(str(self.root.xpath("string(//epp:result/@code)", namespaces=NS)))

    @property
    def is_greeting(self) -> bool:
        return self.root.find("epp:greeting", NS) is not None

    def texts(self, path: str) -> List[str]:
        """The texts of all elements (or the attributes) that *path* selects."""
        found: Any = self.root.xpath("//" + path, namespaces=NS)
        return [
            str(item if isinstance(item, str) else item.text or "") for item in found
        ]

    def text(self, path: str) -> str:
        """The only one."""
        (only,) = self.texts(path)
        return only


def epp(content: str) -> bytes:
    """*content* in an ``<epp>`` element."""
    declarations = "".join(
        ' xmlns{}="{}"'.format("" if prefix == "epp" else ":" + prefix, uri)
        for prefix, uri in NS.items()
    )
    return "<epp{}>{}</epp>".format(declarations, content).encode("utf-8")


def command(content: str, cl_tr_id: Optional[str] = None) -> bytes:
    """*content* as a command; a clTRID is made if none is given."""
    if cl_tr_id is None:
        cl_tr_id = "TESTS-{}".format(next(_numbers))
    shown = "<clTRID>{}</clTRID>".format(cl_tr_id) if cl_tr_id else ""
    return epp("<command>{}{}</command>".format(content, shown))


def login(client_id: str = "client", password: str = "password", more: str = "") -> str:
    """A login command for all three object services and secDNS."""
    services = "".join(
        "<objURI>{}</objURI>".format(NS[name]) for name in ("domain", "contact", "host")
    )
    return (
        "<login><clID>{}</clID><pw>{}</pw>{}<options><version>1.0</version>"
        "<lang>en</lang></options><svcs>{}<svcExtension><extURI>{}</extURI>"
        "</svcExtension></svcs></login>"
    ).format(client_id, password, more, services, NS["secDNS"])


def act(
    verb: str, object_type: str, content: str, extension: str = "", op: str = ""
) -> str:
    """An object command."""
    return "<{0}{3}><{1}:{0}>{2}</{1}:{0}></{0}>{4}".format(
        verb,
        object_type,
        content,
        ' op="{}"'.format(op) if op else "",
        "<extension>{}</extension>".format(extension) if extension else "",
    )


def name(value: str) -> str:
    """A ``<domain:name>``."""
    return "<domain:name>{}</domain:name>".format(value)


def host_name(value: str) -> str:
    """A ``<host:name>``."""
    return "<host:name>{}</host:name>".format(value)


def secret(value: str = "2fooBAR", object_type: str = "domain") -> str:
    """An ``authInfo``."""
    return "<{0}:authInfo><{0}:pw>{1}</{0}:pw></{0}:authInfo>".format(
        object_type, value
    )


def create_domain(value: str, content: str = "") -> str:
    """A domain create."""
    return act("create", "domain", name(value) + content + secret())


def create_contact(value: str, content: str = "") -> str:
    """A contact create."""
    return act(
        "create",
        "contact",
        "<contact:id>{}</contact:id>"
        '<contact:postalInfo type="int"><contact:name>Jo &amp; Co</contact:name>'
        "<contact:addr><contact:city>Riga</contact:city><contact:cc>LV</contact:cc>"
        "</contact:addr></contact:postalInfo>{}<contact:email>jo@example.test"
        "</contact:email>{}".format(value, content, secret(object_type="contact")),
    )


def create_host(value: str, *addresses: str) -> str:
    """A host create."""
    shown = "".join(
        '<host:addr ip="{}">{}</host:addr>'.format("v6" if ":" in a else "v4", a)
        for a in addresses
    )
    return act("create", "host", host_name(value) + shown)


class Desk:
    """A session with a registry, without a network."""

    def __init__(
        self,
        registry: Registry,
        client_id: Optional[str] = "client",
        password: str = "password",
    ) -> None:
        self.registry = registry
        self.session = registry.open_session()
        if client_id is not None:
            assert self.send(login(client_id, password)).code == 1000

    def send(self, content: str, cl_tr_id: Optional[str] = None) -> Answer:
        """Send one command."""
        return self.send_message(command(content, cl_tr_id))

    def send_message(self, message: bytes) -> Answer:
        """Send one message as it is."""
        request = parse(message)
        answer = self.registry.execute(self.session, request)
        return Answer(answer.render(request.cl_tr_id, self.registry.transaction_id()))

    def code(self, content: str) -> int:
        """Send one command and return the result code."""
        return self.send(content).code


class Dropped(Exception):
    """The server closed the TCP connection without close_notify."""


class RawClient:
    """A TLS connection to a server; it knows frames and nothing else.

    TLS is done in memory: only so can it tell, on every version of everything,
    in which way the server ended the connection.
    """

    def __init__(
        self,
        server: Server,
        timeout: float = 5.0,
        client_certificate: Optional[Tuple[str, str]] = None,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(server.certificates.ca_file)
        if client_certificate is not None:
            context.load_cert_chain(*client_certificate)
        self.timeout = timeout
        self.decoder = FrameDecoder()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._secure = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname="localhost"
        )
        self.socket = socket.create_connection(server.address, timeout=timeout)
        try:
            self._do(self._secure.do_handshake)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def close(self) -> None:
        """Close without ceremony."""
        self.socket.close()

    def _do(self, action: Callable[[], _Result]) -> _Result:
        while True:
            try:
                result = action()
            except ssl.SSLWantReadError:
                self._flush()
                data = self.socket.recv(65536)
                if not data:
                    raise Dropped from None
                self._incoming.write(data)
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.socket.sendall(self._outgoing.read())

    def send_octets(self, data: bytes) -> None:
        """Send *data* as it is."""
        self._do(lambda: self._secure.write(data))

    def receive_octets(self) -> bytes:
        """What the next TLS record holds; EOFError after close_notify."""
        with gevent.Timeout(self.timeout, TimeoutError("no message")):
            data = self._do(lambda: self._secure.read(65536))
        if not data:
            raise EOFError
        return data

    def read(self) -> bytes:
        """The next message."""
        while True:
            message = self.decoder.next_frame()
            if message is not None:
                return message
            self.decoder.feed(self.receive_octets())

    def answer(self) -> Answer:
        """The next message, checked."""
        return Answer(self.read())

    def send_message(self, message: bytes) -> None:
        """Send one message, without waiting."""
        self.send_octets(encode(message))

    def send(self, content: str, cl_tr_id: Optional[str] = None) -> Answer:
        """Send one command and return its answer."""
        self.send_message(command(content, cl_tr_id))
        return self.answer()

    def hello(self) -> Answer:
        """Send a hello and return what comes."""
        self.send_message(epp("<hello/>"))
        return self.answer()

    def log_in(self, *arguments: str) -> RawClient:
        """Read the greeting, log in, return self."""
        assert self.answer().is_greeting
        answer = self.send(login(*arguments))
        assert answer.code == 1000, answer.code
        return self

    def ending(self) -> str:
        """How the server ends the connection: close, drop or reset."""
        try:
            while True:
                self.read()
        except EOFError:
            return "close"
        except ConnectionResetError:
            return "reset"
        except Dropped:
            return "drop"
