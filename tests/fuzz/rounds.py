"""How long a property is fuzzed: one round by default, or for some seconds."""

from __future__ import annotations

import functools
import os
import time

from hypothesis import HealthCheck, settings

SECONDS = float(os.environ.get("GEVENTCONNPOOL_EXT_FUZZ_SECONDS", "0"))
"""For how long each property is fuzzed, at least one round."""

ROUND = settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def fuzz(holds, record_property):
    """Call *holds*, a test of hypothesis, for as long as it is to be fuzzed."""
    tried = [0]
    inner = holds.hypothesis.inner_test

    @functools.wraps(inner)
    def counting(*arguments, **named):
        tried[0] += 1
        return inner(*arguments, **named)

    holds.hypothesis.inner_test = counting
    end = time.monotonic() + SECONDS
    holds()
    while time.monotonic() < end:
        holds()
    record_property("fuzzed inputs", tried[0])
