"""A package index on loopback: the pages of PEP 503, with what was yanked (PEP 592)."""

from __future__ import annotations

import hashlib
import html
import re
from urllib.parse import unquote

from gevent import pywsgi

__all__ = ["Index"]


class Index:
    """``with Index(directory) as index``: serves the wheels of *directory*."""

    def __init__(self, directory):
        self._directory = directory
        self._yanked = {}
        self._digests = {}
        self._port = 0
        self._server = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    @property
    def url(self):
        """Where pip is to look."""
        return "http://127.0.0.1:{}/simple/".format(self._port)

    def start(self):
        """Serve, on the same port as before."""
        address = ("127.0.0.1", self._port)
        self._server = pywsgi.WSGIServer(address, self._answer, log=None)
        self._server.start()
        self._port = self._server.server_port

    def stop(self):
        """Serve nothing any more."""
        self._server.stop(timeout=1)

    def yank(self, name, version, reason):
        """Mark a release as yanked."""
        assert self._wheels(name, version)
        self._yanked[_normal(name), version] = reason

    def withdraw(self, name, version):
        """Take a release away."""
        (path,) = self._wheels(name, version)
        path.unlink()
        self._digests.pop(path, None)

    def publish(self, release):
        """Make a release's wheel available."""
        release.write(self._directory)

    def _answer(self, environ, start_response):
        parts = [part for part in unquote(environ["PATH_INFO"]).split("/") if part]
        if len(parts) == 2 and parts[0] == "simple":
            wheels = self._wheels(parts[1])
            if wheels:
                start_response("200 OK", [("Content-Type", "text/html")])
                return [self._page(wheels).encode()]
        if len(parts) == 2 and parts[0] == "files":
            path = self._directory / parts[1]
            start_response("200 OK", [("Content-Type", "application/octet-stream")])
            return [path.read_bytes()]
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"there is no such project\n"]

    def _wheels(self, project, version=None):
        found = []
        for path in sorted(self._directory.glob("*.whl")):
            name, its_version = path.name.split("-")[:2]
            if _normal(name) == _normal(project) and version in (None, its_version):
                found.append(path)
        return found

    def _page(self, wheels):
        lines = ["<!DOCTYPE html>"]
        for path in wheels:
            name, version = path.name.split("-")[:2]
            if path not in self._digests:
                self._digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            reason = self._yanked.get((_normal(name), version))
            mark = ' data-yanked="{}"'.format(html.escape(reason)) if reason else ""
            lines.append(
                '<a href="/files/{0}#sha256={1}"{2}>{0}</a>'.format(
                    path.name, self._digests[path], mark
                )
            )
        return "\n".join(lines)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
