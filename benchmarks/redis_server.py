"""A Redis for the benchmarks: one of their own where it is installed, else one that answers here."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

#: Names the Redis to use to the programs; empty where there is none.
VARIABLE = "BENCHMARK_REDIS"
USUAL = "redis://127.0.0.1:6379/0"


def address() -> str:
    """Return the URL of the Redis to use, ``""`` for none."""
    return os.environ.get(VARIABLE, USUAL if answers(6379) else "")


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """Yield the URL of a Redis, ``""`` where there is none, and say which it is."""
    command = shutil.which("redis-server")
    if command is None:
        found = address()
        print(
            f"Redis is not installed here: {f'using {found}' if found else 'measured without it'}"
        )
        yield found
        return
    port = free_port()
    print(f"Redis: started for this run, on port {port}")
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(  # noqa: S603  found on the path, no argument from outside
            [command, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_for(port: int, seconds: float = 10.0) -> None:
    """Return once somebody listens; raise ``TimeoutError`` where nobody does."""
    until = time.monotonic() + seconds
    while not answers(port):
        if time.monotonic() > until:
            raise TimeoutError(f"Redis does not answer on port {port}")
        time.sleep(0.05)
