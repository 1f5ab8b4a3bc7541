"""A TCP server of lines: real sockets, and answers that come late or never.

It understands ``echo TEXT``, ``late SECONDS TEXT`` (the answer comes that much
later), ``stall`` (no answer, ever), ``drop`` (closes at once) and ``accepted`` (how
many clients came so far). Run as a program it is a process of its own, for tests
that fork: a server in the process that forks would be copied with it.
"""

from __future__ import annotations

import subprocess
import sys

import gevent
from gevent import socket
from gevent.server import StreamServer


class LineServer:
    """Listens on 127.0.0.1; ``accepted`` and ``connected`` count its clients."""

    def __init__(self):
        self.accepted = 0
        self.connected = 0
        self.most_connected = 0
        self.dropping = False
        self._sockets = set()
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()
        self.address = ("127.0.0.1", self._server.server_port)

    def _serve(self, sock, address):
        self.accepted += 1
        if self.dropping:
            return
        self.connected += 1
        self.most_connected = max(self.most_connected, self.connected)
        self._sockets.add(sock)
        try:
            lines = sock.makefile("rb")
            for line in lines:
                verb, _, rest = line.decode().rstrip("\n").partition(" ")
                if verb == "drop":
                    return
                if verb == "stall":
                    continue
                if verb == "late":
                    seconds, _, rest = rest.partition(" ")
                    gevent.sleep(float(seconds))
                if verb == "accepted":
                    rest = str(self.accepted)
                sock.sendall((rest + "\n").encode())
        except OSError:
            pass
        finally:
            lines.close()
            self._sockets.discard(sock)
            self.connected -= 1

    def drop_all(self):
        """Cut every connection there is."""
        for sock in list(self._sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.drop_all()
        self._server.stop()


class LineServerProcess:
    """A LineServer in a process of its own."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.address = ("127.0.0.1", int(self._process.stdout.readline()))
        self._asked = 0

    @property
    def accepted(self):
        """How many clients came, those of this property aside."""
        self._asked += 1
        client = LineClient(self.address)
        try:
            return int(client.ask("accepted")) - self._asked
        finally:
            client.close()

    def stop(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class LineClient:
    """A connection to a LineServer."""

    def __init__(self, address):
        self._sock = socket.socket()
        self._sock.settimeout(5)
        try:
            self._sock.connect(address)
        except BaseException:
            self._sock.close()
            raise
        self._buffer = b""

    def ask(self, line, timeout=5):
        """Send a line and return the one that comes back. EOF is an OSError."""
        self._sock.settimeout(timeout)
        self._sock.sendall((line + "\n").encode())
        while b"\n" not in self._buffer:
            data = self._sock.recv(4096)
            if not data:
                raise ConnectionResetError("the server closed the connection")
            self._buffer += data
        answer, _, self._buffer = self._buffer.partition(b"\n")
        return answer.decode()

    def fileno(self):
        return self._sock.fileno()

    def detach(self):
        return self._sock.detach()

    def close(self):
        self._sock.close()


if __name__ == "__main__":
    from gevent.fileobject import FileObject

    server = LineServer()
    sys.stdout.write("{}\n".format(server.address[1]))
    sys.stdout.flush()
    # Its end of life: whoever started it closes this.
    FileObject(sys.stdin.fileno(), "rb", close=False).read()
    server.stop()
