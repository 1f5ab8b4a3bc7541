"""docs/parameters.md has every parameter there is, with its default and its limits."""

from __future__ import annotations

import ast
import importlib
import inspect
import logging
import re

import pytest

from geventconnpool_ext import Backoff, ConnectionPool, NullPool
from geventconnpool_ext._arguments import UNSET

pytest.importorskip("lxml")

from geventconnpool_ext.epp import EPPNullPool, EPPPool, results
from geventconnpool_ext.epp.framing import DEFAULT_LIMIT

from .parameters_page import MODULES, ROOT, TEXT, about, rows, section

REQUIRED = inspect.Parameter.empty

NAMES = {
    "UNSET": UNSET,
    "Backoff": Backoff,
    "OSError": OSError,
    "logging": logging,
    "results": results,
}


def default_in(cell):
    """The value that a cell shows."""
    if cell == "required":
        return REQUIRED
    if cell == "domain, contact and host":
        return tuple(
            "urn:ietf:params:xml:ns:{}-1.0".format(name)
            for name in ("domain", "contact", "host")
        )
    assert cell.startswith("`"), cell
    if cell == "`REGISTRY`":
        return importlib.import_module("prometheus_client").REGISTRY
    return eval(cell.strip("`"), dict(NAMES))


def same(one, other):
    # A Backoff shows all that it is.
    return type(one) is type(other) and (one == other or repr(one) == repr(other))


def parameters(function):
    """A signature's parameters and defaults."""
    if isinstance(function, type):
        # Not that of a __new__ that passes on what it gets.
        function = function.__init__
    found = inspect.signature(function).parameters
    return {
        name: () if argument.kind is argument.VAR_POSITIONAL else argument.default
        for name, argument in found.items()
        if name != "self"
    }


def of_epplib():
    """The same of EpplibPool, from its source: epplib need not be installed."""
    source = (ROOT / "geventconnpool_ext" / "epp" / "epplib.py").read_text("utf-8")
    (function,) = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    ]
    arguments = function.args
    found = {argument.arg: REQUIRED for argument in arguments.args[1:]}
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        code = compile(ast.Expression(default), "default", "eval")
        found[argument.arg] = eval(code, {"DEFAULT_LIMIT": DEFAULT_LIMIT})
    found[arguments.kwarg.arg] = REQUIRED
    return found


def methods(*classes):
    """The parameters of public methods: 'get(timeout)' to its default."""
    return {
        "{}({})".format(name, parameter): default
        for owner in classes
        for name, method in inspect.getmembers(owner, callable)
        if not name.startswith("_")
        for parameter, default in parameters(method).items()
    }


def expected(title):
    if title in MODULES:
        return parameters(about(title))
    generic = methods(ConnectionPool, NullPool)
    if title == "Methods of every pool":
        return generic
    if title == "Methods of EPP pools":
        every = methods(EPPPool, EPPNullPool)
        return {name: every[name] for name in every if name not in generic}
    return of_epplib()


TABLES = [*MODULES, "Methods of every pool", "Methods of EPP pools", "EpplibPool"]


@pytest.mark.parametrize("title", TABLES)
def test_a_table_has_every_parameter_in_the_order_of_the_signature(title):
    named = list(rows(title))
    if "Methods" in title:
        assert sorted(named) == sorted(expected(title))
    else:
        assert named == list(expected(title))


@pytest.mark.parametrize("title", TABLES)
def test_a_table_has_every_default(title):
    wanted = expected(title)
    for name, (default, *_) in rows(title).items():
        assert same(default_in(default), wanted[name]), (name, default, wanted[name])


@pytest.mark.parametrize("title", TABLES)
def test_every_row_says_what_the_parameter_does(title):
    for name, (_, limits, advice, unit) in rows(title).items():
        assert len(advice) >= len("Likewise."), name
        if not name.rstrip(")").endswith("options"):
            assert unit, name
            assert limits or name == "ext_uris", name


def test_every_table_is_compared():
    with_table = [
        title
        for title in re.findall(r"^## (.*)$", TEXT, re.M)
        if re.search(r"^\| parameter ", section(title), re.M)
    ]
    assert sorted(with_table) == sorted(TABLES)


def test_each_parameter_acts_on_a_null_pool_or_has_nothing_to_act_on_there():
    acting, idle = (
        re.findall(r"`(\w+)`", item)
        for item in re.findall(r"^- (These.*?\.)$", section("NullPool"), re.M | re.S)
    )
    assert sorted(acting + idle) == sorted(parameters(NullPool))
    assert same_parameters(NullPool, ConnectionPool)
    assert same_parameters(EPPNullPool, EPPPool)


def same_parameters(one, other):
    first, second = parameters(one), parameters(other)
    return list(first) == list(second) and all(
        same(first[name], second[name]) for name in first
    )


# -- limits --------------------------------------------------------------------------

# What stands in the column, and a value that is just beyond it.
BEYOND = {
    "1 or more": [0, 1.5],
    "a number, 1 or more": [0.9, float("inf")],
    "1 or more, or None": [0, 1.5],
    "0 or more": [-1],
    "0 or more, or None": [-1, float("nan"), float("inf")],
    "above 0": [0, float("inf"), None],
    "above 0, or None": [0, -1, float("inf")],
    "0 to `size`, or None": [-1, 3],
    "`fifo` or `lifo`": ["random", None],
    "`pool`, `null`, or None": ["other"],
    "exception classes": [None, "OSError", 5],
    "callable": [None, 5],
    "callable, or None": [5],
    "not empty": ["", None],
    "not empty, or None": ["", 5],
    "a `Backoff`": [None, 5],
    "a `PoolHooks`, or None": [5],
    "a `SessionPolicy`, or None": [5],
    "True or False": [None, 1],
    "1 to 65535": [0, 65536],
    "5 to 4294967295": [4, 4294967296],
    "3 to 16 characters": ["ab", "a" * 17],
    "6 characters or more": ["abcde"],
    "6 characters or more, or None": ["abcde"],
    "bytes, or None": ["text"],
    "a readable file, or None": ["/no/such/file"],
    "text with `{f}`, `{e}`": ["{g}"],
}
# Held by nobody, or by a sentence of their own.
UNCHECKED = {
    ("retry", "exc_classes"),
    ("retry", "f"),
    ("create_pool", "connect"),
    ("EPPPool", "kind"),
}


def make(title, **given):
    """Call what a table is about, with all that it needs and *given*."""
    needed = {
        "ConnectionPool": {"size": 2, "connect": lambda: None, "open": False},
        "create_pool": {"size": 2, "connect": lambda: None, "open": False},
        "EPPPool": {
            "connect": lambda: None,
            "login": lambda: None,
            "size": 2,
            "open": False,
        },
        "Login": {"client_id": "client", "password": "password"},
        "Client": {"host": "localhost", "verify": False},
        "change_password": {
            "connect": lambda: None,
            "client_id": "client",
            "password": "password",
            "new_password": "another",
        },
    }.get(title, {})
    options = dict(needed, **given)
    if title in ("ConnectionPool", "create_pool"):
        # Needed by keepalive and check_after_idle.
        options.setdefault("ping", len)
    return about(title)(**options)


def beyond_limits():
    for title in MODULES:
        for name, (_, limits, _, _) in rows(title).items():
            for value in BEYOND.get(limits, ()):
                if (title, name) not in UNCHECKED:
                    yield pytest.param(
                        title, name, value, id="{}-{}-{}".format(title, name, value)
                    )


@pytest.mark.parametrize(("title", "name", "value"), list(beyond_limits()))
def test_what_is_beyond_a_limit_is_refused_by_name(title, name, value):
    with pytest.raises((TypeError, ValueError), match=name):
        make(title, **{name: value})


def test_most_limits_are_tried():
    tried = {parameter.values[:2] for parameter in beyond_limits()}
    assert len(tried) > 60
