"""Each peer in a process of its own."""

from __future__ import annotations

import pytest

from benchmarks import peers
from benchmarks.process import Worker, WorkerFailed
from benchmarks.results import Case
from benchmarks.scenarios import load

BARE = Case("bare")


def test_a_worker_answers_with_samples_until_it_is_ended():
    with Worker("idle", "bare", 30) as worker:
        samples = [worker.sample(BARE, 64) for _ in range(3)]
        assert worker.loops(BARE, 0.001) >= 128
    assert all(0 < sample.value < 0.01 for sample in samples)


def test_a_worker_that_fails_is_told_of_with_its_last_words():
    failed = pytest.raises(WorkerFailed, match="KeyError: 'nobody'")
    with Worker("idle", "nobody", 30) as worker, failed:
        worker.sample(BARE, 64)


def test_a_worker_that_takes_too_long_is_ended():
    failed = pytest.raises(WorkerFailed, match=r"took longer than 0\.5 s")
    with Worker("idle", "bare", 0.5) as worker, failed:
        worker.sample(BARE, 10**12)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [name for name in peers.PEERS if name != "bare"])
def test_each_peer_can_be_measured_where_it_is_installed(name, installed):
    installed(name)
    scenario = "idle" if name in load("idle").peers else "contended"
    with Worker(scenario, name, 60) as worker:
        assert worker.sample(Case(name), 1).value > 0


def test_what_is_patched_is_said_of_the_peers_that_wait_by_the_standard_library():
    patched = {name for name, peer in peers.PEERS.items() if peer.patched}
    assert patched == {"psycopg_pool", "sqlalchemy", "generic"}
