"""What is gevent's own fault, shown without this package.

It is why a cell leaves something out, or why its outcome in compat/expected.toml is
no pass. Releases that have no wheel are built from source, for a minute each: only
where SOURCE_BUILDS is set in the environment (``nox -s compat`` builds and keeps the
same wheels).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from maintenance import interpreters
from maintenance.cell_wheel.cell import Cell
from maintenance.cell_wheel.constraints import era_of
from maintenance.cell_wheel.gevent_wheel import build_gevent

ROOT = Path(__file__).resolve().parents[3]
SOURCE_BUILDS = "GEVENTCONNPOOL_EXT_SOURCE_BUILDS"

IDLE = """
import gc, gevent
for _ in range(5):
    gevent.idle()
    gevent.sleep(0.001)
    gc.collect()
"""


def said_of_idle(directory, python, release):
    """What gevent, which looks at its watchers then, says of one idle() in libuv."""
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    environment.pop("VIRTUAL_ENV", None)
    inside = directory / release / "bin" / "python"
    packages = ["gevent==" + release, "greenlet<0.4.17", "cffi"]
    for command in (
        ["uv", "venv", "-q", "--python", python, directory / release],
        ["uv", "pip", "install", "-q", "--python", inside, *packages],
    ):
        subprocess.run(command, check=True, env=environment, timeout=100)
    environment.update(GEVENT_LOOP="libuv", GEVENT_DEBUG="DEBUG")
    done = subprocess.run(
        [inside, "-X", "tracemalloc", "-W", "always", "-c", IDLE],
        capture_output=True,
        text=True,
        env=environment,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
def test_idle_of_1_5a2_leaves_its_watcher_unclosed_and_of_1_5a3_does_not(tmp_path):
    found = interpreters.find([(3, 8)])
    if not found or shutil.which("uv") is None:
        pytest.skip("needs uv and Python 3.8, for which these releases have wheels")
    python = found[3, 8]
    assert "Failed to close watcher <idle" in said_of_idle(tmp_path, python, "1.5a2")
    assert "Failed to close" not in said_of_idle(tmp_path, python, "1.5a3")


TLS = """
import socket, ssl, sys, threading, time
import gevent, gevent.socket, gevent.ssl

def listening(serve):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    thread = threading.Thread(target=lambda: serve(listener.accept()[0]))
    thread.daemon = True
    thread.start()
    return gevent.socket.create_connection(listener.getsockname())
"""

WRONG_NAME = """
chain, key, authority = sys.argv[1:]

def serve(raw):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    context.load_cert_chain(chain, key)
    try:
        context.wrap_socket(raw, server_side=True).recv(1)
    except (ssl.SSLError, OSError):
        pass

context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS)
context.verify_mode = ssl.CERT_REQUIRED
context.check_hostname = True
context.load_verify_locations(authority)
raw = listening(serve)
try:
    context.wrap_socket(raw, server_hostname="right.example")
except ssl.CertificateError:
    print("refused")
else:
    print("accepted")
"""

SILENT = """
def serve(raw):
    time.sleep(2)
    raw.close()

raw = listening(serve)
ticks = []

def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.02)

gevent.spawn(tick)
try:
    with gevent.Timeout(0.5):
        gevent.ssl.SSLContext(ssl.PROTOCOL_TLS).wrap_socket(raw)
except gevent.Timeout:
    print("bounded")
except OSError:
    print("not bounded")
print(len(ticks) > 5)
"""


@pytest.fixture
def old_gevent(tmp_path):
    """Runs a program with a gevent built from source; the words it prints."""
    if SOURCE_BUILDS not in os.environ:
        pytest.skip("builds gevent from source: set {}=1".format(SOURCE_BUILDS))
    found = interpreters.find([(3, 6)])
    if not found or shutil.which("uv") is None:
        pytest.skip("needs uv and Python 3.6")
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    environment.pop("VIRTUAL_ENV", None)

    def run(release, program, *arguments):
        cell = Cell.named("py36-gevent{}".format(release.replace(".", "_")))
        era = era_of(ROOT, release, "3.6")
        wheel = build_gevent(ROOT, cell, era, found[3, 6])
        inside = tmp_path / release / "bin" / "python"
        packages = ["--constraint", era.file, "gevent @ {}".format(wheel.as_uri())]
        for command in (
            ["uv", "venv", "-q", "--python", found[3, 6], tmp_path / release],
            ["uv", "pip", "install", "-q", "--python", inside, *packages],
        ):
            subprocess.run(command, check=True, env=environment, timeout=100)
        command = [inside, "-c", TLS + program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_before_1_1rc4_no_host_name_is_checked_and_since_then_it_is(
    old_gevent, tmp_path
):
    import trustme

    authority = trustme.CA()
    server = authority.issue_cert("wrong.example")
    files = [tmp_path / name for name in ("chain.pem", "key.pem", "authority.pem")]
    server.cert_chain_pems[0].write_to_path(str(files[0]))
    server.private_key_pem.write_to_path(str(files[1]))
    authority.cert_pem.write_to_path(str(files[2]))
    assert old_gevent("1.1rc3", WRONG_NAME, *files) == ["accepted"]
    assert old_gevent("1.1rc4", WRONG_NAME, *files) == ["refused"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_handshake_blocks_every_greenlet_in_1_1a1_and_none_in_1_1a2(old_gevent):
    assert old_gevent("1.1a1", SILENT) == ["not", "bounded", "False"]
    assert old_gevent("1.1a2", SILENT) == ["bounded", "True"]
