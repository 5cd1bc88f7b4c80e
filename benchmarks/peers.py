"""The clients that a call is compared with, each as it is used at its best: kept, not made anew.

Each is a function of the URL of the stand-in that returns what to call, by the name in the table. One
whose package is missing raises ``ImportError``.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

QUERY = "query Title($id: Int) { Media(id: $id) { id title { romaji } description } }"
PAYLOAD = {"query": QUERY, "variables": {"id": 1}}

Play = Callable[[], Any]


def peers(url: str) -> dict[str, Play]:
    """Return what there is to compare with: those of our peers that are installed.

    Over TLS they trust what ``SSL_CERT_FILE`` and ``REQUESTS_CA_BUNDLE`` name.
    """
    found: dict[str, Play] = {}
    for peer in _ALL:
        with contextlib.suppress(ImportError):
            found |= peer(url)
    return found


def _raw_socket(url: str) -> dict[str, Play]:
    """The floor: the least that can be done in Python."""
    parts = urlsplit(url)
    connection = socket.create_connection(("127.0.0.1", parts.port or 80))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
    body = json.dumps(PAYLOAD).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body

    def exchange() -> Any:
        connection.sendall(request)
        parts = [connection.recv(1 << 20)]
        size = sum(map(int, _lengths(parts[0])))
        while sum(map(len, parts)) < parts[0].index(b"\r\n\r\n") + 4 + size:
            parts.append(connection.recv(1 << 20))
        return json.loads(b"".join(parts).partition(b"\r\n\r\n")[2])["data"]

    return {"raw socket": exchange}


def _lengths(data: bytes) -> Iterator[bytes]:
    for line in data.partition(b"\r\n\r\n")[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            yield line[15:]


def _http_client(url: str) -> dict[str, Play]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind("127.0.0.1", parts.port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = {"Content-Type": "application/json"}

    def exchange() -> Any:
        connection.request("POST", "/graphql", json.dumps(PAYLOAD), headers)
        return json.loads(connection.getresponse().read())["data"]

    return {"http.client": exchange}


def _requests(url: str) -> dict[str, Play]:
    kept = requests.Session()
    more: dict[str, Any] = {"json": PAYLOAD, "timeout": 8}
    return {
        "requests.Session": lambda: kept.post(url, **more).json()["data"],
        "requests.post": lambda: requests.post(url, **more).json()["data"],  # noqa: S113  in more
    }


def _httpx(url: str) -> dict[str, Play]:
    import httpx  # noqa: PLC0415  may be missing

    client = httpx.Client()
    return {"httpx.Client": lambda: client.post(url, json=PAYLOAD).json()["data"]}


def _gql(url: str) -> dict[str, Play]:
    from gql import Client, gql  # noqa: PLC0415
    from gql.transport.requests import RequestsHTTPTransport  # noqa: PLC0415

    def asked(text: str) -> Any:
        query = gql(text)
        query.variable_values = {"id": 1}
        return query

    once = asked(QUERY)
    session = Client(transport=RequestsHTTPTransport(url=url)).connect_sync()
    return {
        "gql, query parsed once": lambda: session.execute(once),
        "gql": lambda: session.execute(asked(QUERY)),
    }


def _pyanilist(url: str) -> dict[str, Play]:
    from pyanilist import AniList  # noqa: PLC0415

    client = AniList(url)
    return {"pyanilist": lambda: client.get_media(id=1)}


def _anisearch(url: str) -> dict[str, Play]:
    from Anisearch import Anilist  # noqa: PLC0415
    from Anisearch.connection import SETTINGS  # noqa: PLC0415

    SETTINGS["api_url"] = url
    client = Anilist()
    return {"anisearch": lambda: client.raw_query({"id": 1}, QUERY)}


def _anilist_wrapper(url: str) -> dict[str, Play]:
    import anilist.client as wrapper  # noqa: PLC0415

    wrapper.ANILIST_ENDPOINT = url
    client = wrapper.AniListClient(rate_limit_rpm=10**9)
    return {"anilist-wrapper": lambda: client.get_media(1)}


_ALL = (
    _raw_socket,
    _http_client,
    _requests,
    _httpx,
    _gql,
    _pyanilist,
    _anisearch,
    _anilist_wrapper,
)
