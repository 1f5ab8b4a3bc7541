"""The example's README.md does what it says: its commands run as they stand.

The registry's port is another one here, gunicorn's too; dates are those of the day.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile

import gevent
import pytest
from gevent import subprocess

from .. import programs
from ..contingency.shell import run_in_shell
from ..processes.web_server import free_port
from .example import DIRECTORY, until

pytest.importorskip("gunicorn")
pytest.importorskip("django")

PAGE = (DIRECTORY / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
(CONSOLE,) = re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
REGISTRY_PORT, WEB_PORT = "7000", "8000"

pytestmark = pytest.mark.timeout(60)


class Terminal:
    """A terminal of the reader's: a command that goes on until Ctrl-C."""

    def __init__(self, commands, environment, directory):
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            ["sh", "-e", "-c", commands],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=str(directory),
            start_new_session=True,
        )

    def said(self):
        """All that is on its screen."""
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace")

    def wait_for(self, words):
        """Wait until these words stand on it."""
        with gevent.Timeout(20, AssertionError(words)):
            while words not in self.said():
                assert self._process.poll() is None, self.said()
                gevent.sleep(0.05)

    def press_control_c(self):
        """End it as its reader does; returns when every process has ended."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(timeout=20)

    def close(self):
        """End what is left, and forget what it said."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._said.close()


@pytest.fixture
def reader(tmp_path):
    """Who follows the page in a copy of the example's directory."""
    directory = tmp_path / "django_gunicorn"
    shutil.copytree(str(DIRECTORY), str(directory))
    registry_port, web_port = str(free_port()), str(free_port())
    path = [os.path.dirname(sys.executable), os.environ.get("PATH", "")]
    environment = dict(
        os.environ,
        PATH=os.pathsep.join(path),
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        GUNICORN_CMD_ARGS="--bind=127.0.0.1:{} --worker-tmp-dir={}".format(
            web_port, tempfile.gettempdir()
        ),
    )
    terminals = []

    class Reader:
        def run(self, commands):
            return run_in_shell(self.here(commands), environment, directory, 20)

        def open_terminal(self, commands):
            terminals.append(Terminal(self.here(commands), environment, directory))
            return terminals[-1]

        @staticmethod
        def here(commands):
            return commands.replace(REGISTRY_PORT, registry_port).replace(
                WEB_PORT, web_port
            )

    yield Reader()
    for terminal in terminals:
        terminal.close()


def dateless(text):
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", text).strip()


@pytest.mark.slow
@pytest.mark.parametrize("worker_class", ["gevent", "sync"])
def test_the_commands_do_what_the_page_says(reader, worker_class):
    programs.need("curl")
    serve, export_and_run, sync = COMMANDS
    registry = reader.open_terminal(serve)
    registry.wait_for("listening on")
    if worker_class == "sync":
        export_and_run = export_and_run.replace("gunicorn\n", sync)
        assert sync in export_and_run
    web = reader.open_terminal(export_and_run)
    web.wait_for("Listening at")
    web.wait_for("Booting worker")
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", CONSOLE, re.M)
    assert len(steps) == 4
    for command, wanted in steps:
        if command.endswith("/health"):
            until(lambda asked=command: reader.run(asked) == (0, "200\n"))
        status, said = reader.run(command)
        assert (status, dateless(said)) == (0, dateless(wanted)), command
    # The order that the page suggests.
    registry.press_control_c()
    until(lambda: reader.run(steps[-1][0]) == (0, "503\n"))
    assert "Traceback" not in web.said(), web.said()
    # A worker that gets it from terminal and master says so with one, at times.
    web.press_control_c()
    logins = re.search(r"stopped after (\d+) logins", registry.said())
    assert int(logins.group(1)) >= 1, registry.said()


def test_every_link_of_the_page_leads_to_a_file_that_exists():
    targets = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert targets
    for target in targets:
        assert (DIRECTORY / target).exists(), target


def test_what_the_page_installs_is_what_the_tests_install():
    pyproject = (DIRECTORY.parents[1] / "pyproject.toml").read_text("utf-8")
    (line,) = re.findall(r"^    python -m pip install (.*)$", PAGE, re.M)
    for requirement in ("django>=4.2", "gunicorn>=20.1"):
        assert '"{}"'.format(requirement) in line
        assert '"{}"'.format(requirement) in pyproject
