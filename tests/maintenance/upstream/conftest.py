"""A made-up upstream, a checkout that knows it, and the command run on both."""

from __future__ import annotations

import http.server
import json
import threading
from typing import NamedTuple

import pytest

from . import made_up


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """Made once; each test works on copies."""
    root = tmp_path_factory.mktemp("pristine")
    there = made_up.upstream(root / "upstream")
    made_up.checkout(root / "ours", there)
    return root


@pytest.fixture
def upstream(pristine, tmp_path):
    return copy_of(pristine / "upstream", tmp_path / "upstream")


@pytest.fixture
def ours(pristine, upstream, tmp_path):
    project = copy_of(pristine / "ours", tmp_path / "ours")
    lock = project.path / "patches" / "upstream.lock"
    text = lock.read_text("utf-8")
    lock.write_text(text.replace(str(pristine / "upstream"), str(upstream.path)))
    project.commit("Follow the copy")
    return project


def copy_of(source, target):
    import shutil

    shutil.copytree(source, target)
    repository = made_up.Repository.__new__(made_up.Repository)
    repository.path, repository.commits = target, 10
    return repository


@pytest.fixture
def run(ours, capsys):
    """Run a command on the checkout; its status, output and errors."""
    from maintenance.upstream.__main__ import main

    def run(*arguments):
        capsys.readouterr()
        try:
            status = main([*arguments, "--project", str(ours.path)])
        except SystemExit as ended:
            status = ended.code
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def check(run):
    return lambda *arguments: run("check", "--offline", *arguments)


@pytest.fixture
def take(run):
    return lambda *arguments: run("import", *arguments)


@pytest.fixture
def index():
    """A package index on loopback: ``index(versions)`` gives its URL."""
    servers = []

    def start(versions):
        files = [
            {
                "filename": f"geventconnpool-{version}.tar.gz",
                "url": f"geventconnpool-{version}.tar.gz",
                "hashes": {},
                "upload-time": f"2022-04-{number:02}T10:00:00Z",
                "yanked": version.endswith("y"),
            }
            for number, version in enumerate(versions, 1)
        ]
        page = {"meta": {"api-version": "1.1"}, "name": "geventconnpool"}
        body = json.dumps({**page, "versions": versions, "files": files}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                there = self.path == "/simple/geventconnpool/"
                self.send_response(200 if there else 404)
                kind = "application/vnd.pypi.simple.v1+json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/simple/"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join(5)
