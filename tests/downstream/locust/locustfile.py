"""A load test of a registry: locust's users, and their sessions from one pool.

locust is a gevent application, and has patched everything when this is read.
"""

from __future__ import annotations

import os
import time

from locust import User, constant, events, task

from geventconnpool_ext.epp import CheckDomain, EPPPool, Login, client_factory

pool = EPPPool(
    client_factory(
        "localhost", int(os.environ["REGISTRY_PORT"]), ca_file=os.environ["CA_FILE"]
    ),
    lambda: Login("client", "password"),
    3,
    timeout=10,
    open=False,
)


@events.test_start.add_listener
def open_pool(**_unused):
    """Log in when the test begins."""
    pool.open()


@events.test_stop.add_listener
def close_pool(**_unused):
    """Log out when it has ended."""
    pool.close()


class Registrar(User):
    """Checks domain names, as fast as the sessions allow."""

    wait_time = constant(0.01)

    @task
    def check(self):
        """One check, told to locust with its time and outcome."""
        begin = time.perf_counter()
        failure = None
        try:
            answer = pool.send(CheckDomain("name.example"))
            if answer.code != 1000:
                failure = RuntimeError(f"answered {answer.code}")
        except Exception as error:
            failure = error
        self.environment.events.request.fire(
            request_type="EPP",
            name="check",
            response_time=(time.perf_counter() - begin) * 1000,
            response_length=0,
            exception=failure,
        )
