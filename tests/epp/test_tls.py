"""ssl_context with certificate and key in memory: usable, and never left on a disk."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

import pytest

from geventconnpool_ext.epp import Login, client_factory
from geventconnpool_ext.epp.client import Client
from geventconnpool_ext.epp.errors import EPPError
from geventconnpool_ext.epp.tls import ssl_context

trustme = pytest.importorskip("trustme")

KEY_PASSWORD = "opensTheKey1"
WRONG_PASSWORD = "opensNothing2"


@pytest.fixture(scope="module")
def certificates():
    from geventconnpool_ext.testing import Certificates

    made = Certificates()
    yield made
    made.close()


def read(path):
    with open(path, "rb") as file:
        return file.read()


@pytest.fixture(scope="module")
def cert(certificates):
    return read(certificates.client_certificate_file)


@pytest.fixture(scope="module")
def key(certificates):
    return read(certificates.client_key_file)


@pytest.fixture(scope="module")
def encrypted_key(key):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(KEY_PASSWORD.encode()),
    )


@pytest.fixture(params=["memory", "file", "forbidden", "no-proc"])
def way(request, monkeypatch):
    """How the data reaches OpenSSL: in memory, or by the fallback, and why."""
    if request.param == "memory":
        if not hasattr(os, "memfd_create"):
            pytest.skip("this system has no memfd_create")
    elif request.param == "file":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    elif request.param == "forbidden":

        def forbidden(name):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "memfd_create", forbidden, raising=False)
    else:
        monkeypatch.setattr("geventconnpool_ext.epp.tls._in_memory", "/none/{}".format)
    return request.param


@pytest.fixture
def untouched(tmp_path, monkeypatch):
    """The temporary directory, empty before and after, as are the descriptors."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else []
    yield tmp_path
    assert os.listdir(str(tmp_path)) == []
    after = sorted(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else []
    assert after == before


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """What lay in the temporary directory, and how, while OpenSSL read it."""
    looks = []
    load = ssl.SSLContext.load_cert_chain

    def looking(self, certfile, keyfile=None, password=None):
        for root, _, names in os.walk(str(tmp_path)):
            for name in names:
                mode = os.stat(os.path.join(root, name)).st_mode & 0o777
                looks.append((os.stat(root).st_mode & 0o777, mode))
        load(self, certfile, keyfile, password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", looking)
    return looks


def log_in(certificates, **options):
    """Log in at a server that wants a client's certificate."""
    from geventconnpool_ext.testing import Registry, Server

    context = ssl_context(ca_file=certificates.ca_file, **options)
    registry = Registry({"client": "password"})
    with Server(
        registry, certificates=certificates, require_client_certificate=True
    ) as server:
        client = Client("localhost", server.port, context=context)
        try:
            client.connect()
            return client.send(Login("client", "password")).code
        finally:
            client.close()


def test_a_handshake_with_both_in_memory_succeeds(certificates, cert, key, way):
    assert log_in(certificates, cert_data=cert, key_data=key) == 1000


def test_without_a_certificate_that_server_refuses(certificates):
    with pytest.raises((EPPError, OSError)):
        log_in(certificates)


def test_the_key_may_be_in_the_same_data(certificates, cert, key, way):
    assert log_in(certificates, cert_data=key + cert) == 1000


def test_one_of_them_may_be_in_a_file(certificates, cert, key, way):
    names = certificates.client_certificate_file, certificates.client_key_file
    assert log_in(certificates, cert_file=names[0], key_data=key) == 1000
    assert log_in(certificates, cert_data=cert, key_file=names[1]) == 1000


def test_no_file_is_left_after_success(cert, key, way, untouched):
    ssl_context(cert_data=cert, key_data=key, verify=False)


def test_no_file_is_left_after_failure(cert, key, way, untouched):
    with pytest.raises(ValueError, match="is not usable"):
        ssl_context(cert_data=cert, key_data=cert, verify=False)


def test_no_file_is_left_when_it_is_interrupted(cert, key, way, untouched, monkeypatch):
    def interrupted(self, *arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ssl_context(cert_data=cert, key_data=key, verify=False)


def test_only_the_fallback_writes_files_and_nobody_else_can_read_them(
    cert, key, way, untouched, seen
):
    ssl_context(cert_data=cert, key_data=key, verify=False)
    assert seen == ([] if way == "memory" else [(0o700, 0o600)] * 2)


def test_a_context_of_memory_goes_on_working_without_it(certificates, cert, key, way):
    context = ssl_context(ca_file=certificates.ca_file, cert_data=cert, key_data=key)
    from geventconnpool_ext.testing import Registry, Server

    with Server(
        Registry(), certificates=certificates, require_client_certificate=True
    ) as server:
        make = client_factory("localhost", server.port, context=context)
        for _ in range(3):
            client = make()
            client.connect()
            client.close()


def test_an_encrypted_key_opens_with_its_password(
    certificates, cert, encrypted_key, way
):
    options = {"cert_data": cert, "key_data": encrypted_key}
    assert log_in(certificates, key_password=KEY_PASSWORD, **options) == 1000


@pytest.mark.parametrize("password", [WRONG_PASSWORD, None, ""])
def test_an_encrypted_key_with_another_password_is_refused(
    cert, encrypted_key, way, untouched, password
):
    with pytest.raises(
        ValueError, match=r"^cert_data with key_data is not usable .*key_password"
    ):
        ssl_context(
            cert_data=cert,
            key_data=encrypted_key,
            key_password=password,
            verify=False,
        )


@pytest.mark.parametrize("kind", ["cert", "key"])
def test_a_file_and_data_of_one_kind_are_refused_by_both_names(certificates, kind):
    options = {kind + "_file": certificates.client_key_file, kind + "_data": b"x"}
    options.setdefault("cert_file", certificates.client_certificate_file)
    if kind == "cert":
        options["cert_file"] = certificates.client_certificate_file
    with pytest.raises(ValueError, match=f"^{kind}_file and {kind}_data"):
        ssl_context(**options)


@pytest.mark.parametrize("name", ["key_file", "key_data", "key_password"])
def test_a_key_without_a_certificate_is_named(certificates, key, name):
    options = {
        "key_file": certificates.client_key_file,
        "key_data": key,
        "key_password": KEY_PASSWORD,
    }
    with pytest.raises(ValueError, match=f"^{name}: .* need cert_file or cert_data"):
        ssl_context(**{name: options[name]})


@pytest.mark.parametrize("name", ["cert_data", "key_data"])
@pytest.mark.parametrize("value", ["text", bytearray(b"x"), 7, True])
def test_what_is_no_bytes_is_named(name, value):
    with pytest.raises(TypeError, match=f"^{name} must be PEM as bytes, not"):
        ssl_context(**{name: value})


@pytest.mark.parametrize("name", ["ca_file", "cert_file", "key_file"])
def test_a_number_is_no_file_and_its_descriptor_stays_open(name):
    reading, writing = os.pipe()
    try:
        for value in (reading, True, object(), bytearray(b"x")):
            with pytest.raises(TypeError, match=f"^{name} must be a path, not "):
                ssl_context(**{name: value})
        os.fstat(reading)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("of", [str, os.fsencode, Path])
def test_a_path_may_be_of_any_kind(certificates, of):
    assert ssl_context(
        ca_file=of(certificates.ca_file),
        cert_file=of(certificates.client_certificate_file),
        key_file=of(certificates.client_key_file),
    )


@pytest.mark.parametrize("value", [b"text", 7])
def test_a_password_that_is_no_text_is_named(cert, value):
    with pytest.raises(TypeError, match=r"^key_password must be a str, not"):
        ssl_context(cert_data=cert, key_password=value)


@pytest.mark.parametrize("name", ["cert_data", "key_data"])
@pytest.mark.parametrize(
    "value",
    [b"", b"not PEM", b"-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----"],
)
def test_unusable_data_is_refused_and_not_quoted(
    cert, key, way, untouched, name, value
):
    options = {"cert_data": cert, "key_data": key}
    options[name] = value
    with pytest.raises(ValueError, match=r"^cert_data with key_data") as caught:
        ssl_context(verify=False, **options)
    told = str(caught.value) + repr(caught.value.__context__)
    for line in (value + b"\n" + cert + key).splitlines():
        assert not line.strip() or line.decode() not in told


def test_certificate_and_key_must_belong_together(certificates, cert):
    other = trustme.CA().issue_cert("client.test").private_key_pem.bytes()
    with pytest.raises(ValueError, match=r"KEY_VALUES_MISMATCH.*belong together"):
        ssl_context(cert_data=cert, key_data=other)
