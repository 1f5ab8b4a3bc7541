"""What a peer sends is parsed without following it anywhere."""

from __future__ import annotations

import builtins
import importlib
import sys

import pytest

from geventconnpool_ext.epp import xml
from geventconnpool_ext.epp.errors import EPPError

BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        b"\xef\xbb\xbf" + BOMB,
        b'<?xml version="1.0"?> \n<!-- a --><?b c?>' + BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/"><a/>',
    ],
)
def test_a_doctype_is_refused_outright(document):
    with pytest.raises(EPPError, match=r"DOCTYPE"):
        xml.parse(document)


def test_a_doctype_hidden_by_an_encoding_is_not_expanded():
    hidden = b'<?xml version="1.0" encoding="utf-7"?>' + BOMB.decode().encode("utf-7")
    with pytest.raises(EPPError):
        xml.parse(hidden)
    with pytest.raises(EPPError, match=r"NUL"):
        xml.parse(BOMB.decode().encode("utf-16"))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b" ",
        b"garbage",
        b"<?xml",
        b"<!--",
        b"<a>",
        b"<a>\xff</a>",
        b"<a>\x00</a>",
        b"<a>&unknown;</a>",
        b"<a><b></a></b>",
        b"<a/><a/>",
        b"<a>" * 100000,
        b"<?a?>" * 50000,
        b"<p:a/>",
    ],
)
def test_malformed_xml_is_an_epp_error(document):
    with pytest.raises(EPPError):
        xml.parse(document)


def test_the_error_quotes_nothing_of_the_document():
    with pytest.raises(EPPError) as caught:
        xml.parse(b"<epp><pw>hunter22</pw><secret-name></hunter22></epp>&hunter22;")
    assert "line 1" in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter22" not in str(error)
        assert "secret-name" not in str(error)
        error = error.__cause__ or error.__context__


def test_comments_and_instructions_are_skipped():
    root = xml.parse(b"<a><!-- b --><c>x<!-- y -->z</c><?d e?></a>")
    assert [xml.local_name(child) for child in xml.children(root)] == ["c"]
    assert xml.text_of(root[0]) == "xz"


def test_without_lxml_the_import_says_what_to_install(monkeypatch):
    name = "geventconnpool_ext.epp.xml"
    real = builtins.__import__

    def without_lxml(wanted, *rest, **more):
        if wanted.partition(".")[0] == "lxml":
            raise ImportError("no lxml")
        return real(wanted, *rest, **more)

    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_lxml)
    with pytest.raises(ImportError, match=r'pip install "geventconnpool_ext\[epp\]"'):
        importlib.import_module(name)
