"""Gunicorn's configuration: where a pool is opened, and where it is closed."""

from __future__ import annotations

import os

from gevent import monkey

HOW = os.environ["POOL"]

worker_class = "gevent"
workers = int(os.environ["WORKERS"])
preload_app = HOW != "import"
graceful_timeout = 10
timeout = 20
loglevel = "warning"

if HOW == "master":
    # Who works with gevent in the process that forks patches it first.
    monkey.patch_all()


def the_pool():
    """The pool of this process's application."""
    from application import pool  # type: ignore[import-not-found]

    return pool


def post_fork(server, worker):
    """Open what was made without being opened."""
    if HOW == "post_fork":
        the_pool().open()


def worker_exit(server, worker):
    """Log out: nobody else does it for us at the end of a process."""
    the_pool().close()


def on_exit(server):
    """The same for the process that forked the workers, if it has sessions."""
    if HOW == "master":
        the_pool().close()
