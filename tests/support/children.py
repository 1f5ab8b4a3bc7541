"""Children of this process, forked by hand, that report what they found."""

from __future__ import annotations

import os
import pickle
import traceback

import gevent
import gevent.os


def fork_plainly():
    """Fork as a program does that knows nothing of gevent, then put it right."""
    pid = os.fork()
    if pid == 0:
        gevent.reinit()
    return pid


def fork_by_gevent():
    """Fork as a monkey-patched program does."""
    return gevent.os.fork()


def reap(pid):
    """Wait for the end of a child, unless gevent's watcher did already."""
    try:
        with gevent.Timeout(5, False):
            gevent.os.waitpid(pid, 0)
    except ChildProcessError:
        pass


def in_child(fork, function, seconds=20):
    """Fork, call *function* in the child, and return what it returned there.

    The child ends without any clean-up, as a forked worker does. An exception
    there is a failure here.
    """
    reader, writer = os.pipe()
    pid = fork()
    if pid == 0:
        try:
            os.close(reader)
            try:
                with gevent.Timeout(seconds):
                    answer = (True, function())
            except BaseException:
                answer = (False, traceback.format_exc())
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(answer, pipe)
        finally:
            os._exit(0)
    os.close(writer)
    try:
        gevent.os.make_nonblocking(reader)
        data = b""
        with gevent.Timeout(seconds + 5):
            while True:
                part = gevent.os.nb_read(reader, 65536)
                if not part:
                    break
                data += part
    finally:
        os.close(reader)
        reap(pid)
    assert data, "the child ended without a word"
    fine, answer = pickle.loads(data)
    assert fine, "in the child:\n" + answer
    return answer
