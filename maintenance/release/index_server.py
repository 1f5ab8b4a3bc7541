"""``python -m maintenance.release.index_server FILES YANKED``: the index itself.

pypiserver takes uploads and serves them, but knows no yank (PEP 592). So its pages get
the attribute ``data-yanked`` here, which is all that a yank is for an installer. YANKED
is a file that names the files it is for, each with the reason.

Prints its port, then a line for each request to standard error.
"""

from __future__ import annotations

import html
import json
import logging
import re
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Iterable, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pypiserver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["main"]

_LINK = re.compile(r'<a href="(?P<address>[^"]*)">(?P<file>[^<]*)</a>')


def main(files: str, yanked: str) -> None:
    """Serve until the process is ended."""
    # Without a handler of theirs, its warnings would be shown beside the requests.
    logging.getLogger("pypiserver").addHandler(logging.NullHandler())
    # Anybody may upload, by any name and password; what is not here is not looked for
    # elsewhere; a file is never replaced.
    application = pypiserver.app(
        roots=[Path(files)],
        authenticate=[],
        password_file=".",
        disable_fallback=True,
        overwrite=False,
        hash_algo="sha256",
        server_method="wsgiref",
    )
    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(_marking(application, Path(yanked)))
    print(server.server_port, flush=True)
    server.serve_forever()


def _marking(application: WSGIApplication, yanked: Path) -> WSGIApplication:
    """The application, whose pages have the marks."""

    def answer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        reasons = json.loads(yanked.read_text("utf-8"))
        if not (reasons and environ["PATH_INFO"].startswith("/simple/")):
            return application(environ, start_response)
        begun: list[Any] = []
        begin = cast("StartResponse", lambda *said: begun.extend(said))
        page = b"".join(application(environ, begin)).decode("utf-8")
        body = _LINK.sub(lambda link: _marked(link, reasons), page).encode("utf-8")
        status, headers = begun[:2]
        kept = [field for field in headers if field[0].lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _marked(link: re.Match[str], reasons: dict[str, str]) -> str:
    reason = reasons.get(link["file"])
    if reason is None:
        return link[0]
    mark = f'data-yanked="{html.escape(reason)}"'
    return f'<a href="{link["address"]}" {mark}>{link["file"]}</a>'


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        print(f"index: {code} {self.requestline}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
