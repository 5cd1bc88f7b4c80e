"""The only module that opens a socket."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPException
from typing import Any, Protocol

import requests
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from django_anilist.api.adapter import DeadlineAdapter
from django_anilist.api.decoding import json_object, too_large, unzipped
from django_anilist.api.errors import AniListError, BadResponse, Unavailable
from django_anilist.api.events import Trace
from django_anilist.api.secrets import Secret

CONNECT_SECONDS = 3.0
MEBIBYTE = 1024 * 1024


@dataclass
class Call:
    """One POST to AniList; nobody changes it, and who needs another makes a copy.

    ``deadline`` bounds the whole exchange in seconds, ``max_bytes`` the decoded answer. What may
    hold a secret or somebody's data stays out of the ``repr``.

    For the layers between: ``is_mutation`` calls are sent once. ``viewer`` is the AniList id of who
    asks, ``None`` for nobody; the answer may be remembered for them ``lifetime`` seconds (0: not at
    all), and ``stale_for`` seconds more for when AniList cannot be asked. ``fresh`` asks whatever is
    remembered. ``trace`` gathers what happened.
    """

    url: str
    payload: Mapping[str, Any] = field(repr=False)
    bearer: Secret | None = None
    deadline: float = 8.0
    max_bytes: int = 2 * MEBIBYTE
    is_mutation: bool = False
    viewer: int | None = None
    lifetime: float = 0.0
    stale_for: float = 0.0
    fresh: bool = False
    trace: Trace = field(default_factory=Trace, repr=False, compare=False)

    @cached_property
    def body(self) -> bytes:
        """The payload as JSON; raises ``TypeError`` for what is none."""
        return _encoded(self.payload)


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the headers (any capitals) and the decoded body.

    A remembered reply has an ``age`` in seconds, and is ``stale`` where it should have been asked for
    again. ``packed`` is the body as it came where that was in gzip, so that nobody has to pack it again.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    age: float = 0.0
    stale: bool = False
    packed: bytes = field(default=b"", repr=False)

    @cached_property
    def content(self) -> dict[str, Any]:
        """The JSON object in the body, decoded once; raises :class:`BadResponse`."""
        return json_object(self.body)


class Transport(Protocol):
    """Whatever can carry a call to AniList; pacing and caching wrap one another this way."""

    def send(self, call: Call) -> Reply:
        """Return the reply, or raise :class:`Unavailable`."""

    def close(self) -> None:
        """Give back every connection."""


class RequestsTransport:
    """Carry calls by ``requests``: one pool of connections, and nothing shared between callers.

    By the adapter of ``requests`` without a ``Session``, whose cookies, redirects, ``.netrc`` and proxy
    variables would have to be switched off. TLS is always verified. ``referer`` and ``user_agent`` say
    truthfully who asks: since August 2026 AniList refuses requests without a ``Referer`` and blocks
    clients that hide.

    ``proxy`` is the URL of an HTTP proxy to go through, ``ca_bundle`` the path of a PEM file to
    trust instead of the public authorities.
    """

    def __init__(
        self,
        *,
        referer: str,
        user_agent: str,
        proxy: str | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        self._adapter = DeadlineAdapter(pool_maxsize=32)
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._verify = ca_bundle or True
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
            "Referer": referer,
            "User-Agent": user_agent,
        }
        self._urls: dict[str, str | None] = {}

    def send(self, call: Call) -> Reply:
        """Return the reply whatever its status, or raise :class:`Unavailable`.

        Redirects and answers over ``call.max_bytes`` raise :class:`BadResponse`.
        """
        try:
            return self._exchange(call)
        except AniListError as error:
            failure: AniListError = error
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            failure = Unavailable(_reason(error), in_doubt=_was_sent(error))
            _clear(error)
        # Raised out here and without its past: exceptions and frames of the layers below hold the
        # request and the answer, and with them the token.
        try:
            raise failure.with_traceback(None)
        finally:
            del failure

    def close(self) -> None:
        self._adapter.close()

    def _exchange(self, call: Call) -> Reply:
        # Requests hands urllib3's own kind of timeout on, though its types do not say so.
        timeout: Any = Timeout(connect=min(CONNECT_SECONDS, call.deadline), total=call.deadline)
        response = self._adapter.send(
            self._request(call),
            stream=True,
            timeout=timeout,
            verify=self._verify,
            proxies=self._proxies,
        )
        with response:
            if 300 <= response.status_code < 400:
                raise BadResponse("AniList answered with a redirect", "redirect")
            return _reply(response.status_code, response.raw, call.max_bytes)

    def _request(self, call: Call) -> requests.PreparedRequest:
        """Return the request: what ``requests`` would look at for each anew is ours, or spelt once."""
        request = requests.PreparedRequest()
        request.method, request.url, request.body = "POST", self._prepared(call.url), call.body
        headers = {**self._headers, "Content-Length": str(len(call.body))}
        if call.bearer is not None:  # RFC 6750 section 2.1
            headers["Authorization"] = f"Bearer {call.bearer.reveal()}"
        request.headers = headers  # type: ignore[assignment]  # a plain dict will do
        return request

    def _prepared(self, url: str) -> str | None:
        """Return ``url`` as ``requests`` spells it."""
        if url not in self._urls:
            self._urls = {**self._urls, url: requests.Request("POST", url).prepare().url}
        return self._urls[url]


_as_json = json.JSONEncoder(allow_nan=False).encode


def _encoded(payload: Mapping[str, Any]) -> bytes:
    try:
        return _as_json(payload).encode()
    except ValueError:
        raise TypeError("NaN, infinity and circular values cannot be sent as JSON") from None


def _reply(status: int, response: BaseHTTPResponse, limit: int) -> Reply:
    """Return the reply, unpacked. Nothing but gzip is asked for, and so nothing else understood."""
    body = _read_at_most(response, limit)
    if response.headers.get("Content-Encoding", "").lower() != "gzip":
        return Reply(status, response.headers, body)
    return Reply(status, response.headers, unzipped(body, limit), packed=body)


def _read_at_most(response: BaseHTTPResponse, limit: int) -> bytes:
    """Return the body as it comes; raise :class:`BadResponse` as soon as it is over ``limit``."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large()
    parts, size = [], 0
    while response.length_remaining != 0 and (
        part := response.read(min(MEBIBYTE, limit + 1 - size), decode_content=False)
    ):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise too_large()
    return b"".join(parts)


def _clear(error: BaseException | None) -> None:
    """Forget what frames held on the way of an error: urllib3's hold the request, and one another."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _reason(error: Exception) -> str:
    """Name what went wrong below, in one of the words of :class:`Unavailable`."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "proxy"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout | TimeoutError) or "timed out" in str(error):
        return "timeout"
    return "dns" if isinstance(_cause(error), NameResolutionError) else "connection"


def _was_sent(error: Exception) -> bool:
    """Tell whether a byte of the request may have left; not where no connection came about."""
    if isinstance(error, requests.exceptions.ProxyError | requests.ConnectTimeout):
        return False
    return not isinstance(_cause(error), NewConnectionError)


def _cause(error: Exception) -> object:
    """Return what urllib3 gave up for, inside what requests made of it."""
    return getattr(error.args[0], "reason", None) if error.args else None
