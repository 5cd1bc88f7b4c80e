"""PostgreSQL and Redis: found, or started for the while."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import redis

from benchmarks.live.ports import HOST, free_port


class MissingError(Exception):
    """A service is not there; the message says which, and where it was looked for."""


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make the PostgreSQL database ``name`` anew, yield its URL, and remove it."""
    server = {
        "host": os.environ.get("PGHOST", HOST),
        "port": os.environ.get("PGPORT", "5432"),
        "user": os.environ.get("PGUSER", "postgres"),
        "password": os.environ.get("PGPASSWORD", ""),
    }
    try:
        connection = psycopg.connect(**server, dbname="postgres", autocommit=True)
    except psycopg.OperationalError:
        raise MissingError("no PostgreSQL at {host}:{port}".format_map(server)) from None
    user = f"{quote(server['user'])}:{quote(server['password'])}"
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    with connection:
        connection.execute(drop)
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"postgresql://{user}@{server['host']}:{server['port']}/{name}"
    finally:
        with psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def own_redis() -> Iterator[str]:
    """Start a Redis that keeps nothing and yield its URL; without one, use that of ``REDIS_URL``."""
    program = shutil.which("redis-server")
    if program is None:
        yield _found(os.environ.get("REDIS_URL", f"redis://{HOST}:6379/9"))
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--port", str(port), "--bind", HOST, "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  a Redis
        try:
            yield _found(f"redis://{HOST}:{port}/0", patience=10)
        finally:
            process.terminate()
            process.wait()


def _found(url: str, patience: float = 0) -> str:
    """Return ``url`` once a Redis answers there."""
    end = time.monotonic() + patience
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if time.monotonic() > end:
                    raise MissingError(f"no redis-server to start, and no Redis at {url}") from None
                time.sleep(0.1)
            else:
                return url
