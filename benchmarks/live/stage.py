"""Everything that runs: a sandbox and a server, each with its own processes, and their environment."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import requests
from cryptography.fernet import Fernet

from benchmarks.live.amounts import MEMORY
from benchmarks.live.ports import HOST, free_port, is_listening
from benchmarks.live.secrets_seen import Secrets, Watch

WORKERS, THREADS = 2, 8
_READY_WITHIN = 300.0
_APPS = "benchmarks.live.apps"


@dataclass
class Stage:
    """Where things are, what they share, and what they must not print."""

    environment: dict[str, str]
    secrets: Secrets
    site: str
    sandbox: str = ""

    def counts(self) -> dict[str, dict[str, Any]]:
        """Return what the sandbox has counted."""
        found: dict[str, dict[str, Any]] = requests.get(f"{self.sandbox}/counts", timeout=30).json()
        return found

    def dial(self, **dials: object) -> None:
        requests.post(f"{self.sandbox}/dials", json=dials, timeout=30).raise_for_status()


@contextmanager
def stage(database: str, redis: str, *, users: int, limit: int, window: float) -> Iterator[Stage]:
    """Start a sandbox with ``users`` more accounts that takes ``limit`` requests in ``window`` s."""
    site = f"http://{HOST}:{free_port()}"
    secret, key = secrets.token_hex(20), Fernet.generate_key().decode()
    environment = {
        **os.environ,
        "ANILIST_CLIENT_ID": "1001",
        "ANILIST_CLIENT_SECRET": secret,
        "ANILIST_REDIRECT_URI": f"{site}/anilist/callback/",
        "LIVE_DATABASE": database,
        "LIVE_REDIS": redis,
        "LIVE_TOKEN_KEY": key,
        "LIVE_WINDOW": str(window),
    }
    command = [sys.executable, "-m", "benchmarks.live.anilist", "--users", str(users)]
    command += ["--limit", str(limit), "--window", str(window)]
    process = subprocess.Popen(  # noqa: S603  ourselves
        command, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        environment["ANILIST_SANDBOX_URL"] = address
        yield Stage(environment, Secrets(secret, key), site, address)
    finally:
        process.terminate()
        process.wait()


@dataclass
class Served:
    """A server that runs, and what it prints."""

    process: psutil.Popen
    watch: Watch

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer, without those that only look after them."""
        children = self.process.children()
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]


def command_of(kind: str, port: int) -> list[str]:
    if kind == "gunicorn":
        return [
            sys.executable, "-m", "gunicorn", f"{_APPS}:wsgi", "--worker-class", "gthread",
            "--workers", str(WORKERS), "--threads", str(THREADS), "--bind", f"{HOST}:{port}",
            "--log-level", "debug",
        ]  # fmt: skip
    return [
        sys.executable, "-m", "uvicorn", f"{_APPS}:asgi", "--workers", str(WORKERS), "--host", HOST,
        "--port", str(port), "--no-access-log", "--log-level", "debug",
    ]  # fmt: skip


@contextmanager
def served(kind: str, at: Stage, **more: str) -> Iterator[Served]:
    """Serve the site by gunicorn with threads, or by uvicorn; ``more`` goes to its environment."""
    port = int(at.site.rpartition(":")[2])
    process = psutil.Popen(
        command_of(kind, port),
        env={**at.environment, **MEMORY, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watch = Watch(process.stdout, at.secrets)
    watch.start()
    try:
        _wait_for(port, process, watch)
        yield Served(process, watch)
    finally:
        process.terminate()
        process.wait()
        watch.join()


def _wait_for(port: int, process: psutil.Popen, watch: Watch) -> None:
    end = time.monotonic() + _READY_WITHIN
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The site did not start:\n{''.join(watch.last)}")
        time.sleep(0.1)
