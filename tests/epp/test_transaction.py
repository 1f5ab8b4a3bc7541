"""clTRIDs are never used twice, by whatever process."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from geventconnpool_ext.epp.transaction import new_tr_id


def test_tr_ids_are_tokens_of_legal_length_and_differ():
    made = [new_tr_id() for _ in range(10000)]
    assert len(set(made)) == len(made)
    assert all(re.match(r"[a-z0-9-]{3,64}\Z", tr_id) for tr_id in made)


def test_a_forked_child_does_not_go_on_with_its_parents_tr_ids():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, new_tr_id().encode())
        finally:
            os._exit(0)
    os.close(writing)
    from_child = os.read(reading, 100).decode()
    os.close(reading)
    os.waitpid(child, 0)
    assert 3 <= len(from_child) <= 64
    assert from_child.rpartition("-")[0] != new_tr_id().rpartition("-")[0]


def test_a_restart_does_not_begin_again_with_the_same_tr_ids():
    program = (
        "from geventconnpool_ext.epp.transaction import new_tr_id; print(new_tr_id())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(made) == 2
