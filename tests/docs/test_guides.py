"""docs/start.md and docs/epp.md: what they name exists, and their tests pass.

Their other code is run in ``test_examples``.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path

import pytest
from gevent import subprocess

import geventconnpool_ext

ROOT = Path(__file__).resolve().parents[2]
START = (ROOT / "docs" / "start.md").read_text("utf-8")
EPP = (ROOT / "docs" / "epp.md").read_text("utf-8")
PLUGINS = ["-p", "no:cacheprovider", "-p", "geventconnpool_ext.testing.plugin"]


def table(text, heading):
    """The rows below a table's heading row, each a list of cells."""
    lines = text.partition(heading + "\n")[2].splitlines()[1:]
    assert lines, heading
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def quoted(text):
    return re.findall(r"`(\w+)[^`]*`", text)


def test_the_extras_are_all_there_are():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    section = text.partition("[project.optional-dependencies]\n")[2].partition("\n\n")[
        0
    ]
    extras = re.findall(r"^(\w+) = ", section, re.M)
    named = [
        extra for row in table(START, "| extra | for |") for extra in quoted(row[0])
    ]
    assert sorted(named) == sorted(extras)


def test_every_setting_of_a_session_is_told_of():
    pytest.importorskip("lxml")
    from geventconnpool_ext.epp import SessionPolicy

    named = set(quoted(EPP))
    assert set(SessionPolicy.__slots__) - named == set()


def test_every_attribute_of_an_answer_that_is_named_exists():
    pytest.importorskip("lxml")
    from geventconnpool_ext.epp import Answer

    named = [
        name
        for row in table(EPP, "| of an answer | is |")
        for name in quoted(row[0]) + [n for n in quoted(row[1]) if n == "results"]
    ]
    assert len(named) > 8
    for name in named:
        assert name in Answer.__slots__ or hasattr(Answer, name), name


def test_the_answers_that_are_replayed_are_those_of_the_table():
    pytest.importorskip("lxml")
    from geventconnpool_ext.epp.replay import is_safe
    from geventconnpool_ext.epp.requests import RequestKind

    heading = "| command | its answer was lost | not one octet of it was written |"
    safe, unsafe, _ = [row[0] for row in table(EPP, heading)]
    for commands, replayed in ((safe, True), (unsafe, False)):
        for words in re.split(r", and | *, *", commands):
            if not words.startswith("what"):
                verb, _, op = words.partition(" ")
                op = {"request": "req"}.get(op, op) or None
                assert is_safe(RequestKind(verb, op)) is replayed, words


def test_the_tests_of_the_guide_pass(tmp_path):
    pytest.importorskip("lxml")
    pytest.importorskip("trustme")
    (code,) = re.findall(r"^```python pytest\n(.*?)^```", EPP, re.M | re.S)
    (tmp_path / "test_guide.py").write_text(code, "utf-8")
    # The package may stand beside this file instead of being installed.
    package = Path(geventconnpool_ext.__file__).resolve().parents[1]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGINS, "test_guide.py"],
        cwd=str(tmp_path),
        env=dict(
            os.environ, PYTHONPATH=str(package), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stdout
    assert "{} passed".format(code.count("\ndef test_")) in finished.stdout


def test_gunicorn_s_files_log_in_at_the_fork_and_out_at_the_end(tmp_path, monkeypatch):
    pytest.importorskip("lxml")
    pytest.importorskip("trustme")
    from geventconnpool_ext.testing import Registry, Server

    files = dict(re.findall(r"^```python (\S+)\n(.*?)^```", EPP, re.M | re.S))
    (tmp_path / "registry.py").write_text(files["registry"], "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings = {}
    exec(compile(files["gunicorn"], "gunicorn.conf.py", "exec"), settings)
    with Server(Registry({"client": "password"})) as server:
        for name, value in {
            "HOST": "localhost",
            "PORT": str(server.port),
            "CA_FILE": server.certificates.ca_file,
            "USER": "client",
            "PASSWORD": "password",
            "SIZE": "2",
        }.items():
            monkeypatch.setenv("EPP_" + name, value)
        try:
            pool = importlib.import_module("registry").pool

            with pytest.raises(geventconnpool_ext.PoolClosed):
                pool.wait(timeout=5)
            settings["post_fork"](None, None)
            pool.wait(timeout=5)
            assert server.registry.counters().sessions == 2
            settings["worker_exit"](None, None)
            assert server.registry.counters().ended == {"logout": 2}
        finally:
            sys.modules.pop("registry", None)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("the time was up before it was sent", None),
        ("it was sent, and the time was up", "stall_after_execute"),
        ("it was sent, and the connection broke", "drop_after_execute"),
    ],
)
@pytest.mark.parametrize("column", ["changes something", "changes nothing"])
def test_a_command_without_an_answer_raises_what_the_table_says(row, fault, column):
    pytest.importorskip("lxml")
    pytest.importorskip("trustme")
    from geventconnpool_ext import epp
    from geventconnpool_ext.testing import Fault, FaultPlan, Registry, Server

    heading = "| what happened | a command that changes something | one that changes "
    (found,) = [r for r in table(EPP, heading + "nothing |") if r[0].startswith(row)]
    changes = column == "changes something"
    cell = found[1] if changes or found[2] == "the same" else found[2]
    named = tuple(
        getattr(epp, name, None) or getattr(geventconnpool_ext, name, OSError)
        for name in quoted(cell.partition("(")[0])
    )
    command = (
        epp.CreateDomain("example.com", auth_info="2fooBAR")
        if changes
        else epp.CheckDomain("example.com")
    )
    plan = FaultPlan()
    with Server(Registry({"client": "password"}, faults=plan)) as server:
        factory = epp.client_factory(
            "localhost", server.port, ca_file=server.certificates.ca_file
        )
        with epp.EPPPool(
            factory, lambda: epp.Login("client", "password"), size=1
        ) as pool:
            pool.wait(timeout=5)
            if fault is None:
                with pool.get(), pytest.raises(named) as raised:
                    pool.send(command, timeout=0.2)
            else:
                for _ in range(3):
                    plan.on("create" if changes else "check", fault=Fault[fault])
                with pytest.raises(named) as raised:
                    pool.send(command, timeout=0.5 if "stall" in fault else 5)
    # PoolTimeout is an OSError, too: the table tells them apart.
    timed_out = isinstance(raised.value, geventconnpool_ext.PoolTimeout)
    assert timed_out == (geventconnpool_ext.PoolTimeout in named)
