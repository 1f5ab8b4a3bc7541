"""What the recipes share: a registry to talk to, and a process to run a program in."""

from __future__ import annotations

import os
import subprocess
import sys

import gevent
import pytest
from gevent import subprocess as cooperative

from geventconnpool_ext.testing import Registry, Server


@pytest.fixture
def registry():
    """A registry that takes a moment for each command."""
    return Registry({"client": "password"}, latency=0.002)


@pytest.fixture
def server(registry):
    """That registry, served by this process."""
    with Server(registry) as running:
        yield running


@pytest.fixture
def environment(server):
    """What each recipe reads: where the registry is, and whom to trust."""
    return {
        **os.environ,
        "REGISTRY_PORT": str(server.port),
        "CA_FILE": server.certificates.ca_file,
        # For clients that trust whom the system trusts.
        "SSL_CERT_FILE": server.certificates.ca_file,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def run(environment):
    """Run Python with these arguments, while this process goes on serving."""

    def run_python(*arguments, seconds=30):
        process = cooperative.Popen(
            [sys.executable, *map(str, arguments)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            with gevent.Timeout(seconds, AssertionError("it did not end")):
                said = process.communicate()[0].decode("utf-8")
        finally:
            if process.poll() is None:
                process.kill()
        assert process.returncode == 0, said
        return said

    return run_python
