"""A Django view that asks the registry through a pool, served by gevent's pywsgi.

Asks itself some questions at once, over HTTP, and prints the statuses, each once.

Run by ``python -m gevent.monkey``, which patches first: what blocks is the
standard library's.
"""

from __future__ import annotations

import json
import os
from urllib.request import urlopen

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from geventconnpool_ext.epp import CheckDomain, EPPPool, Login, client_factory

QUESTIONS = 60

registry = EPPPool(
    client_factory(
        "localhost", int(os.environ["REGISTRY_PORT"]), ca_file=os.environ["CA_FILE"]
    ),
    lambda: Login("client", "password"),
    3,
    timeout=10,
)


def check(request, name):
    """The view."""
    return JsonResponse({"name": name, "code": registry.send(CheckDomain(name)).code})


urlpatterns = [path("check/<name>", check)]


def main():
    """Serve, ask, print."""
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="a test")
    django.setup()
    server = WSGIServer(("127.0.0.1", 0), get_wsgi_application(), log=None)
    server.start()

    def ask(number):
        url = f"http://127.0.0.1:{server.server_port}/check/name{number}.example"
        with urlopen(url, timeout=20) as answer:
            return json.load(answer)

    with registry:
        answers = Pool(20).map(ask, range(QUESTIONS))
    server.stop()
    assert len({answer["name"] for answer in answers}) == QUESTIONS
    print("codes", *{answer["code"] for answer in answers})


if __name__ == "__main__":
    main()
