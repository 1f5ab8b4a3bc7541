"""Whatever a peer sends: no crash, no hang, no memory, only the documented errors."""

from __future__ import annotations

import copy
import pickle
import time
import tracemalloc

import gevent
import pytest
from gevent import socket
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geventconnpool_ext.epp import CheckDomain, Client, EPPError, FramingError
from geventconnpool_ext.epp.answers import Answer, Greeting, parse, require_match
from geventconnpool_ext.epp.framing import HEADER_SIZE, FrameDecoder, encode
from geventconnpool_ext.epp.requests import RequestKind, classify
from geventconnpool_ext.epp.tls import ssl_context
from geventconnpool_ext.testing import Certificates

from .rounds import ROUND, SECONDS, fuzz
from .strategies import STREAMS, answers, pieces

pytestmark = pytest.mark.timeout(SECONDS + 100)

LIMIT = 4096
GREETING = encode(
    b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting><svID>x</svID>'
    b"</greeting></epp>"
)
ANSWER = (
    b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000">'
    b"<msg>text</msg></result><trID><svTRID>S</svTRID></trID></response></epp>"
)


def test_the_decoder_gives_whole_messages_or_a_framing_error(record_property):
    @settings(ROUND)
    @given(pieces())
    def holds(received):
        decoder, messages = FrameDecoder(LIMIT), []
        stream = b"".join(received)
        try:
            for piece in received:
                decoder.feed(piece)
                message = decoder.next_frame()
                while message is not None:
                    messages.append(message)
                    message = decoder.next_frame()
                # What is kept is one unit at most, and what was just fed.
                assert decoder.pending <= LIMIT + len(piece)
            decoder.eof()
            assert b"".join(map(encode, messages)) == stream
        except FramingError:
            assert decoder.pending == 0
            assert not decoder.at_boundary
            with pytest.raises(FramingError):
                decoder.next_frame()
        assert all(0 < len(message) <= LIMIT - HEADER_SIZE for message in messages)
        assert stream.startswith(b"".join(map(encode, messages)))

    fuzz(holds, record_property)


def test_the_parser_gives_an_answer_or_an_epp_error(record_property):
    seen = set()

    @settings(ROUND)
    @given(st.one_of(answers(), answers(), st.binary(max_size=200)))
    @example(ANSWER)
    @example(GREETING[HEADER_SIZE:])
    def holds(data):
        began = time.perf_counter()
        try:
            received = parse(data)
        except EPPError:
            received = None
        assert time.perf_counter() - began < 5, "it takes for ever"
        seen.add(type(received))
        if isinstance(received, Answer):
            assert 1000 <= received.code <= 2999
            assert received.message_count >= 0
            assert isinstance(received.message_id, (str, type(None)))
            assert received.find("domain:infData/domain:exDate") is None
            assert copy.copy(received).xml == data
            assert pickle.loads(pickle.dumps(received)).code == received.code
            try:
                require_match(received, "MINE-1", RequestKind("check", "domain"))
            except EPPError:
                pass
        elif received is not None:
            assert isinstance(received, Greeting)
        assert len(repr(received)) < 10 * len(data) + 200

    fuzz(holds, record_property)
    assert seen == {type(None), Answer, Greeting}, "not every branch was tried"


def test_a_request_that_is_none_is_a_value_error(record_property):
    @settings(ROUND)
    @given(st.one_of(answers(), st.text(max_size=100)))
    def holds(data):
        try:
            classify(data)
        except ValueError:
            pass

    fuzz(holds, record_property)


@pytest.mark.parametrize("kind", ["bomb", "quadratic", "deep", "wide", "attributes"])
def test_xml_made_to_exhaust_the_memory_does_not(kind):
    made = {
        "bomb": b'<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><epp>&b;</epp>',
        "quadratic": b'<!DOCTYPE e [<!ENTITY a "'
        + b"a" * 50000
        + b'">]><epp>'
        + b"&a;" * 50000
        + b"</epp>",
        "deep": b"<a>" * 100000 + b"</a>" * 100000,
        "wide": b"<epp>" + b"<a/>" * 100000 + b"</epp>",
        "attributes": b"<epp "
        + b" ".join(b'a%d="x"' % n for n in range(20000))
        + b"/>",
    }[kind]
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(EPPError):
            parse(made)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("length", [2**31 - 1, 2**31, 2**32 - 1])
def test_an_announced_length_takes_no_memory(length):
    tracemalloc.start()
    try:
        decoder = FrameDecoder()
        decoder.feed(length.to_bytes(4, "big") + b"x" * 1000)
        with pytest.raises(FramingError, match=str(length)):
            decoder.next_frame()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024


class BadPeer:
    """A TLS server that greets, perhaps, reads once, and sends what it was told."""

    def __init__(self, certificates):
        self._context = certificates.server_context(False)
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self.first = self.second = b""
        self._acceptor = gevent.spawn(self._accept)

    def _accept(self):
        while True:
            plain, _ = self._listener.accept()
            try:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._context.wrap_socket(plain, server_side=True) as sock:
                    sock.sendall(self.first)
                    if self.second and sock.recv(65536):
                        sock.sendall(self.second)
            except OSError:
                pass

    def stop(self):
        self._acceptor.kill()
        self._listener.close()


@pytest.fixture
def bad_peer():
    certificates = Certificates()
    peer = BadPeer(certificates)
    peer.context = ssl_context(ca_file=certificates.ca_file)
    yield peer
    peer.stop()
    certificates.close()


@pytest.mark.parametrize("when", ["greeting", "answer"])
def test_a_client_survives_what_a_peer_sends(bad_peer, when, record_property):
    @settings(ROUND, max_examples=40)
    @given(STREAMS)
    def holds(stream):
        bad_peer.first = stream if when == "greeting" else GREETING
        bad_peer.second = b"" if when == "greeting" else stream or b"\x00"
        client = Client(
            "127.0.0.1",
            bad_peer.port,
            server_name="localhost",
            context=bad_peer.context,
            limit=LIMIT,
        )
        try:
            with gevent.Timeout(10):
                client.connect()
                client.send(CheckDomain("own.example"), "MINE-1")
        except (EPPError, OSError):
            # Nothing more may be read from what is broken.
            assert not client.connected or client.unread
        finally:
            client.close()
        assert client.socket is None

    fuzz(holds, record_property)
