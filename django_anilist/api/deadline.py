"""Connections whose whole exchange ends in time.

A socket's timeout bounds each wait for a byte, not their sum: a server that sends one byte a second
holds its caller for ever, and so do the addresses of a host tried one after the other. Here every
step gets only what is left of the whole.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
import traceback
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: The longest wait for the next bytes, in seconds, however much of the deadline is left.
IDLE_SECONDS = 5.0


def seconds_left(deadline: float) -> float:
    """Return the seconds until ``deadline`` (of ``time.monotonic``), or raise ``TimeoutError``."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _DeadlineReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._socket.settimeout(min(IDLE_SECONDS, seconds_left(self._deadline)))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _DeadlineSocket:
    """As much of a socket as ``http.client`` needs to read a response from."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._socket, self._deadline))


class _DeadlineResponse(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, deadline: float, **kwargs: Any) -> None:
        super().__init__(_DeadlineSocket(sock, deadline), *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Read the headers, and forget what is none: urllib3 would quote it in a warning.

        A server may have put there what it was sent, and so a token.
        """
        super().begin()
        self.msg.defects.clear()
        self.msg.set_payload("")


def _close_half_made(error: OSError) -> None:
    """Close the socket that ``ssl`` leaves open where the peer is gone before the handshake begins."""
    inner = error.__traceback__ and error.__traceback__.tb_next  # what looks here holds the error
    for frame, _ in traceback.walk_tb(inner):
        made = frame.f_locals.get("self")
        if isinstance(made, ssl.SSLSocket):
            made.close()


class _DeadlineMixin:
    """A connection that connects, and whose response ends, in time.

    urllib3 sets ``timeout`` before each step to what that step may take.
    """

    _dns_host: str
    port: int
    timeout: Any
    response_class: Any
    _parts: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request in one piece, a sixth cheaper over TLS: ``http.client`` sends it in two."""
        parts: list[bytes] = []
        self._parts = parts
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
        finally:
            self._parts = None
        self.send(b"".join(parts))

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)

    def connect(self) -> None:
        self._respond_within(self.timeout)  # a proxy's answer to CONNECT is read in there
        try:
            super().connect()  # type: ignore[misc]
        except OSError as error:
            _close_half_made(error)
            raise

    def getresponse(self) -> Any:
        self._respond_within(self.timeout)
        return super().getresponse()  # type: ignore[misc]

    def _respond_within(self, seconds: float) -> None:
        self.response_class = partial(_DeadlineResponse, deadline=time.monotonic() + seconds)

    def _new_conn(self) -> socket.socket:
        """Return a connected socket, with the rest of the time set as its timeout for TLS."""
        try:
            return self._connected(time.monotonic() + self.timeout)
        except TimeoutError:
            raise ConnectTimeoutError("timed out") from None
        except socket.gaierror as error:
            raise NameResolutionError(self._dns_host, self, error) from None  # type: ignore[arg-type]
        except OSError as error:
            raise NewConnectionError(self, str(error)) from None  # type: ignore[arg-type]

    def _connected(self, deadline: float) -> socket.socket:
        failure: OSError = OSError("the host has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self._dns_host, self.port, type=socket.SOCK_STREAM
        ):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(seconds_left(deadline))
                sock.connect(address)
                sock.settimeout(seconds_left(deadline))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except OSError as error:
                sock.close()
                failure = error
        try:
            raise failure
        finally:
            del failure


class _Connection(_DeadlineMixin, HTTPConnection):
    pass


class _TLSConnection(_DeadlineMixin, HTTPSConnection):
    pass


class _ConnectionPool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


#: For ``PoolManager.pool_classes_by_scheme``.
POOLS = {"http": _ConnectionPool, "https": _TLSConnectionPool}
