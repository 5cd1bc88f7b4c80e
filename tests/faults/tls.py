"""Servers whose TLS is not to be trusted, or breaks. Each is a listener of its own."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import tempfile
import warnings
from collections.abc import Callable

import trustme

from tests.faults.server import Exchange, Fault, raw
from tests.faults.transport import FAULTS

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
FUTURE = datetime.datetime(2999, 1, 1, tzinfo=datetime.timezone.utc)
HOST = "127.0.0.1"

#: The first bytes of a ServerHello that never ends, and an alert: handshake_failure (RFC 8446 6).
_RECORD = b"\x16\x03\x03\x40\x00" + b"\x02" * 40
_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def context(authority: trustme.CA, *names: str, **options: object) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(found)
    return found


def _self_signed(authority: trustme.CA) -> ssl.SSLContext:
    """The certificate of an authority nobody knows, used as a server's own."""
    alone = trustme.CA()
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
        file.flush()
        found.load_cert_chain(file.name)
    return found


def _without_chain(authority: trustme.CA) -> ssl.SSLContext:
    """A certificate of an authority in between, which is not sent along."""
    leaf = authority.create_child_ca().issue_cert(HOST)
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
        file.flush()
        found.load_cert_chain(file.name)
    return found


def _old(authority: trustme.CA) -> ssl.SSLContext:
    found = context(authority, HOST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # naming TLS 1.1 is enough for one
        found.minimum_version, found.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return found


def _asks_for_a_certificate(authority: trustme.CA) -> ssl.SSLContext:
    found = context(authority, HOST)
    found.maximum_version = ssl.TLSVersion.TLSv1_2  # in 1.3 the client hears of it too late
    found.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(found)
    return found


#: No byte of a request may reach these.
UNTRUSTED: dict[str, Callable[[trustme.CA], ssl.SSLContext]] = {
    "TLS of another host": lambda authority: context(authority, "anilist.test"),
    "TLS of localhost by name": lambda authority: context(authority, "localhost"),
    "TLS of another address": lambda authority: context(authority, "127.0.0.2"),
    "TLS of an unknown authority": lambda authority: context(trustme.CA(), HOST),
    "TLS signed by itself": _self_signed,
    "TLS without its chain": _without_chain,
    "TLS expired": lambda authority: context(authority, HOST, not_after=PAST),
    "TLS not valid yet": lambda authority: context(authority, HOST, not_before=FUTURE),
    "TLS 1.1 at most": _old,
    "TLS that wants a certificate": _asks_for_a_certificate,
}


def _swallow(exchange: Exchange) -> None:
    exchange.socket.recv(65_536)


def _after_hello(then: Callable[[Exchange], None]) -> Fault:
    def greeting(exchange: Exchange) -> None:
        _swallow(exchange)
        then(exchange)

    return greeting


#: What happens instead of a handshake.
HANDSHAKES: dict[str, Fault] = {
    "TLS closed at once": lambda exchange: None,
    "TLS reset at once": lambda exchange: exchange.reset(),
    "TLS closed after the hello": _after_hello(lambda exchange: None),
    "TLS reset after the hello": _after_hello(lambda exchange: exchange.reset()),
    "TLS alert": _after_hello(lambda exchange: exchange.send(_ALERT)),
    "TLS garbage": _after_hello(lambda exchange: exchange.send(bytes(range(256)) * 4)),
    "TLS cut inside the handshake": _after_hello(lambda exchange: exchange.send(_RECORD)),
    "TLS answered in plain HTTP": _after_hello(
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    ),
    "TLS answered by a redirect": _after_hello(
        raw(b"HTTP/1.1 301 Moved\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n")
    ),
    "hang inside the handshake": _after_hello(lambda exchange: exchange.hang()),
    "drip the handshake": _after_hello(lambda exchange: exchange.drip(_RECORD)),
}


def _raw_bytes(exchange: Exchange) -> None:
    """Speak past the encryption, in the middle of an answer."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    with socket.socket(fileno=os.dup(exchange.socket.fileno())) as plain:
        plain.sendall(b"what is this" * 20)


#: Faults of HTTP behind a handshake that is as it should be.
INSIDE: dict[str, Fault] = {
    "TLS broken inside the body": _raw_bytes,
    **{f"{name} (over TLS)": FAULTS[name]
    for name in (
        "reset at once", "reset inside the headers", "reset inside the body", "closed without a word",
        "hang at once", "hang inside the body", "drip headers", "drip a body", "length too large",
        "last chunk missing", "gzip bomb", "redirect 302", "10,000 headers", "binary noise",
    )},
}  # fmt: skip
