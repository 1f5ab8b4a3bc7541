"""docs/epp.md, *Threads that end*: runserver serves any number of requests."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from gevent import subprocess

import geventconnpool_ext

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "epp.md").read_text("utf-8")
DESCRIPTORS = "/dev/fd"

pytest.importorskip("django")
pytestmark = pytest.mark.skipif(
    not os.path.isdir(DESCRIPTORS), reason="nothing counts descriptors here"
)

# What runserver serves with, and as many requests as make a leak plain.
PROGRAM = """
import json, os, sys, threading, urllib.request
import django
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from geventconnpool_ext import create_pool


class Connection:
    def close(self):
        pass


settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="none", LOGGING_CONFIG=None
)
django.setup()
pool = create_pool(2, connect=Connection)


def view(request):
    with pool.get(timeout=5):
        return HttpResponse(type(pool).__name__)


urlpatterns = [path("", view)]
exec(compile(sys.argv[1], "docs/epp.md", "exec"))


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


server = ThreadedWSGIServer(("localhost", 0), Quiet)
server.set_app(get_wsgi_application())
serving = threading.Thread(target=server.serve_forever, daemon=True)
serving.start()
answers, open_files = set(), []
for _ in range(51):
    with urllib.request.urlopen("http://localhost:%d/" % server.server_port) as got:
        answers.add(got.read().decode())
    for thread in threading.enumerate():
        if thread not in (serving, threading.main_thread()):
            thread.join(5)
    open_files.append(len(os.listdir("/dev/fd")))
print(json.dumps([sorted(answers), open_files[0], open_files[-1]]))
"""


def served_with(code):
    """Serve 50 requests more with *code*; return what they leave open."""
    package = Path(geventconnpool_ext.__file__).resolve().parents[1]
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, code],
        env=dict(os.environ, PYTHONPATH=str(package), GEVENTCONNPOOL_EXT_KIND="null"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr
    answers, first, last = json.loads(finished.stdout)
    assert answers == ["NullPool"]
    return last - first


def test_requests_in_threads_of_their_own_leave_no_descriptors():
    (code,) = re.findall(r"^```python runserver\n(.*?)^```", PAGE, re.M | re.S)
    assert served_with(code) < 25
    # gevent's, which the page is there for.
    assert served_with("") >= 75
