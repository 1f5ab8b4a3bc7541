"""Risk: a certificate that breaks a rule ends ping in a traceback, or its days lie."""

from __future__ import annotations

import ssl
import time

import pytest

pytest.importorskip("cryptography", reason="certificates of any date are made with it")

from cryptography import x509

from geventconnpool_ext.cli.certificate import Certificate, from_der, from_pem

from .issued import Issued

DAY = 86400
UNKNOWN, ALTERNATIVE_NAME = b"\x55\x1d\x63", b"\x55\x1d\x11"
"""Identifiers of extensions: one that nobody knows, and of the names it is for."""


def test_a_certificate_with_an_extension_twice_is_none_that_can_be_read():
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.99"), b"")
    made = ssl.PEM_cert_to_DER_cert(
        Issued("localhost", extensions=[unknown]).pem.decode("ascii")
    )
    assert made.count(UNKNOWN) == 1
    assert from_der(made).names == ["localhost"]
    assert from_der(made.replace(UNKNOWN, ALTERNATIVE_NAME)) is None


@pytest.mark.parametrize("damage", [b"*", b"\xff", b"="])
def test_a_damaged_certificate_in_a_file_is_left_out(damage):
    good = Issued("localhost").pem
    header, line, rest = good.split(b"\n", 2)
    damaged = b"\n".join((header, damage + line[1:], rest))
    (read,) = from_pem(damaged + good)
    assert read.names == ["localhost"]


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (-2 * DAY - 1, ", 2 days ago"),
        (-2 * DAY + 60, ", 1 day ago"),
        (-300, ", less than a day ago"),
        (300, ", less than a day left"),
        (DAY + 60, ", 1 day left"),
    ],
)
def test_only_days_that_are_over_are_told_as_days(ends, words):
    shown = Certificate("CN=a", "CN=b", ["a"], 0, time.time() + ends)
    assert shown.until.endswith(words)
