"""``ping`` and ``doctor`` run in this process, with what they wrote checked."""

from __future__ import annotations

import io
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from gevent.server import StreamServer

from geventconnpool_ext.cli import main

from .processes import Finished

PASSWORD = "correct-horse"


def command(*arguments):
    """Run it; what it wrote has no password, and no line above 80 columns.

    But for a single word, such as a path: that stays whole, so that it can be copied.
    """
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code
    finished = Finished(status, out.getvalue(), err.getvalue())
    assert PASSWORD not in finished.out + finished.err
    if "--json" not in arguments:
        wide = [
            line
            for line in finished.out.splitlines()
            if len(line) > 80 and " " in line[22:].strip()
        ]
        assert wide == []
    return finished


def words(text):
    """*text* as one line, so that a phrase is found wherever it was wrapped."""
    return " ".join(text.split())


def step(finished, name):
    """The words of one step, with its level before and what to do in it."""
    lines = finished.out.splitlines()
    starts = [number for number, line in enumerate(lines) if line[9:22].strip() == name]
    assert len(starts) == 1, (name, finished.out)
    own = [lines[starts[0]]]
    for line in lines[starts[0] + 1 :]:
        if not line.startswith(" " * 22):
            break
        own.append(line)
    return words(" ".join(own))


@contextmanager
def serving(handle, context=None):
    """A server on a port of this machine, which is given; *context* is for TLS."""
    arguments = {} if context is None else {"ssl_context": context}
    server = StreamServer(("127.0.0.1", 0), handle, **arguments)
    server.start()
    try:
        yield server.server_port
    finally:
        server.stop(timeout=0)
