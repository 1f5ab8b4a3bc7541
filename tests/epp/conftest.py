"""A scripted EPP peer over real TLS, in native threads and with blocking sockets.

It shares nothing with the code under test: no gevent, no framing, no parser.
A script is a function of a ``Connection``; it says octet by octet what the peer
does, right or wrong.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import warnings
from typing import Any, Callable, List

import pytest

GREETING = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting>'
    b"<svID>Scripted peer</svID><svDate>2026-01-01T00:00:00.0Z</svDate>"
    b"<svcMenu><version>1.0</version><lang>en</lang>"
    b"<objURI>urn:ietf:params:xml:ns:domain-1.0</objURI>"
    b"<svcExtension><extURI>urn:ietf:params:xml:ns:rgp-1.0</extURI></svcExtension>"
    b"</svcMenu><dcp><access><all/></access><statement><purpose><prov/></purpose>"
    b"<recipient><ours/></recipient><retention><stated/></retention></statement></dcp>"
    b"</greeting></epp>"
)


def unit(message: bytes) -> bytes:
    return struct.pack("!I", len(message) + 4) + message


def response(code: int, tr_id: str | None, msg: str = "text") -> bytes:
    mine = "" if tr_id is None else f"<clTRID>{tr_id}</clTRID>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response>'
        f'<result code="{code}"><msg>{msg}</msg></result>'
        f"<trID>{mine}<svTRID>S-1</svTRID></trID></response></epp>"
    ).encode()


class Connection:
    """The peer's side of one connection."""

    def __init__(self, sock: Any, stopping: threading.Event) -> None:
        self.sock = sock
        self.stopping = stopping
        self.seen: List[bytes] = []

    def write(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def send(self, message: bytes) -> None:
        self.write(unit(message))

    def greet(self) -> None:
        self.send(GREETING)

    def read(self) -> bytes:
        length = struct.unpack("!I", self._exactly(4))[0]
        message = self._exactly(length - 4)
        self.seen.append(message)
        return message

    def answer(
        self, code: int = 1000, tr_id: str | None = "", msg: str = "text"
    ) -> bytes:
        """Read a request and answer it, by default with its own clTRID."""
        request = self.read()
        self.send(response(code, self.tr_id_of(request) if tr_id == "" else tr_id, msg))
        return request

    @staticmethod
    def tr_id_of(request: bytes) -> str:
        found = re.search(rb"clTRID>([^<]*)<", request)
        assert found is not None
        return found.group(1).decode()

    def log_in(self) -> None:
        self.greet()
        self.answer()

    def serve(self, code: int = 1000) -> None:
        """Answer everything until the client goes."""
        while True:
            request = self.read()
            if b"<hello" in request or b"hello/>" in request:
                self.greet()
            elif b"logout" in request:
                self.send(response(1500, self.tr_id_of(request)))
            else:
                self.send(response(code, self.tr_id_of(request)))

    def wait_for_end(self) -> bytes:
        """Read until the client goes; return what came. Raises if it resets."""
        octets = b""
        while True:
            received = self.sock.recv(65536)
            if not received:
                return octets
            octets += received

    def stall(self) -> None:
        self.stopping.wait(20)

    def _exactly(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            received = self.sock.recv(count - len(octets))
            if not received:
                raise ConnectionError("the client has gone")
            octets += received
        return octets


class Server:
    """Accepts connections and plays the script, one native thread each."""

    def __init__(self, script: Callable[[Connection], None], context: Any) -> None:
        self.script = script
        self.context = context
        self.stopping = threading.Event()
        self.failures: List[BaseException] = []
        self.connections: List[Connection] = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept)]
        self.raw: List[Any] = []
        self.threads[0].start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                sock.close()
                return
            thread = threading.Thread(target=self._play, args=(sock,))
            self.threads.append(thread)
            thread.start()

    def _play(self, sock: Any) -> None:
        sock.settimeout(20)
        self.raw.append(sock)
        try:
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
                self.raw.append(sock)
            connection = Connection(sock, self.stopping)
            self.connections.append(connection)
            self.script(connection)
        except OSError:
            pass
        except BaseException as error:
            self.failures.append(error)
        finally:
            sock.close()

    def stop(self) -> None:
        self.stopping.set()
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            pass
        for sock in self.raw:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()
        self.listener.close()
        assert not self.failures, self.failures


class Certificates:
    """A CA, what it issued, and an SSL context of the server's side."""

    def __init__(self, directory: Any) -> None:
        with warnings.catch_warnings():
            # cryptography warns, on being imported, that Python 3.8 is old.
            warnings.simplefilter("ignore")
            import trustme
        self.ca = trustme.CA()
        self.ca_file = str(directory / "ca.pem")
        self.ca.cert_pem.write_to_path(self.ca_file)
        issued = self.ca.issue_cert("client")
        self.cert_file = str(directory / "cert.pem")
        self.key_file = str(directory / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.cert_file)
        issued.private_key_pem.write_to_path(self.key_file)
        self.localhost = self.context("localhost")

    def context(self, *names: str) -> Any:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def peer_certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def peer_server(peer_certificates):
    """``peer_server(script)`` starts a peer; ``tls=False`` speaks plain TCP."""
    servers = []

    def start(script, *, tls=True, context=None):
        if context is None and tls:
            context = peer_certificates.localhost
        servers.append(Server(script, context if tls else None))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def peer_client(peer_certificates):
    """``peer_client(server)`` is a client for it, not yet connected."""
    from geventconnpool_ext.epp.client import Client

    clients = []

    def make(server, **options):
        if "context" not in options:
            options.setdefault("ca_file", peer_certificates.ca_file)
        clients.append(Client("localhost", server.port, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def peer_greeting():
    return GREETING


@pytest.fixture
def peer_response():
    return response


@pytest.fixture
def peer_unit():
    return unit
