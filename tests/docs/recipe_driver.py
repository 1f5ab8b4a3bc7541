"""Runs a recipe, and calls it all the time: ``RECIPE EXPRESSION...``.

Each expression is evaluated again and again by some greenlets, with another number
``n`` each time, as text. A line on stdout tells each outcome, in JSON. SIGTERM ends it.
"""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any, Dict

GREENLETS = 6

path, *expressions = sys.argv[1:]
names: Dict[str, Any] = {"__name__": "recipe"}
with open(path, encoding="utf-8") as recipe:
    # Before gevent is imported: it may patch.
    exec(compile(recipe.read(), path, "exec"), names)

import signal  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

stopped = Event()
numbers = itertools.count()


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def call(expression):
    while not stopped.is_set():
        number = str(next(numbers))
        try:
            eval(expression, dict(names, n=number))
        except Exception as error:
            tell(call=expression, n=number, error=type(error).__name__)
        else:
            tell(call=expression, n=number, error=None)
        gevent.sleep(0.01)


gevent.signal_handler(signal.SIGTERM, stopped.set)
callers = [
    gevent.spawn(call, expression)
    for expression in expressions
    for _ in range(GREENLETS)
]
gevent.joinall(callers, raise_error=True)
pool = names["pool"]
sizes = pool.stats()._asdict()
sizes["discarded"] = dict(sizes["discarded"])
tell(stats=sizes)
pool.close()
