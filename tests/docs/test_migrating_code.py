"""docs/migrating.md, docs/drop-in.md: their code does what the pages say.

The plain Python blocks also run in ``test_examples``, as they stand.
"""

from __future__ import annotations

import ast
import base64
import importlib
import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest
from gevent import subprocess

from geventconnpool_ext import PoolFull, PoolTimeout

from .migrating_page import DROP_IN, code_in, run, section

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from geventconnpool_ext.epp import (
    CheckDomain,
    Client,
    CreateDomain,
    EPPNullPool,
    EPPPool,
    InfoDomain,
    LoginRejected,
    NotSent,
    SessionLimit,
)
from geventconnpool_ext.testing import Fault, Limits, Server

AUTH_INFO = "2fooBAR"


# -- code --------------------------------------------------------------------


def test_the_outline_of_the_old_code_is_python():
    (before,) = code_in("The code", "python before")
    ast.parse(before)


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_the_new_code_runs_with_either_kind(kind, server, registry, monkeypatch):
    monkeypatch.setenv("GEVENTCONNPOOL_EXT_KIND", kind)
    (code,) = code_in("The code")
    pool = run(code, server)["pool"]
    assert isinstance(pool, EPPNullPool if kind == "null" else EPPPool)
    assert registry.sessions == {}


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_the_code_with_epplib_runs_with_either_kind(kind, registry, tmp_path):
    if importlib.util.find_spec("epplib") is None:
        pytest.skip(
            "epplib is not installed: pip install git+https://github.com/cisagov/epplib"
        )
    (code,) = code_in("The code", "python epplib")
    with Server(registry, require_client_certificate=True) as server:
        # A process of its own: epplib's namespaces are set once for all.
        certificates = server.certificates
        script = tmp_path / "example.py"
        script.write_text(
            "PORT, CA_FILE, PASSWORD = {!r}, {!r}, 'password'\n"
            "CERT, KEY = (open(path, 'rb').read() for path in {!r})\n{}".format(
                server.port,
                certificates.ca_file,
                (certificates.client_certificate_file, certificates.client_key_file),
                code,
            )
        )
        process = subprocess.Popen(
            [sys.executable, str(script)],
            env=dict(os.environ, GEVENTCONNPOOL_EXT_KIND=kind),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        printed, _ = process.communicate()
    assert process.returncode == 0, printed.decode()
    assert re.search(rb"1000 .* True$", printed.strip()), printed
    assert registry.sessions == {}


def test_their_variables_make_a_pool_together_with_those_that_the_page_adds(registry):
    named = set(re.findall(r"`REGISTRY_([A-Z_]+)`", section("Settings")))
    theirs = {"PASSWORD", "CERT", "KEY"}
    with Server(registry, require_client_certificate=True) as server:
        certificates = server.certificates
        variables = {
            "PASSWORD": "password",
            "CERT": base64_of(certificates.client_certificate_file),
            "KEY": base64_of(certificates.client_key_file),
            "HOST": "localhost",
            "USER": "client",
            "SIZE": "1",
            # Only here: a port of the moment, and its authority.
            "PORT": str(server.port),
            "CA_FILE": certificates.ca_file,
        }
        assert theirs | {"HOST", "USER", "SIZE", "KEY_PASSWORD"} <= named
        environ = {"REGISTRY_" + name: value for name, value in variables.items()}
        with EPPPool.from_env("REGISTRY_", environ=environ) as pool:
            assert pool.send(CheckDomain("example.com")).code == 1000


def base64_of(path):
    """The content of a file, as an environment holds it."""
    return base64.b64encode(Path(path).read_bytes()).decode()


def test_the_search_finds_what_must_be_looked_at(tmp_path):
    (command,) = code_in("How to check", "sh", DROP_IN)
    before = tmp_path / "before"
    before.mkdir()
    (before / "pool.py").write_text(
        "from geventconnpool import ConnectionPool\n"
        "import geventconnpool\n"
        "self.conn.clear()\n"
        "self.lock = None\n"
        "gevent.spawn(self._addOne)\n"
        "def _keepalive_periodic(self):\n"
    )
    after = tmp_path / "after"
    after.mkdir()
    (after / "pool.py").write_text(
        "from geventconnpool_ext import ConnectionPool\nself.connection = 1\n"
    )

    def hits(directory):
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=str(directory), stdout=subprocess.PIPE
        )
        return len(process.communicate()[0].splitlines())

    assert hits(before) == 6
    assert hits(after) == 0


# -- errors ------------------------------------------------------------------


@pytest.fixture
def mapping(server):
    """What the block about errors defines."""
    (code,) = code_in("Errors")
    return run(code, server)


def test_an_answer_with_an_error_code_is_raised_with_its_code(make_pool, mapping):
    pool = make_pool()
    assert mapping["send"](pool, CheckDomain("a.example")).code == 1000
    with pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](pool, InfoDomain("none.example"))
    assert caught.value.code == 2303
    assert caught.value.response.cl_tr_id


def test_a_busy_a_full_and_a_closed_pool_have_no_code(make_pool, mapping):
    pool = make_pool(command_timeout=0.1)
    with pool.get(), pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](pool, CheckDomain("a.example"))
    assert caught.value.code is None
    assert isinstance(caught.value.__cause__, PoolTimeout)
    full = make_pool(max_waiting=0)
    with full.get(), pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](full, CheckDomain("a.example"))
    assert caught.value.code is None
    assert isinstance(caught.value.__cause__, PoolFull)
    full.close()
    with pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](full, CheckDomain("a.example"))
    assert caught.value.code is None


def test_the_session_limit_is_the_cause_of_the_wait_in_vain(
    registry, make_pool, mapping
):
    registry.limits = Limits(max_sessions=1)
    make_pool()
    second = make_pool(wait=False, command_timeout=0.5)
    with pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](second, CheckDomain("a.example"))
    assert caught.value.code is None
    assert isinstance(caught.value.__cause__, PoolTimeout)
    assert isinstance(caught.value.__cause__.__cause__, SessionLimit)


def test_a_refused_login_is_a_login_error(make_pool, mapping):
    pool = make_pool(password="wrong-one", wait=False)
    with pytest.raises(mapping["LoginError"]) as caught:
        mapping["send"](pool, CheckDomain("a.example"))
    assert isinstance(caught.value.__cause__, LoginRejected)


def test_a_lost_create_is_an_error_of_its_own_and_is_sent_once(
    registry, plan, make_pool, mapping
):
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(mapping["OutcomeUnknown"]) as caught:
        mapping["send"](make_pool(), CreateDomain("new.example", auth_info=AUTH_INFO))
    assert caught.value.code == mapping["TRANSPORT_ERROR"]
    assert len(caught.value.__cause__.cl_tr_ids) == 1
    assert "new.example" in registry.domains


def test_a_check_lost_three_times_and_what_was_never_sent_are_transport_errors(
    server, plan, make_pool, mapping
):
    plan.on("check", fault=Fault.drop_before_read, times=3)
    with pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](make_pool(), CheckDomain("a.example"))
    assert caught.value.code == mapping["TRANSPORT_ERROR"]
    assert plan.pending == 0

    class Deaf(Client):
        """Loses its connection after the login."""

        logged_in = False

        def send(self, request, tr_id=None):
            if self.logged_in:
                self.close()
                raise NotSent("the connection is gone")
            self.logged_in = True
            return super().send(request, tr_id)

    ca_file = server.certificates.ca_file
    pool = make_pool(client=lambda: Deaf("localhost", server.port, ca_file=ca_file))
    with pytest.raises(mapping["RegistryError"]) as caught:
        mapping["send"](pool, CreateDomain("new.example", auth_info=AUTH_INFO))
    assert caught.value.code == mapping["TRANSPORT_ERROR"]
    assert isinstance(caught.value.__cause__, NotSent)


@pytest.mark.parametrize("fault", [Fault.drop_before_read, Fault.drop_after_execute])
def test_a_lost_create_is_resolved_by_info(
    fault, server, registry, plan, make_pool, capsys
):
    (code,) = code_in("After AmbiguousOutcome")
    create = run(code, server)["create"]
    plan.on("create", fault=fault)
    answer = create(make_pool(), "new.example", AUTH_INFO)
    assert answer.code == 1000
    assert "new.example" in registry.domains
    assert len(registry.record.executed(verb="create")) == 1
    assert "unknown" in capsys.readouterr().out


# -- the switch --------------------------------------------------------------


@pytest.fixture
def old_pool(tmp_path, monkeypatch):
    """Somebody's module ``old_pool``, which notes what it is asked to do."""
    (tmp_path / "old_pool.py").write_text(
        "done = []\n"
        "def send(command):\n"
        "    done.append('send')\n"
        "def close():\n"
        "    done.append('close')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda: importlib.import_module("old_pool").done
    sys.modules.pop("old_pool", None)


def test_the_old_pool_is_one_variable_away_and_ours_opens_nothing_then(
    server, registry, old_pool, monkeypatch
):
    (code,) = code_in("The switch back")
    monkeypatch.setenv("SESSION_POOL", "old")
    names = run(code, server)
    assert old_pool() == ["send", "close"]
    assert "pool" not in names
    assert registry.counters().connections == 0


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_the_new_pool_is_chosen_without_the_old_one(
    kind, server, registry, old_pool, monkeypatch
):
    (code,) = code_in("The switch back")
    monkeypatch.setenv("SESSION_POOL", "new")
    monkeypatch.setenv("GEVENTCONNPOOL_EXT_KIND", kind)
    names = run(code, server)
    assert isinstance(names["pool"], EPPNullPool if kind == "null" else EPPPool)
    assert "old_pool" not in sys.modules
    assert registry.sessions == {}


def test_a_misspelt_switch_is_told(server, monkeypatch):
    (code,) = code_in("The switch back")
    monkeypatch.setenv("SESSION_POOL", "odl")
    with pytest.raises(ValueError, match="odl"):
        run(code, server)
