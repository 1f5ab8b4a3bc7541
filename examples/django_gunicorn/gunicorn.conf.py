"""How gunicorn runs the example: a pool per worker, opened and closed with it."""

from __future__ import annotations

import sys

wsgi_app = "registrar.wsgi:application"
worker_class = "gevent"
workers = 2
# Requests under way may end, and sessions log out, before a worker is killed.
graceful_timeout = 35
# More than a command may take, or gunicorn kills sync workers that wait for one.
timeout = 60


def post_fork(server, worker):
    """Open the pool in the worker: a session belongs to one process."""
    from registrar.registry import pool

    pool.open()


def worker_exit(server, worker):
    """Log out: nobody else does it for us at the end of a process."""
    registry = sys.modules.get("registrar.registry")
    if registry is not None:  # else its settings were wrong, and it has said so
        registry.pool.close()
