"""Every request that epplib knows: what it is taken for, and its clTRID."""

from __future__ import annotations

import copy
import inspect

import pytest
from epplib import commands
from epplib.commands import command_extensions
from epplib.commands.base import Request

from geventconnpool_ext.epp.replay import is_safe
from geventconnpool_ext.epp.requests import classify, identify, prepare

from . import every_command
from .every_command import EXTENSIONS, NO_REQUESTS, SAFE, UNSAFE

COMMANDS = {**SAFE, **UNSAFE}
ABSTRACT_EXTENSIONS = {"CommandExtension", "EnumExtension"}


def test_no_class_of_epplib_is_missing_here():
    """Fails when epplib gets a new one: say what it is, and whether it is safe."""
    exported = set(commands.__all__)
    assert exported == set(COMMANDS) | NO_REQUESTS | (exported & set(EXTENSIONS))
    for name in COMMANDS:
        assert issubclass(getattr(commands, name), Request)
        assert not inspect.isabstract(getattr(commands, name))


def test_no_extension_of_epplib_is_missing_here():
    defined = {
        name
        for name, value in vars(command_extensions).items()
        if inspect.isclass(value)
        and issubclass(value, command_extensions.CommandExtension)
    }
    assert defined - ABSTRACT_EXTENSIONS == set(EXTENSIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_request_is_taken_for_what_it_is(name):
    request, kind = COMMANDS[name]
    assert type(request) is getattr(commands, name)
    assert classify(request) == kind
    assert is_safe(kind) == (name in SAFE)


@pytest.mark.parametrize("name", COMMANDS)
def test_its_cl_tr_id_is_ours(name):
    request, kind = COMMANDS[name]
    first, second = prepare(request, "ABC-1"), prepare(request)
    assert first.tr_id == "ABC-1"
    assert second.tr_id not in ("", "ABC-1")
    if kind.verb == "hello":
        assert b"clTRID" not in first.data
        return
    for prepared in (first, second):
        found = identify(prepared.data)
        assert (found.tr_id, found.kind) == (prepared.tr_id, kind)
        assert prepared.data.count(prepared.tr_id.encode()) == 1
    again = identify(prepare(first, "DEF-1").data)
    assert (again.tr_id, again.kind) == ("DEF-1", kind)


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_adds_its_namespace_and_changes_nothing_else_of_that(name):
    command, extension = EXTENSIONS[name]
    request, kind = COMMANDS[command]
    extended = copy.deepcopy(request)
    extended.add_extension(extension)
    prepared = prepare(extended, "ABC-1")
    (namespace,) = prepared.kind.extensions
    assert namespace.encode() in prepared.data
    assert prepared.kind == kind._replace(extensions=(namespace,))
    found = identify(prepared.data)
    assert (found.tr_id, found.kind) == ("ABC-1", prepared.kind)
    assert prepared.data.index(b"extension>") < prepared.data.index(b"clTRID>")
    assert len(prepared.data) > len(prepare(request, "ABC-1").data)


def test_the_namespaces_are_those_of_the_rfcs():
    for name, namespace in (
        ("CheckDomain", b"urn:ietf:params:xml:ns:domain-1.0"),
        ("CheckContact", b"urn:ietf:params:xml:ns:contact-1.0"),
        ("CheckHost", b"urn:ietf:params:xml:ns:host-1.0"),
    ):
        data = prepare(COMMANDS[name][0]).data
        assert namespace + b'"' in data
        assert namespace + b" " + namespace.rpartition(b":")[2] + b".xsd" in data
        assert b"nic.cz" not in data
    create = copy.deepcopy(COMMANDS["CreateDomain"][0])
    create.add_extension(EXTENSIONS["CreateDomainDNSSECExtension"][1])
    assert b'"urn:ietf:params:xml:ns:secDNS-1.1"' in prepare(create).data
    assert every_command.DOMAIN_AUTH.namespace.startswith("urn:ietf")
