"""EPPPool.from_env: a pool of variables that logs in, over real TLS."""

from __future__ import annotations

import logging
import os
import tempfile

import gevent
import pytest

from geventconnpool_ext.epp import (
    CheckDomain,
    EPPNullPool,
    EPPPool,
    LoginRejected,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.epp.tls import ssl_context
from geventconnpool_ext.testing import Fault, Server

from .conftest import PASSWORD

CHECK = CheckDomain("own.example")
KEY_PASSWORD = "opensTheKey1"


@pytest.fixture
def variables(server):
    """What is needed, and nothing else."""
    return {
        "EPP_HOST": "localhost",
        "EPP_PORT": str(server.port),
        "EPP_CA_FILE": server.certificates.ca_file,
        "EPP_USER": "client",
        "EPP_PASSWORD": PASSWORD,
        "EPP_SIZE": "1",
    }


@pytest.fixture
def made():
    """``made(variables, ...)``: a pool of them, closed at the end."""
    pools = []

    def make(variables, cls=EPPPool, **options):
        pools.append(cls.from_env(environ=variables, **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close(timeout=1)


def pem(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def test_a_pool_of_variables_sends_commands(made, variables):
    pool = made(variables)
    assert type(pool) is EPPPool
    assert pool.send(CHECK).code == 1000


def test_the_environment_is_where_they_are_by_default(variables, monkeypatch):
    for name, text in variables.items():
        monkeypatch.setenv(name.replace("EPP_", "SECOND_"), text)
    with EPPPool.from_env("SECOND_") as pool:
        assert pool.send(CHECK).code == 1000


def test_every_setting_arrives(made, variables, registry):
    pool = made(
        {
            **variables,
            "EPP_SIZE": "4",
            "EPP_MIN_SIZE": "2",
            "EPP_TIMEOUT": "7.5",
            "EPP_MAX_WAITING": "9",
            "EPP_MAX_IDLE": "60",
            "EPP_ORDER": "lifo",
            "EPP_CLOSE_TIMEOUT": "2",
            "EPP_MAX_OPENING": "1",
            "EPP_LEAK_AFTER": "90",
            "EPP_NAME": "from variables",
            "EPP_IDLE_TIMEOUT": "290",
            "EPP_MAX_AGE": "none",
            "EPP_MAX_COMMANDS": "900",
            "EPP_PROBE": "check own.example",
            "EPP_COMMAND_TIMEOUT": "6",
            "EPP_CONNECT_TIMEOUT": "8",
            "EPP_LOGIN_FAILURES": "2",
            "EPP_LOGIN_RETRY_AFTER": "700",
            "EPP_HANDSHAKE_TIMEOUT": "3",
            "EPP_READ_TIMEOUT": "4",
            "EPP_WRITE_TIMEOUT": "none",
            "EPP_LIMIT": "65536",
            "EPP_SERVER_NAME": "127.0.0.1",
            "EPP_OBJ_URIS": "urn:ietf:params:xml:ns:domain-1.0",
            "EPP_EXT_URIS": "",
            "EPP_LANG": "en",
        },
        open=False,
    )
    options = pool._options
    assert (options.size, options.min_size, options.timeout) == (4, 2, 7.5)
    assert (options.max_waiting, options.max_idle, options.order) == (9, 60, "lifo")
    assert (options.close_timeout, options.max_opening) == (2, 1)
    assert options.leak_after == 90
    assert pool.name == "from variables"
    policy = pool.policy
    assert (policy.idle_timeout, policy.max_age, policy.max_commands) == (
        290,
        None,
        900,
    )
    assert (policy.command_timeout, policy.connect_timeout) == (6, 8)
    assert (policy.login_failures, policy.login_retry_after) == (2, 700)
    assert policy.probe.names == ("own.example",)
    client = pool._connect_client()
    assert client.server_name == "127.0.0.1"
    login = pool._login()
    assert login.obj_uris == ("urn:ietf:params:xml:ns:domain-1.0",)
    assert login.ext_uris == ()
    pool.open()
    assert pool.send(CHECK).code == 1000


@pytest.mark.parametrize(
    ("name", "step"),
    [("READ_TIMEOUT", "no whole answer came"), ("LIMIT", "limit")],
)
def test_a_setting_of_the_client_takes_effect(made, variables, plan, name, step):
    """Not only stored: the client is bounded by it."""
    plan.on("check", fault=Fault.stall_before_read, times=None)
    text = {"READ_TIMEOUT": "0.1", "LIMIT": "20"}[name]
    pool = made({**variables, "EPP_" + name: text}, timeout=0.5)
    with pytest.raises(Exception, match=step):
        # A greeting is longer than 20 octets: no session comes about.
        pool.send(CHECK, timeout=5, replay="never")


def test_the_bound_of_a_connect_is_the_policys_alone(made, variables):
    """Not the client's own 10 seconds within."""
    pool = made({**variables, "EPP_CONNECT_TIMEOUT": "60"}, open=False)
    client = pool._connect_client()
    channel = getattr(client, "_channel", client)
    assert channel._connect_timeout == 60


def test_kind_makes_a_null_pool(made, variables, monkeypatch):
    pool = made({**variables, "EPP_KIND": "null"})
    assert type(pool) is EPPNullPool
    assert pool.send(CHECK).code == 1000
    monkeypatch.setenv("GEVENTCONNPOOL_EXT_KIND", "null")
    assert type(made(variables)) is EPPNullPool
    assert type(made({**variables, "EPP_KIND": "pool"})) is EPPPool
    assert type(made(variables, kind="pool")) is EPPPool


def test_a_null_pool_can_be_made_directly(made, variables):
    pool = made({**variables, "EPP_KIND": "pool"}, EPPNullPool)
    assert type(pool) is EPPNullPool
    assert pool.send(CHECK).code == 1000


def test_a_password_in_a_file_can_change_while_the_pool_runs(
    made, variables, registry, tmp_path
):
    path = tmp_path / "password"
    path.write_text("notThePassword1\n")
    variables.update(EPP_PASSWORD="", EPP_PASSWORD_FILE=str(path))
    pool = made(variables)
    with pytest.raises(LoginRejected):
        pool.send(CHECK, timeout=5)
    path.write_text(PASSWORD + "\n")
    pool.reset_login()
    assert pool.send(CHECK, timeout=5).code == 1000


def test_a_file_that_goes_and_comes_back_costs_only_time(
    made, variables, tmp_path, caplog
):
    path = tmp_path / "password"
    path.write_text(PASSWORD)
    variables.update(EPP_PASSWORD="", EPP_PASSWORD_FILE=str(path))
    pool = made(variables, open=False)
    path.unlink()
    with caplog.at_level(logging.WARNING, "geventconnpool_ext"):
        pool.open()
        with gevent.Timeout(5):
            while "EPP_PASSWORD_FILE: cannot read" not in caplog.text:
                gevent.sleep(0.01)
    path.write_text(PASSWORD)
    assert pool.send(CHECK, timeout=5).code == 1000


def test_an_unreadable_file_is_told_when_the_pool_is_made(made, variables, tmp_path):
    variables.update(EPP_PASSWORD="", EPP_PASSWORD_FILE=str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"^EPP_PASSWORD_FILE: cannot read '.*none'"):
        made(variables)


def encrypted(key):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    return (
        serialization.load_pem_private_key(key.encode(), None)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(KEY_PASSWORD.encode()),
        )
        .decode()
    )


@pytest.mark.parametrize("form", ["files", "text", "escaped", "encrypted", "together"])
def test_mutual_tls_from_variables(
    made, variables, registry, certificates, form, tmp_path, monkeypatch
):
    files = certificates.client_certificate_file, certificates.client_key_file
    cert, key = map(pem, files)
    given = {
        "files": {"CERT_FILE": files[0], "KEY_FILE": files[1]},
        "text": {"CERT": cert, "KEY": key},
        "escaped": {
            "CERT": cert.replace("\n", "\\n"),
            "KEY": key.replace("\n", "\\n"),
        },
        "encrypted": {
            "CERT": cert,
            "KEY": encrypted(key),
            "KEY_PASSWORD": KEY_PASSWORD,
        },
        "together": {"CERT": key + cert},
    }[form]
    variables.update({"EPP_" + name: text for name, text in given.items()})
    del variables["EPP_CA_FILE"]
    variables["EPP_CA"] = pem(certificates.ca_file)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Server(
        registry, certificates=certificates, require_client_certificate=True
    ) as strict:
        variables["EPP_PORT"] = str(strict.port)
        pool = made(variables)
        assert os.listdir(str(tmp_path)) == []
        assert pool.send(CHECK, timeout=5).code == 1000
        pool.close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CERT": "CERT", "KEY": "CA"}, "EPP_CERT with EPP_KEY is not usable"),
        ({"CERT": "CERT"}, "EPP_CERT, which must hold the key too, is not usable"),
        ({"KEY": "KEY"}, "EPP_KEY: a key and its password need EPP_CERT_FILE or EPP_C"),
        ({"CERT": "CERT", "KEY": "SEALED"}, ".*EPP_KEY_PASSWORD must open the key"),
        ({"KEY_PASSWORD": "KEY"}, "EPP_KEY_PASSWORD: a key and its password need"),
    ],
)
def test_certificates_that_cannot_be_used_name_their_variables(
    made, variables, certificates, given, told
):
    key = pem(certificates.client_key_file)
    texts = {
        "CERT": pem(certificates.client_certificate_file),
        "KEY": key,
        "CA": pem(certificates.ca_file),
        "SEALED": encrypted(key),
    }
    variables.update({"EPP_" + name: texts[which] for name, which in given.items()})
    with pytest.raises(ValueError, match="^" + told) as caught:
        made(variables)
    for line in "".join(texts.values()).splitlines():
        assert line not in str(caught.value)


def test_files_that_cannot_be_read_name_their_variables(made, variables, tmp_path):
    for name in ("CA_FILE", "CERT_FILE"):
        path = str(tmp_path / "ca_file")
        with pytest.raises(ValueError, match=rf"^EPP_{name}: cannot read '{path}'"):
            made({**variables, "EPP_" + name: path})


def test_text_that_is_no_authority_names_its_variable(made, variables):
    del variables["EPP_CA_FILE"]
    variables["EPP_CA"] = "-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----"
    with pytest.raises(ValueError, match=r"^EPP_CA holds no usable CA certificate"):
        made(variables)


def test_verify_false_accepts_any_server(made, variables):
    del variables["EPP_CA_FILE"]
    pool = made({**variables, "EPP_VERIFY": "false"})
    assert pool.send(CHECK).code == 1000


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("SIZE", "0", "EPP_SIZE must be a whole number, 1 or more, not '0'"),
        ("MIN_SIZE", "2", r"EPP_MIN_SIZE must be at most EPP_SIZE \(1\), not 2"),
        ("TIMEOUT", "5m", "EPP_TIMEOUT must be a number of seconds, 0 or more"),
        ("USER", "x", "EPP_USER must have 3 to 16 characters"),
        ("PASSWORD", "five5", "EPP_PASSWORD must have at least 6 characters"),
        ("HELLO_INTERVAL", "4000", "EPP_HELLO_INTERVAL must be below EPP_IDLE_TIMEOUT"),
        ("HOST", "", "not set, but needed: EPP_HOST$"),
    ],
)
def test_what_is_wrong_names_its_variable(made, variables, name, text, told):
    with pytest.raises(ValueError, match="^" + told) as caught:
        made({**variables, "EPP_" + name: text})
    assert "five5" not in str(caught.value)


def test_code_counts_before_variables(made, variables, server):
    variables.update(EPP_SIZE="x", EPP_HOST="a host", EPP_MAX_AGE="y", EPP_USER="z")
    variables.update(EPP_CA="no PEM", EPP_PASSWORD="five5")
    pool = made(
        variables,
        size=2,
        host="localhost",
        max_age=50,
        client_id="client",
        password=PASSWORD,
        ca_file=server.certificates.ca_file,
        name="code's",
    )
    assert (pool.size, pool.policy.max_age, pool.name) == (2, 50, "code's")
    assert pool.send(CHECK).code == 1000


def test_what_code_gives_whole_needs_no_variables(made, connect):
    policy = SessionPolicy(max_age=70)
    from geventconnpool_ext.epp import Login

    pool = made(
        {"EPP_SIZE": "1", "EPP_MAX_AGE": "x", "EPP_PORT": "y", "EPP_CERT": "z"},
        connect=connect,
        login=lambda: Login("client", PASSWORD),
        policy=policy,
    )
    assert pool.policy is policy
    assert pool.send(CHECK).code == 1000


def test_a_context_replaces_certificates_alone(made, variables, server):
    context = ssl_context(ca_file=server.certificates.ca_file)
    variables["EPP_CA_FILE"] = "/none"
    assert made(variables, context=context).send(CHECK).code == 1000


def test_errors_about_code_are_as_without_from_env(made, variables):
    with pytest.raises(TypeError, match=r"^size must be an integer of at least 1"):
        made(variables, size="3")
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'colour'"):
        made(variables, colour="blue")
    with pytest.raises(TypeError, match=r"^policy must be a SessionPolicy"):
        made(variables, policy=3)


def test_a_subclass_only_says_what_its_constructor_takes(made, variables, server):
    class Addressed(EPPPool):
        """As a pool of another library's clients would be."""

        def __init__(self, hostname, login, size, *, port, ca, **options):
            super().__init__(
                client_factory(hostname, port, ca_file=ca), login, size, **options
            )

        @classmethod
        def _from_settings(cls, settings, options):
            given = settings.given("connection", "tls", "pool")
            return cls(
                given.pop("host"),
                settings.login,
                ca=given.pop("ca_file"),
                policy=SessionPolicy(**settings.policy()),
                **given,
                **options,
            )

    pool = made({**variables, "EPP_MAX_AGE": "75"}, Addressed, name="mine")
    assert (type(pool), pool.policy.max_age, pool.name) == (Addressed, 75, "mine")
    assert pool.send(CHECK).code == 1000
