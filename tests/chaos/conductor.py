"""A chaos run from its beginning to its figures: starts, disturbs, calms, counts."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Callable, Dict, List, NamedTuple

import gevent

from .judge import Verdict, judge
from .processes import Child, Sampler

__all__ = ["Result", "Settings", "run"]

_GIVEN_UP_AFTER = 15.0
_CALM = 3.0
_EVERY = 0.25


class Settings(NamedTuple):
    """What a run is made of."""

    seconds: float
    """How long faults are injected."""
    seed: int
    pool: str = "ours"
    """``ours`` or ``upstream``."""
    clients: int = 3
    """Processes, each with an account and a pool of its own."""
    size: int = 5
    """Sessions of each, which is the registry's limit for its account."""
    greenlets: int = 24
    """That use each pool."""
    think: float = 0.3
    """Most seconds that a greenlet waits after each command."""
    whole_within: float = 5.0
    """Seconds after the last fault within which every pool is to be full again."""


class Result(NamedTuple):
    """What came of it. Lists have a value for each client process."""

    settings: Settings
    verdict: Verdict
    commands: int
    executed: int
    """Commands that the registry carried out, login and logout aside."""
    logins: int
    faults: int
    operator: Dict[str, int]
    """What the registry's operator did, by deed."""
    whole_after: float
    """Seconds from the last fault until all sessions were logged in; -1: never."""
    refused: int
    """Logins refused for the limit without a fault that says so, most of them
    because the registry had not seen yet that the client had closed a session."""
    over_limit: int
    """Logins beyond the limit: the account had all its sessions already."""
    most_connections: List[int]
    descriptors: List[List[int]]
    """Before the first fault and after the last."""
    grown_mib: List[float]
    """Growth of resident memory, from the middle of the run to its end."""
    at_rest: List[Dict[str, Any]]
    """What the pools say when nobody uses them any more."""
    unfinished: int
    """Greenlets that did not come to an end."""
    left_logged_in: int
    """Sessions that the registry still had after every pool was closed."""
    exit_status: List[int]

    def broken(self) -> List[str]:
        """The promises that were not kept, in words; none if all is well."""
        size = self.settings.size
        said = ["{}: {}".format(*item) for item in self.verdict.wrong.items()]
        said = [line for line in said if not line.endswith(": 0")]
        if not 0 <= self.whole_after <= self.settings.whole_within:
            said.append("at full size after {:.1f} s".format(self.whole_after))
        for number, most in enumerate(self.most_connections):
            if most > size:
                said.append("client {}: {} connections".format(number, most))
        if self.over_limit:
            said.append("{} logins beyond the limit".format(self.over_limit))
        for number, (before, after) in enumerate(self.descriptors):
            if after > before:
                said.append(
                    "client {}: from {} to {} descriptors".format(number, before, after)
                )
        for number, rest in enumerate(self.at_rest):
            wanted = {"idle": size, "in_use": 0, "waiting": 0, "sessions_alive": size}
            for what, value in wanted.items():
                if rest[what] != value:
                    said.append(
                        "client {}: {} {}, not {}".format(
                            number, rest[what], what, value
                        )
                    )
        for number, grown in enumerate(self.grown_mib):
            if grown > MOST_GROWTH:
                said.append("client {}: {} MiB grown".format(number, grown))
        if self.unfinished:
            said.append("{} greenlets did not end".format(self.unfinished))
        if self.left_logged_in:
            said.append("{} sessions left logged in".format(self.left_logged_in))
        if any(self.exit_status):
            said.append("exit status {}".format(self.exit_status))
        return said


MOST_GROWTH = 8.0
"""MiB that a client's memory may grow by: an allocator's, not a leak's."""


def run(settings: Settings, directory: str) -> Result:
    """Do it, with files in *directory*."""
    accounts = {
        "client{}".format(n): "password{}".format(n) for n in range(settings.clients)
    }
    record = os.path.join(directory, "record.json")
    children: List[Child] = []
    try:
        registry = Child(
            "registry_process",
            {
                "accounts": accounts,
                "size": settings.size,
                "seed": settings.seed,
                "record": record,
            },
        )
        children.append(registry)
        for number, (account, password) in enumerate(accounts.items()):
            options = {
                "account": account,
                "password": password,
                "pool": settings.pool,
                "size": settings.size,
                "greenlets": settings.greenlets,
                "think": settings.think,
                "seed": settings.seed + number,
                # With and without: each finds what the other would hide.
                "probe": number % 2 == 0,
                "told": os.path.join(directory, account + ".jsonl"),
            }
            options.update(registry.started)
            children.append(Child("client_process", options))
        return _conduct(settings, children, directory)
    finally:
        for child in children:
            child.stop()


def _conduct(settings: Settings, children: List[Child], directory: str) -> Result:
    registry, clients = children[0], children[1:]
    total = settings.clients * settings.size
    samplers = [Sampler(child.measured, registry.started["port"]) for child in clients]
    # A client that has just said that it is ready may not be listening yet.
    _until(lambda: all(client.ask("open") == settings.size for client in clients))
    before = [sampler.descriptors() for sampler in samplers]
    for client in clients:
        client.ask("go")
    registry.ask("disturb")
    _sample(samplers, settings.seconds)
    registry.ask("calm")
    last_fault = time.monotonic()
    while registry.ask("sessions") < total:
        _sample(samplers, 0.05)
        if time.monotonic() - last_fault > _GIVEN_UP_AFTER:
            break
    waited = time.monotonic() - last_fault
    whole_after = waited if waited <= _GIVEN_UP_AFTER else -1.0
    calm_since = time.monotonic()
    _sample(samplers, _CALM)
    unfinished = sum(client.ask("rest") for client in clients)
    grown = [sampler.growth() for sampler in samplers]
    # A rotation may be on its way.
    _until(lambda: all(client.ask("open") == settings.size for client in clients))
    _until(lambda: [sampler.descriptors() for sampler in samplers] <= before)
    after = [sampler.descriptors() for sampler in samplers]
    at_rest = [client.ask("at_rest") for client in clients]
    for client in clients:
        client.ask("close")
    status = [client.stop() for client in clients]
    _until(lambda: registry.ask("sessions") == 0)
    left = registry.ask("sessions")
    with open(registry.ask("record", 120)) as file:
        account = json.load(file)
    status.append(registry.stop())
    tellings = _tellings(directory)
    counters = account["counters"]
    operator = {name: account["operator"].count(name) for name in account["operator"]}
    return Result(
        settings,
        judge(tellings, account, calm_since if whole_after >= 0 else None),
        len(tellings),
        sum(
            1
            for entry in account["record"]
            if entry[6] < 2000 and entry[3] not in ("login", "logout")
        ),
        counters["logins"],
        sum(counters["faults"].values()),
        dict(sorted(operator.items())),
        round(whole_after, 2),
        len(account["limit"]),
        sum(1 for living in account["limit"] if living >= settings.size),
        [sampler.most_connections for sampler in samplers],
        [list(pair) for pair in zip(before, after)],
        grown,
        at_rest,
        unfinished,
        left,
        status,
    )


def _sample(samplers: List[Sampler], seconds: float) -> None:
    """Look at the processes for so long."""
    until = time.monotonic() + seconds
    while True:
        for sampler in samplers:
            sampler.look()
        left = until - time.monotonic()
        if left <= 0:
            return
        gevent.sleep(min(_EVERY, left))


def _until(condition: Callable[[], bool], seconds: float = 4.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        gevent.sleep(0.05)


def _tellings(directory: str) -> List[Dict[str, Any]]:
    tellings = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(".jsonl"):
            with open(os.path.join(directory, name)) as file:
                tellings += [json.loads(line) for line in file]
    return tellings
