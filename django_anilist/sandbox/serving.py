"""A WSGI server that keeps connections open, as AniList's edge does.

Werkzeug's own closes each after one answer, which costs more than the answer.
"""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote_to_bytes

_MAX_BODY = 16 * 1024 * 1024
_IDLE_SECONDS = 60


class Server(ThreadingHTTPServer):
    """Serve a WSGI application on ``host`` and ``port``; ``OSError`` where the port is taken."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: Callable[..., Any]) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # without asking a name server for our own name

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and end what is open: a stopped sandbox answers nobody."""
        super().server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client went away by itself
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what broke here; that a client went away is none of it."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, each in one write where it can."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """A sandbox says nothing of each request; its page shows them."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _MAX_BODY or self.headers.get("Transfer-Encoding"):
            self.send_error(413)
            return
        self._status, self._headers = "", list[tuple[str, str]]()
        parts = self.server.app(self._environ(self.rfile.read(length)), self._start)
        try:
            self._send(parts)
        finally:
            getattr(parts, "close", bool)()

    do_GET = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = f"HTTP_{name.upper().replace('-', '_')}"
            headers[key] = f"{headers[key]},{value}" if key in headers else value
        host, port = self.server.server_address[:2]
        return {
            **headers,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.socket": self.connection,
        }

    def _start(
        self, status: str, headers: list[tuple[str, str]], error: Any = None
    ) -> Callable[[bytes], Any]:
        self._status, self._headers = status, headers
        return self.wfile.write

    def _send(self, parts: Iterable[bytes]) -> None:
        known = {name.lower() for name, _ in self._headers}
        bodiless = self._status.startswith(("204", "304")) or self.command == "HEAD"
        if isinstance(parts, list | tuple) and "content-length" not in known and not bodiless:
            self._headers.append(("Content-Length", str(sum(map(len, parts)))))
        elif "content-length" not in known and not bodiless:
            self._headers.append(("Connection", "close"))
            self.close_connection = True
        if "date" not in known:
            self._headers.append(("Date", self.date_time_string()))
        lines = [f"HTTP/1.1 {self._status}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        for part in () if self.command == "HEAD" else parts:
            self.wfile.write(head + part)
            head = b""
        if head:
            self.wfile.write(head)
