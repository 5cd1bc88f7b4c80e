"""Ports of this machine that nobody uses."""

from __future__ import annotations

import contextlib
import socket


def free_ports(number: int) -> list[int]:
    """Return so many, each another: all are taken before any is given back."""
    with contextlib.ExitStack() as stack:
        probes = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)
        ]
        return [probe.getsockname()[1] for probe in probes]
