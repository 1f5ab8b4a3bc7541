"""Server: a registry on the network, over TLS, every connection a greenlet.

It accepts, refuses, stops and starts again; what is said on a connection is in
``connection``, what is answered in ``registry``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

import gevent
from gevent import socket

from .certificates import Certificates
from .connection import Connection
from .registry import Registry
from .wire import Ended

if TYPE_CHECKING:
    from gevent import Greenlet

__all__ = ["Server"]

_BACKLOG = 1024


class Server:
    """Serve *registry* (default: a new ``Registry()``) over TLS.

    Arguments: *host* is the address to listen on, *port* 0 for any free one;
    it stays the same when the server starts again. *certificates* default to
    new ones, for localhost and *host*. With *require_client_certificate*
    clients must show a certificate of the same authority.

    ``with Server() as server`` starts and stops it. Nothing of it needs
    monkey-patching. A client in the same process must not block the thread:
    use gevent's sockets, or another process.
    """

    def __init__(
        self,
        registry: Optional[Registry] = None,
        host: str = "127.0.0.1",
        port: int = 0,
        certificates: Optional[Certificates] = None,
        require_client_certificate: bool = False,
    ) -> None:
        self.registry: Registry = Registry() if registry is None else registry
        self.host = host
        self._port = port
        self._own_certificates = certificates is None
        if certificates is None:
            names = ["localhost", "127.0.0.1", "::1"]
            if host not in names and host not in ("", "0.0.0.0", "::"):
                names.append(host)
            certificates = Certificates(*names)
        self.certificates = certificates
        self._context = certificates.server_context(require_client_certificate)
        self._listener: Optional[socket.socket] = None
        self._acceptor: Optional[Greenlet[[], None]] = None
        self._resume: Optional[Greenlet[[], None]] = None
        self._obstacles: List[socket.socket] = []
        self._connections: Dict[Greenlet[[], None], Connection] = {}

    def __repr__(self) -> str:
        return "<Server {}:{}>".format(self.host, self._port)

    @property
    def port(self) -> int:
        """The port listened on; of use once the server was started."""
        return self._port

    @property
    def address(self) -> Tuple[str, int]:
        """Host and port."""
        return self.host, self._port

    @property
    def running(self) -> bool:
        """Whether new connections are accepted."""
        return self._acceptor is not None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()
        if self._own_certificates:
            self.certificates.close()

    def start(self) -> None:
        """Listen and accept. Does nothing if it does already."""
        self._cancel_resume()
        if self._acceptor is not None:
            return
        if self._listener is None:
            self._listen()
        self._acceptor = gevent.spawn(self._accept)

    def stop(self, timeout: float = 1.0) -> None:
        """Stop listening and close every connection, with close_notify.

        Returns after *timeout* seconds at the latest. The registry keeps its
        state; ``start()`` serves it again on the same port.
        """
        self._cancel_resume()
        self._stop_listening()
        self._end_all("server_stop", "close", timeout)

    def restart(self, pause: float = 0.0) -> None:
        """Stop, wait *pause* seconds, start again on the same port."""
        self.stop()
        gevent.sleep(pause)
        self.start()

    def kill_sessions(self, manner: str = "drop", timeout: float = 1.0) -> int:
        """End every connection now; returns how many there were.

        *manner* is ``drop`` (no close_notify), ``close`` (with it) or ``reset``
        (RST). New connections are accepted as before.
        """
        if manner not in ("close", "drop", "reset"):
            raise ValueError(
                "manner must be 'close', 'drop' or 'reset', not {!r}".format(manner)
            )
        return self._end_all("killed", manner, timeout)

    def logout_silently(
        self, session_id: Optional[int] = None, code: int = 2002
    ) -> List[int]:
        """Log out one session or all, and tell nobody: see the registry's."""
        return self.registry.logout_silently(session_id, code)

    def refuse(self, seconds: Union[float, bool] = True) -> None:
        """Refuse new TCP connections, for some seconds or, with True, until
        ``start()``; the connections there are live on."""
        self._cancel_resume()
        self._stop_listening()
        self._resume_after(seconds)

    def stall_connects(self, seconds: Union[float, bool] = True) -> None:
        """Let new TCP connections wait for ever, for some seconds or, with
        True, until ``start()``: the kernel drops their SYN packets.

        Works where a full queue of connections drops them, as on Linux.
        """
        self._cancel_resume()
        if self._acceptor is None:
            self.start()
        acceptor, self._acceptor = self._acceptor, None
        assert acceptor is not None
        assert self._listener is not None
        acceptor.kill()
        self._listener.listen(0)
        family = self._listener.family
        for _ in range(8):
            obstacle = socket.socket(family, socket.SOCK_STREAM)
            self._obstacles.append(obstacle)
            obstacle.settimeout(0.05)
            try:
                obstacle.connect((self.host, self._port))
            except OSError:
                break
        self._resume_after(seconds)

    # How it does that.

    def _listen(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self._port))
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._listener = listener

    def _stop_listening(self) -> None:
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.kill()
        self._remove_obstacles()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def _remove_obstacles(self) -> None:
        for obstacle in self._obstacles:
            obstacle.close()
        self._obstacles.clear()

    def _resume_after(self, seconds: Union[float, bool]) -> None:
        if seconds is not True:
            self._resume = gevent.spawn_later(float(seconds), self._restore)

    def _restore(self) -> None:
        self._resume = None
        self.start()

    def _cancel_resume(self) -> None:
        resume, self._resume = self._resume, None
        if resume is not None:
            resume.kill()

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None
        listener.listen(_BACKLOG)
        self._remove_obstacles()
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                # Out of descriptors, or a client that is gone already.
                gevent.sleep(0.01)
                continue
            try:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                plain.close()
                continue
            connection = Connection(self.registry, plain, self._context)
            greenlet = gevent.Greenlet(connection.run)
            self._connections[greenlet] = connection
            # Not in run: a greenlet killed before it starts never gets there.
            greenlet.rawlink(self._finished)
            greenlet.start()

    def _finished(self, greenlet: Greenlet[[], None]) -> None:
        connection = self._connections.pop(greenlet, None)
        if connection is not None:
            connection.end("killed", "drop")

    def _end_all(self, reason: str, manner: str, timeout: float) -> int:
        ending = list(self._connections.items())
        for greenlet, _ in ending:
            if greenlet.gr_frame is None:
                # Not running yet: gevent 1.5 cannot kill it with an instance.
                greenlet.kill(block=False)
            else:
                greenlet.kill(Ended(reason, manner), block=False)
        gevent.joinall([greenlet for greenlet, _ in ending], timeout=timeout)
        for _, connection in ending:
            connection.end(reason, "drop")
        return len(ending)
