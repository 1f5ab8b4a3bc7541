"""A server of lines: ``PORT JOURNAL``. It answers what it has written down."""

from __future__ import annotations

import os
import sys

from gevent.server import StreamServer


def serve(connection, address):
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            # Whole lines, at once: it may be killed at any moment.
            os.write(journal, line)
            connection.sendall(line)


journal = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
StreamServer(("127.0.0.1", int(sys.argv[1])), serve).serve_forever()
