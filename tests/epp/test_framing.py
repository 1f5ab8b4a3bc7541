"""Data units: cut and joined right, and every malformed one refused clearly."""

from __future__ import annotations

import random
import time

import pytest

from geventconnpool_ext.epp.errors import FramingError
from geventconnpool_ext.epp.framing import (
    DEFAULT_LIMIT,
    FrameDecoder,
    TruncatedFrame,
    encode,
)


def test_a_unit_is_one_bytes_object_whose_length_counts_itself():
    assert encode(b"<epp/>") == b"\x00\x00\x00\x0a<epp/>"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_e3_units_split_anywhere_come_out_whole(size):
    messages = [b"a", b"bb" * 400, b"c" * 7]
    stream = b"".join(map(encode, messages))
    decoder, received = FrameDecoder(), []
    for start in range(0, len(stream), size):
        decoder.feed(stream[start : start + size])
        frame = decoder.next_frame()
        while frame is not None:
            received.append(frame)
            frame = decoder.next_frame()
    assert received == messages
    assert decoder.at_boundary
    decoder.eof()


def test_random_splits_of_random_units_lose_nothing():
    source = random.Random(7)
    messages = [bytes([i]) * source.randint(1, 300) for i in range(100)]
    stream, decoder, received = b"".join(map(encode, messages)), FrameDecoder(), []
    while stream:
        cut = source.randint(1, 400)
        decoder.feed(stream[:cut])
        stream = stream[cut:]
        frame = decoder.next_frame()
        while frame is not None:
            received.append(frame)
            frame = decoder.next_frame()
    assert received == messages


def test_at_boundary_is_false_only_while_a_unit_is_incomplete():
    decoder = FrameDecoder()
    assert decoder.at_boundary
    decoder.feed(encode(b"one") + b"\x00\x00")
    assert not decoder.at_boundary
    assert decoder.next_frame() == b"one"
    assert not decoder.at_boundary
    assert decoder.pending == 2
    decoder.feed(b"\x00\x05x")
    assert decoder.at_boundary
    assert decoder.next_frame() == b"x"


@pytest.mark.parametrize(
    "partial", [b"\x00", b"\x00\x00\x00\x0a", b"\x00\x00\x00\x0aabc"]
)
def test_e2_eof_inside_a_unit_is_an_error_and_stays_one(partial):
    decoder = FrameDecoder()
    decoder.feed(partial)
    with pytest.raises(TruncatedFrame, match=rf"after {len(partial)} of its octets"):
        decoder.eof()
    for again in (decoder.eof, decoder.next_frame, lambda: decoder.feed(b"x")):
        with pytest.raises(FramingError, match=r"in the middle"):
            again()
    assert not decoder.at_boundary


@pytest.mark.parametrize("length", [0, 1, 3, 4])
def test_a_length_too_small_for_a_message_is_refused(length):
    decoder = FrameDecoder()
    decoder.feed(length.to_bytes(4, "big") + b"rest")
    with pytest.raises(FramingError, match=rf"length {length}"):
        decoder.next_frame()


def test_e4_a_length_above_the_limit_is_refused_as_soon_as_it_is_known():
    decoder = FrameDecoder()
    decoder.feed(b"\x7f\xff\xff\xff")
    with pytest.raises(FramingError) as first:
        decoder.next_frame()
    assert "2147483647" in str(first.value)
    assert str(DEFAULT_LIMIT) in str(first.value)
    with pytest.raises(FramingError) as second:
        decoder.next_frame()
    assert str(second.value) == str(first.value)
    with pytest.raises(FramingError):
        decoder.feed(b"more")


@pytest.mark.parametrize(
    ("banner", "named"),
    [
        (b"HTTP/1.1 400 Bad Request", "HTTP"),
        (b"SSH-2.0-OpenSSH", "SSH"),
        (b"220 mail ESMTP", "SMTP"),
        (b"<?xml version", "XML without the length"),
        (b"\x16\x03\x01\x00", "TLS record"),
    ],
)
def test_e4_a_plain_text_banner_is_named(banner, named):
    decoder = FrameDecoder()
    decoder.feed(banner)
    with pytest.raises(FramingError, match=named):
        decoder.next_frame()


def test_the_limit_counts_the_length_and_holds_both_ways():
    assert FrameDecoder(limit=10).next_frame() is None
    assert len(encode(b"x" * 6, limit=10)) == 10
    with pytest.raises(ValueError, match=r"11 octets, above the limit of 10"):
        encode(b"x" * 7, limit=10)
    decoder = FrameDecoder(limit=10)
    decoder.feed(encode(b"x" * 6))
    assert decoder.next_frame() == b"x" * 6
    decoder.feed(encode(b"x" * 7))
    with pytest.raises(FramingError, match=r"11 octets, above the limit of 10"):
        decoder.next_frame()


def test_an_empty_message_is_not_encoded():
    with pytest.raises(ValueError, match=r"empty"):
        encode(b"")


@pytest.mark.parametrize("limit", [0, 4, 2**32])
def test_an_impossible_limit_is_refused(limit):
    with pytest.raises(ValueError, match=r"limit must be from 5"):
        FrameDecoder(limit)


@pytest.mark.parametrize("limit", [True, 1.5, None])
def test_a_limit_that_is_no_integer_is_refused(limit):
    with pytest.raises(TypeError, match=r"limit must be an integer"):
        FrameDecoder(limit)


def test_a_large_unit_in_small_pieces_takes_linear_time():
    def seconds(size):
        stream = encode(b"x" * (size - 4), limit=size)
        decoder = FrameDecoder(limit=size)
        started = time.process_time()
        for start in range(0, size, 256):
            decoder.feed(stream[start : start + 256])
            frame = decoder.next_frame()
        assert frame is not None
        return time.process_time() - started

    small = min(seconds(256 * 1024) for _ in range(3))
    # Linear makes 16 of it; quadratic copying would make 256.
    assert min(seconds(4096 * 1024) for _ in range(3)) < small * 80
