"""Where secrets are born, and where traces are left: one hook each, put in once for all tests."""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs

from django.contrib.sessions.backends.base import SessionBase
from django.core.management.base import OutputWrapper
from django.core.signals import got_request_exception
from django.db.backends.utils import CursorWrapper
from django.http.response import HttpResponseBase
from django.test.client import AsyncClientHandler, ClientHandler
from django.test.signals import setting_changed

from django_anilist import crypto, views
from django_anilist.api import oauth
from django_anilist.sandbox.tokens import TokenBook
from tests.canary import known
from tests.canary.watch import Watch

#: Who is told: the watch of the test that runs, or nobody.
watches: list[Watch] = []

_Tell = Callable[..., None]


def before(owner: Any, name: str, tell: _Tell) -> None:
    """Let ``tell(watch, *arguments)`` be called before each call of ``owner.name``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def told(*args: Any, **kwargs: Any) -> Any:
        for watch in watches:
            tell(watch, *args, **kwargs)
        return original(*args, **kwargs)

    setattr(owner, name, told)


def after(owner: Any, name: str, tell: _Tell, wrap: Callable[..., Any] = lambda made: made) -> None:
    """Let ``tell(watch, result, *arguments)`` be called after each call of ``owner.name``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def told(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        for watch in watches:
            tell(watch, result, *args, **kwargs)
        return result

    setattr(owner, name, wrap(told))


def install() -> None:
    _learn()
    _hear_every_record()
    after(
        HttpResponseBase, "__init__", lambda watch, _, made, *a, **k: watch.responses.append(made)
    )
    before(SessionBase, "__setitem__", lambda watch, _, *pair: watch.sessions.append(pair))
    before(SessionBase, "encode", lambda watch, _, data: watch.sessions.append(dict(data)))
    before(CursorWrapper, "execute", _told_of_statement)
    before(CursorWrapper, "executemany", _told_of_statement)
    before(OutputWrapper, "write", lambda watch, _, text="", *a, **k: watch.printed.append(text))
    before(
        subprocess.Popen, "__init__", lambda watch, _, args, *a, **k: watch.processes.append(args)
    )
    got_request_exception.connect(_told_of_exception, weak=False)
    setting_changed.connect(_told_of_setting, weak=False)
    if find_spec("django.tasks"):  # since Django 6.0
        signals = import_module("django.tasks.signals")
        signals.task_enqueued.connect(_told_of_task, weak=False)


def _learn() -> None:
    """Learn each secret as it is made, or as the product first hears of it."""
    # A code is an opaque text too, and is named as such right afterwards.
    after(TokenBook, "opaque", _learned(known.REFRESH_TOKEN), staticmethod)
    after(TokenBook, "issue_code", _learned(known.CODE))
    after(TokenBook, "issue_token", _learned(known.TOKEN))
    after(oauth.Grant, "__init__", _told_of_grant)
    after(oauth.OAuthClient, "__init__", _told_of_client)
    after(oauth, "authorization_url", _told_of_way_out)
    before(oauth, "exchange", _told_of_exchange)
    before(crypto, "_keyring", _told_of_keys)
    before(ClientHandler, "__call__", _told_of_request)
    before(AsyncClientHandler, "__call__", _told_of_request)
    after(views, "once_more", lambda watch, url, *_: url and watch.ways_back.add(url))


def _learned(kind: str) -> _Tell:
    return lambda watch, result, *args, **kwargs: watch.known.learn(kind, result)


def _told_of_grant(watch: Watch, _: None, grant: oauth.Grant, *args: Any, **kwargs: Any) -> None:
    watch.known.learn(known.TOKEN, grant.access_token.reveal())


def _told_of_client(
    watch: Watch, _: None, client: oauth.OAuthClient, *args: Any, **kwargs: Any
) -> None:
    watch.known.learn(known.CLIENT_SECRET, client.secret.reveal())


def _told_of_way_out(
    watch: Watch, address: str, endpoints: Any, client: Any, state: str, *args: Any
) -> None:
    watch.known.learn(known.STATE, state)
    watch.ways_out[address] = address.replace(f"state={state}", "state=")


def _told_of_exchange(
    watch: Watch, transport: Any, endpoints: Any, client: Any, code: Any, *args: Any
) -> None:
    watch.known.learn(known.CODE, code.reveal())


def _told_of_keys(watch: Watch, chosen: tuple[Any, ...], secrets: tuple[bytes, ...]) -> None:
    for key in (*chosen, *secrets, *map(_derived, secrets)):
        watch.known.learn(known.SEALING_KEY, key)


@functools.lru_cache(maxsize=100)
def _derived(secret: bytes) -> bytes:
    return crypto._derive(secret)


def _told_of_setting(*, setting: str, value: Any, **kwargs: Any) -> None:
    for watch in watches:
        watch.learn_setting(setting, value)


def _told_of_request(watch: Watch, _: Any, scope: dict[str, Any]) -> None:
    """Learn code and state from a callback's address: tests make some by hand."""
    query = scope.get("QUERY_STRING") or scope.get("query_string") or ""
    query = query.decode("latin-1") if isinstance(query, bytes) else query
    path = scope.get("PATH_INFO") or scope.get("path") or ""
    if "code=" in query and path.endswith("/callback/"):
        given = parse_qs(query)
        for name, kind in (("code", known.CODE), ("state", known.STATE)):
            for value in given.get(name, ()):
                watch.known.learn(kind, value)


def _told_of_statement(watch: Watch, _: Any, sql: Any, params: Any = None) -> None:
    if params:
        watch.statements.append((sql, params))


def _told_of_exception(*, request: Any = None, **kwargs: Any) -> None:
    for watch in watches:
        watch.exceptions.append((sys.exc_info(), request))


def _told_of_task(*, task_result: Any, **kwargs: Any) -> None:
    for watch in watches:
        watch.tasks.append((task_result.args, task_result.kwargs))


def _hear_every_record() -> None:
    """Hear all loggers at DEBUG, whatever their levels; nobody else hears more than before."""
    enabled, handle = logging.Logger.isEnabledFor, logging.Logger.handle

    def hears(logger: logging.Logger, level: int) -> bool:
        return bool(watches) or enabled(logger, level)

    def heard(logger: logging.Logger, record: logging.LogRecord) -> None:
        for watch in watches:
            watch.records.append(record)
        if enabled(logger, record.levelno):
            handle(logger, record)

    logging.Logger.isEnabledFor, logging.Logger.handle = hears, heard  # type: ignore[method-assign]
