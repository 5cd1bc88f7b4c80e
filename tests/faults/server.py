"""An HTTP server that misbehaves on the wire, one named fault at a time."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Exchange:
    """One request, and the means to answer it badly."""

    socket: socket.socket
    stopped: threading.Event
    head: bytes = b""
    body: bytes = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait; ``False`` when the server stops, or the client hangs up, meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.stopped.is_set() or select.select([self.socket], [], [], min(left, 0.2))[0]:
                return False
        return True

    def hang(self) -> None:
        self.pause(30)

    def drip(self, data: bytes, seconds: float = 0.1) -> None:
        """Send a byte at a time, for half a minute if need be."""
        for number in range(300):
            if not self.pause(seconds):
                return
            self.send(data[number % len(data) : number % len(data) + 1])

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Fault = Callable[[Exchange], None]


@dataclass
class FaultServer:
    """Serves ``fault`` to everybody, on 127.0.0.1, until the ``with`` block ends.

    ``greeting`` comes before any request is read, and before any TLS: it is all that happens then.
    """

    fault: Fault
    tls: ssl.SSLContext | None = None
    greeting: Fault | None = None
    received: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)

    def __enter__(self) -> FaultServer:
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._door = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._porter = threading.Thread(target=self._accept, daemon=True)
        self._porter.start()
        scheme = "https" if self.tls or self.greeting else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/"
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._porter.join(10)
        self._see_off()
        self._listener.close()

    def settle(self) -> None:
        """Wait until nobody is served any more; forget what was received."""
        self._see_off()
        self.received.clear()

    def _see_off(self) -> None:
        self._let_in()  # whoever gave up before the porter came has a connection all the same
        while self._threads:
            self._threads.pop().join(10)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            if self._somebody_waits(0.05):
                self._let_in()

    def _somebody_waits(self, seconds: float) -> bool:
        return bool(select.select([self._listener], [], [], seconds)[0])

    def _let_in(self) -> None:
        with self._door:
            while self._somebody_waits(0):
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(self._wrapped(connection)) as wrapped:
            wrapped.settimeout(5)
            exchange = Exchange(wrapped, self._stopped)
            if self.greeting is not None:
                self.greeting(exchange)
            else:
                self._answer(exchange)

    def _answer(self, exchange: Exchange) -> None:
        while self._read(exchange):
            self.received.append((exchange.head, exchange.body))
            self.fault(exchange)
            gone = exchange.socket.fileno() < 0
            if gone or not getattr(self.fault, "keeps_alive", False):
                return

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        if self.tls is None or self.greeting is not None:
            return connection
        try:
            return self.tls.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            raise

    @staticmethod
    def _read(exchange: Exchange) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = exchange.socket.recv(65_536)
            if not chunk:
                return False
            data += chunk
        exchange.head, _, exchange.body = data.partition(b"\r\n\r\n")
        length = _content_length(exchange.head)
        while len(exchange.body) < length:
            if not (chunk := exchange.socket.recv(65_536)):
                return False
            exchange.body += chunk
        return True


def is_in_time(work: Callable[[], object], seconds: float) -> bool:
    """Tell whether one of three tries takes ``seconds`` and one more at most.

    A pause of the machine lengthens one of them, hardly each.
    """
    for _ in range(3):
        started = time.monotonic()
        work()
        if time.monotonic() - started <= seconds + 1:
            return True
    return False


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def answer(
    body: bytes = b'{"data": {}}',
    status: str = "200 OK",
    *headers: str,
    content_type: str | None = "application/json",
) -> Fault:
    """Return a fault that is a whole, legal answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    message = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda exchange: exchange.send(message)


def raw(*parts: bytes) -> Fault:
    """Return a fault that sends these bytes and closes."""
    return lambda exchange: exchange.send(b"".join(parts))
