"""The views. What may go wrong is answered in ``failures``."""

from __future__ import annotations

import os
import secrets
import time

import gevent
from django.http import JsonResponse
from django.views.decorators.http import require_http_methods, require_safe

from geventconnpool_ext import PoolError

from .registry import ask, client, commands, pool

looked_at = float("-inf")
"""When ``/health`` last looked at the sessions; monotonic."""


@require_http_methods(["GET", "HEAD", "POST"])
def domain(request, name):
    """GET: is the domain free? POST: register it, for the contact *registrant*."""
    if request.method == "POST":
        return create(request, name)
    answer = ask(commands.check, name)
    return JsonResponse({"name": name, "available": commands.is_available(answer)})


@require_safe
def info(request, name):
    """Tell about a domain that is registered."""
    return JsonResponse(commands.shown(ask(commands.info, name)))


def create(request, name):
    """Register a domain. Who may do so is for you to decide: nobody is asked here."""
    registrant = request.POST.get("registrant", "")
    # Its holder gets to know it when the domain is to be transferred.
    auth_info = secrets.token_urlsafe(16)
    answer = ask(commands.create, name, registrant, auth_info)
    return JsonResponse(commands.created(answer), status=201)


@require_safe
def health(request):
    """200 while this worker has a session, or needs none; else 503."""
    look_again()
    stats = pool.stats()
    healthy = stats.open >= min(1, stats.min_size)
    body = {"healthy": healthy, "worker": os.getpid(), "client": client}
    body["stats"] = dict(stats._asdict(), open=stats.open)
    return JsonResponse(body, status=200 if healthy else 503)


def look_again():
    """Say hello on every idle session, and wait for one if there is none.

    Or the numbers would be those of the latest keepalive; in a sync worker, where
    nothing goes on between requests, those of the latest command. At most once a
    second, so that not everybody who asks costs the registry a hello.
    """
    global looked_at
    if time.monotonic() - looked_at < 1:
        return
    looked_at = time.monotonic()
    with gevent.Timeout(1, False):
        try:
            pool.check()
            if not pool.stats().open:
                pool.wait(None)
        except PoolError:
            pass  # the numbers tell
