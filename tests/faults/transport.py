"""Ways for a server to break HTTP. Names begin with the subject."""

from __future__ import annotations

import gzip
import zlib

from tests.faults.server import Exchange, Fault, answer, raw

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
MEBIBYTE = 1024 * 1024


def _reset(before: bytes) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.send(before)
        exchange.reset()

    return fault


def _hang(before: bytes) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.send(before)
        exchange.hang()

    return fault


def _drip(before: bytes, data: bytes) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.send(before)
        exchange.drip(data)

    return fault


def _endless(before: bytes, chunk: bytes) -> Fault:
    """Send without end; the client's hanging up ends it."""

    def fault(exchange: Exchange) -> None:
        exchange.send(before)
        for _ in range(100_000):
            if exchange.stopped.is_set():
                return
            exchange.send(chunk)

    return fault


def _large(mebibytes: int) -> Fault:
    """Send so much, a piece at a time: the server is in the process whose memory is measured."""
    head = OK + JSON + f"Content-Length: {mebibytes * MEBIBYTE}\r\n\r\n".encode()
    piece = bytes(65_536)

    def fault(exchange: Exchange) -> None:
        exchange.send(head)
        for _ in range(mebibytes * 16):
            exchange.send(piece)

    return fault


def _bomb(kind: str) -> bytes:
    """512 MiB of zeros, packed into half a MiB: one block again and again, and no end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if kind == "gzip" else 15)
    head = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 511


def _packed(kind: str, body: bytes) -> Fault:
    return answer(body, "200 OK", f"Content-Encoding: {kind}")


def _bombed(kind: str, status: str = "200 OK", *headers: str) -> Fault:
    return lambda exchange: answer(_bomb(kind), status, f"Content-Encoding: {kind}", *headers)(
        exchange
    )


def _length(value: str, body: bytes = b'{"data": {}}') -> Fault:
    return raw(OK, JSON, f"Content-Length: {value}\r\n\r\n".encode(), body)


def _redirect(status: str, location: str) -> Fault:
    return answer(b"{}", status, f"Location: {location}")


_SQUEEZED = gzip.compress(b'{"data": {}}' * 100)

FAULTS: dict[str, Fault] = {
    # Gone
    "reset at once": lambda exchange: exchange.reset(),
    "reset inside the headers": _reset(OK + b"Content-Ty"),
    "reset inside the body": _reset(OK + b"Content-Length: 100\r\n\r\n{"),
    "closed without a word": lambda exchange: None,
    "closed inside the status line": raw(b"HTTP/1.1 2"),
    "closed inside the headers": raw(OK, b"Content-Type: appl"),
    # Silent
    "hang at once": lambda exchange: exchange.hang(),
    "hang after the status line": _hang(OK),
    "hang after the headers": _hang(OK + b"Content-Length: 10\r\n\r\n"),
    "hang inside the body": _hang(OK + b"Content-Length: 10\r\n\r\n{"),
    "hang inside a chunk": _hang(CHUNKED + b"ff\r\n{"),
    # Slow
    "drip the status line": _drip(b"", b"HTTP/1.1 200 OK" + b" " * 400),
    "drip headers": _drip(OK, b"X-A: b\r\n"),
    "drip one header": _drip(OK + b"X-Long: ", b"x"),
    "drip a body": _drip(OK + b"Content-Length: 60000\r\n\r\n", b" "),
    "drip a body without length": _drip(OK + JSON + b"\r\n", b" "),
    "drip chunks": _drip(CHUNKED, b"1\r\n \r\n"),
    "drip a chunk's size": _drip(CHUNKED, b"0"),
    "drip gzip": _drip(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(bytes(100_000))),
    # Large
    "64 MiB announced": _large(64),
    "endless body": _endless(OK + JSON + b"\r\n", bytes(65_536)),
    "endless chunks": _endless(CHUNKED, b"10000\r\n" + bytes(65_536) + b"\r\n"),
    "endless headers": _endless(OK, b"X-A: b\r\n" * 100),
    "endless header": _endless(OK + b"X-A: ", b"x" * 4096),
    "endless 100 Continue": _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless status line": _endless(b"HTTP/1.1 200 ", b"x" * 4096),
    "gzip bomb": _bombed("gzip"),
    "deflate bomb": _bombed("deflate"),
    "bomb in a redirect": _bombed("gzip", "302 Found", "Location: /"),
    "bomb in an error": _bombed("gzip", "500 Internal Server Error"),
    # Lengths that lie
    "length too large": _length("1000"),
    "length too small": _length("3"),
    "length negative": _length("-1"),
    "length no number": _length("many"),
    "length of 40 digits": _length("9" * 40),
    "length of 5,000 digits": _length("9" * 5000),
    "two lengths": raw(OK, b"Content-Length: 12\r\nContent-Length: 13\r\n\r\n", b'{"data": {}}'),
    "length and chunks": raw(
        OK,
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b'c\r\n{"data": {}}\r\n0\r\n\r\n',
    ),
    # Chunks
    "chunk size no number": raw(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunk size negative": raw(CHUNKED, b"-5\r\n{}\r\n0\r\n\r\n"),
    "chunk size enormous": raw(CHUNKED, b"f" * 200 + b"\r\n{}"),
    "chunk cut short": raw(CHUNKED, b"ff\r\n{}"),
    "last chunk missing": raw(CHUNKED, b'c\r\n{"data": {}}\r\n'),
    # Encodings
    "gzip that is none": _packed("gzip", b"not gzip at all"),
    "gzip cut short": _packed("gzip", _SQUEEZED[:-9]),
    "gzip with a wrong checksum": _packed("gzip", _SQUEEZED[:-8] + bytes(8)),
    "gzip of nothing": _packed("gzip", b""),
    "deflate that is none": _packed("deflate", b"not deflate"),
    "br that is none": _packed("br", b"not brotli"),
    "zstd that is none": _packed("zstd", b"not zstd"),
    "an unknown encoding": _packed("rot13", b"{}"),
    "six encodings": _packed(", ".join(["gzip"] * 6), b"{}"),
    "a thousand encodings": _packed(", ".join(["gzip"] * 1000), b"{}"),
    # Status line and headers
    "10,000 headers": raw(OK, b"X-A: b\r\n" * 10_000, b"\r\n{}"),
    "a header of 200 KB": raw(OK, b"X-A: ", b"x" * 200_000, b"\r\n\r\n{}"),
    "a header without colon": raw(OK, b"nonsense\r\n\r\n{}"),
    "a header of raw bytes": raw(OK, b"X-A: \xff\xfe\x00\r\n\r\n{}"),
    "garbage for a status line": raw(b"what is this\r\n\r\n"),
    "status 999": answer(b"{}", "999 Odd"),
    "status 0": answer(b"{}", "0 Odd"),
    "status of words": raw(b"HTTP/1.1 okay fine\r\n\r\n{}"),
    "status negative": raw(b"HTTP/1.1 -200 OK\r\n\r\n{}"),
    "HTTP/0.9": raw(b'{"data": {}}'),
    "HTTP/3": raw(b"HTTP/3.0 200 OK\r\n\r\n{}"),
    "binary noise": raw(bytes(range(256)) * 8),
    "an SMTP greeting": raw(b"220 mail.example ESMTP\r\n"),
    # Redirects
    "redirect 301": _redirect("301 Moved Permanently", "/elsewhere"),
    "redirect 302": _redirect("302 Found", "https://evil.test/"),
    "redirect 303": _redirect("303 See Other", "//evil.test/"),
    "redirect 307": _redirect("307 Temporary Redirect", "http://evil.test/"),
    "redirect 308": _redirect("308 Permanent Redirect", "/"),
    "redirect to bad IPv6": _redirect("302 Found", "http://[::1"),
    "redirect to a script": _redirect("302 Found", "javascript:alert(1)"),
    "redirect to nowhere": answer(b"", "302 Found"),
    "not modified": answer(b"", "304 Not Modified"),
}
