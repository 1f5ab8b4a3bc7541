"""A deployment: gunicorn in a directory of its own, with the page's settings.

The directory holds what docs/contingency.md says it does: ``gunicorn.conf.py``, the
application ``web.py`` and, while gunicorn runs, ``web.pid``. The page's commands are
run in it as they stand.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile

import gevent
import psutil
from gevent import subprocess

from ..contingency.shell import run_in_shell
from .web_server import HERE, WebServer, free_port

SETTINGS = """
# --- what the tests add
from gunicorn_settings import *

def worker_exit(server, worker):
    from web import pool
    pool.close()
"""


class Deployment(WebServer):
    """``with Deployment(directory, settings, application, environment) as web``.

    *settings* is the page's part of gunicorn.conf.py, *application* the program text
    of web.py, *environment* what that reads. ``start()`` starts gunicorn.
    """

    def __init__(self, directory, settings, application, environment):
        self._directory = directory
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        (directory / "gunicorn.conf.py").write_text(settings + SETTINGS, "utf-8")
        (directory / "web.py").write_text(application, "utf-8")
        self.port = free_port()
        self._programs = os.path.dirname(sys.executable)
        self._environment = dict(
            os.environ,
            PATH=os.pathsep.join([self._programs, os.environ.get("PATH", "")]),
            PYTHONPATH=os.pathsep.join([str(HERE), *filter(None, sys.path)]),
            **environment,
        )
        self._environment.pop("GEVENTCONNPOOL_EXT_KIND", None)
        self._process = None
        self._masters = set()

    def start(self):
        """Start the master and wait until it serves."""
        self._process = subprocess.Popen(
            [
                # Not python -m: its second master would find gunicorn's own
                # modules in the place of the standard library's.
                *(os.path.join(self._programs, "gunicorn"), "--pid=web.pid"),
                "--bind=127.0.0.1:{}".format(self.port),
                "--worker-tmp-dir={}".format(tempfile.gettempdir()),
                "web:application",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=self._environment,
            cwd=str(self._directory),
        )
        self._masters.add(self._process.pid)
        self.ready()

    def __exit__(self, *exception):
        for pid in self._masters | self.masters():
            for one in self._workers_of(pid):
                _kill(one)
            if pid != self._process.pid:
                try:
                    _kill(psutil.Process(pid))
                except psutil.NoSuchProcess:
                    pass
        if self._process is None:
            self._log.close()
        else:
            super().__exit__(*exception)

    def masters(self):
        """The masters that say they are: one, or two while one replaces the other."""
        found = set()
        for path in self._directory.glob("web.pid*"):
            try:
                pid = int(path.read_text())
                os.kill(pid, 0)
            except (OSError, ValueError):
                continue  # written, or removed, in this moment
            found.add(pid)
        self._masters |= found
        return found

    def loaded_by_masters(self, name):
        """Whether every master has this extension package in its memory."""
        return all(
            any("/{}/".format(name) in part.path for part in process.memory_maps())
            for process in map(psutil.Process, self.masters())
        )

    def workers(self):
        """The workers of all masters."""
        return [one for pid in self.masters() for one in self._workers_of(pid)]

    def _workers_of(self, pid):
        try:
            master = psutil.Process(pid)
            children = master.children()
            mark = master.environ().get("GUNICORN_PID")
        except psutil.NoSuchProcess:
            return []
        found = []
        for one in children:
            try:
                # A new master is a child of the old one, with a mark of its own.
                if one.status() != psutil.STATUS_ZOMBIE and (
                    one.environ().get("GUNICORN_PID") == mark
                ):
                    found.append(one)
            except psutil.NoSuchProcess:
                continue
        return found

    def run(self, commands):
        """Run the page's *commands* as a shell does; returns status and output."""
        return run_in_shell(commands, self._environment, self._directory, 20)

    def done(self, commands):
        """Run *commands*, which are to succeed without a word."""
        assert self.run(commands) == (0, ""), commands

    def stop(self):
        """Stop gracefully; returns when every process has ended."""
        for pid in self.masters():
            os.kill(pid, signal.SIGTERM)
        with gevent.Timeout(20, AssertionError("it never stopped")):
            while self.masters():
                self._process.poll()
                gevent.sleep(0.02)
        return self._process.wait(timeout=20)


def _kill(process):
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass
