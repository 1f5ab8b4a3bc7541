"""Every Python example in README.md and docs/ runs as it stands.

Names that a reader replaces (PORT, CA_FILE, ...) are given here. Each block is a
program of its own, but for the pages that say that all their blocks are one.
"""

from __future__ import annotations

import re

import gevent
import pytest
from gevent import socket
from gevent.server import StreamServer

from .fences import EXAMPLE_PAGES, ROOT, examples

ONE_PROGRAM = {"epp", "start"}


def programs():
    for page in EXAMPLE_PAGES:
        if page.stem in ONE_PROGRAM:
            yield pytest.param("\n".join(examples(page)), id=page.stem)
            continue
        for number, code in enumerate(examples(page)):
            yield pytest.param(code, id="{}-{}".format(page.stem, number))


def echo(connection: socket.socket, address: object) -> None:
    while True:
        data = connection.recv(1024)
        if not data:
            return
        connection.sendall(data)


@pytest.mark.parametrize("code", list(programs()))
def test_example_runs_as_it_stands(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where an example may write
    names = {"__name__": "example", "PASSWORD": "password", "AUTH_INFO": "2fooBAR"}
    if "prometheus_client" in code:
        pytest.importorskip("prometheus_client")
    if "opentelemetry" in code:
        pytest.importorskip("opentelemetry.sdk")
    if "geventconnpool_ext.epp" in code:
        pytest.importorskip("lxml")
        pytest.importorskip("trustme")
        from geventconnpool_ext.testing import Registry, Server

        with gevent.Timeout(20), Server(Registry({"client": "password"})) as server:
            names["PORT"] = server.port
            names["CA_FILE"] = server.certificates.ca_file
            exec(compile(code, "example", "exec"), names)
    else:
        server = StreamServer(("localhost", 0), echo)
        server.start()
        try:
            names["PORT"] = server.server_port
            with gevent.Timeout(20):
                exec(compile(code, "example", "exec"), names)
        finally:
            server.stop()


def test_the_readme_has_an_example_of_each_pool():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(re.findall(r"^```python\n", text, re.M)) >= 2


@pytest.mark.parametrize(
    "names",
    [
        ("PoolCollector(", "PrometheusHooks("),
        ("PoolInstruments(", "OpenTelemetryHooks(", "CommandSpans("),
    ],
)
def test_one_example_has_all_of_a_kind_of_metrics_on_a_pool(names):
    codes = [code for page in EXAMPLE_PAGES for code in examples(page)]
    assert any(all(name in code for name in names) for code in codes)


@pytest.mark.parametrize("name", sorted(ONE_PROGRAM))
def test_a_page_that_is_one_program_has_several_blocks(name):
    assert len(examples(ROOT / "docs" / (name + ".md"))) > 3


def test_relative_links_lead_to_files_that_exist():
    for page in EXAMPLE_PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
