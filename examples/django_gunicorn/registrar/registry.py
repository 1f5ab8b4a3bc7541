"""The registry, as the views see it: the pool of this process, and ``ask``.

The pool is made here and opened by gunicorn.conf.py, so that this module may be
imported before gunicorn forks its workers (``--preload``). It imports nothing of
Django, because gevent's workers are monkey-patched only after ``post_fork``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os

from geventconnpool_ext import PoolError

client = os.environ.get("REGISTRY_CLIENT") or (
    "epplib" if importlib.util.find_spec("epplib") else "native"
)
if client not in ("native", "epplib"):
    raise ValueError(
        "REGISTRY_CLIENT must be 'native' or 'epplib', not {!r}".format(client)
    )
commands = importlib.import_module("registrar.{}_commands".format(client))
pool = commands.Pool.from_env(open=False)


class Refused(Exception):
    """The registry's answer says no. Arguments: its *code* and *msg*."""

    def __init__(self, code, msg):
        super().__init__("{} {}".format(code, msg))
        self.code = code
        self.msg = msg


class Lost(Exception):
    """A command that changes nothing got no answer, however often it was sent."""


def ask(make, *values):
    """Send the command that *make* makes of *values*, and return the answer.

    Raises ``Refused`` for an answer that says no, ``Lost`` where none came to a
    command that changes nothing, and the pool's own errors.
    """
    try:
        command = make(*values)
        answer = pool.send(command)
    except PoolError:
        raise  # one of them is an OSError, too
    except OSError as error:
        raise Lost(command) from error
    except ValueError as error:
        # Nothing was sent: what the caller gave does not even fit into XML.
        raise Refused(2005, "not a value to be sent") from error
    if answer.code >= 2000:
        raise Refused(answer.code, answer.msg)
    return answer
