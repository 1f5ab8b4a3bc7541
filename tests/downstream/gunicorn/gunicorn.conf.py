"""gunicorn's settings: each worker opens the pool, and logs out when it ends."""

from __future__ import annotations

worker_class = "gevent"
workers = 2
preload_app = True
loglevel = "warning"


def post_fork(server, worker):
    """Open the pool in the process that uses it."""
    from application import pool  # type: ignore[import-not-found]

    pool.open()


def worker_exit(server, worker):
    """Log out."""
    from application import pool

    pool.close()
