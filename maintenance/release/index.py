"""A package index on loopback: pypiserver, to which marks of yanked releases are added.

pypiserver takes uploads and serves them, but knows no yank (PEP 592). Here its pages
get the attribute ``data-yanked``, which is all that a yank is for an installer.
"""

from __future__ import annotations

import html
import logging
import re
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Callable, Iterable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pypiserver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Index"]

# Each request is told by the server below; without a handler its warnings are shown.
logging.getLogger("pypiserver").addHandler(logging.NullHandler())

_LINK = re.compile(r'<a href="(?P<address>[^"]*)">(?P<file>[^<]*)</a>')


class Index:
    """``with Index(directory, write) as index``: serves what is uploaded to it.

    The files lie in *directory*; each request is told by *write*, a line each.
    """

    def __init__(self, directory: Path, write: Callable[[str], None]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._yanked: dict[str, str] = {}
        # Anybody may upload, with any name and password, on loopback; what is not
        # here is not looked for elsewhere; a file is never replaced.
        self._pypiserver: Any = pypiserver.app(
            roots=[directory],
            authenticate=[],
            password_file=".",
            disable_fallback=True,
            overwrite=False,
            hash_algo="sha256",
            server_method="wsgiref",
        )
        self._server = _Server(("127.0.0.1", 0), _handler(write))
        self._server.set_app(self._answer)

    def __enter__(self) -> Index:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self.close()

    def close(self) -> None:
        """Listen no more."""
        self._server.server_close()

    @property
    def upload_url(self) -> str:
        """Where twine uploads to."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def url(self) -> str:
        """Where pip looks."""
        return self.upload_url + "simple/"

    def files(self) -> dict[str, Path]:
        """What was uploaded, by name."""
        return {path.name: path for path in sorted(self._directory.iterdir())}

    def yank(self, version: str, reason: str) -> None:
        """Yank a release: all files of *version*, as PyPI does."""
        of_it = re.compile(rf"-{re.escape(version)}(-.*\.whl|\.tar\.gz)$")
        names = [name for name in self.files() if of_it.search(name)]
        if not names:
            raise ValueError(f"no file of {version} was uploaded")
        self._yanked.update(dict.fromkeys(names, reason))

    def _answer(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if not (self._yanked and environ["PATH_INFO"].startswith("/simple/")):
            answer: Iterable[bytes] = self._pypiserver(environ, start_response)
            return answer
        begun: list[Any] = []
        pages = self._pypiserver(environ, lambda *said: begun.extend(said))
        page = _LINK.sub(self._marked, b"".join(pages).decode("utf-8")).encode("utf-8")
        status, headers = begun[:2]
        headers = [field for field in headers if field[0].lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(page)))])
        return [page]

    def _marked(self, link: re.Match[str]) -> str:
        reason = self._yanked.get(link["file"])
        if reason is None:
            return link[0]
        return '<a href="{}" data-yanked="{}">{}</a>'.format(
            link["address"], html.escape(reason), link["file"]
        )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def _handler(write: Callable[[str], None]) -> type[WSGIRequestHandler]:
    class Handler(WSGIRequestHandler):
        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            write(f"index: {code} {self.requestline}")

    return Handler
