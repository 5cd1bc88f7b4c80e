"""``python -m django_anilist.sandbox --port 8001``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from django_anilist.sandbox import OAuthClient, Sandbox


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m django_anilist.sandbox",
        description="A small AniList on this machine, to develop and test against. Not AniList.",
    )
    found.add_argument("--port", type=int, default=8001, help="the port to listen on (8001)")
    found.add_argument(
        "--limit", type=int, default=30, help="requests a minute, 0 for any number (30, as AniList)"
    )
    found.add_argument(
        "--client",
        action="append",
        type=_client,
        metavar="ID,SECRET,REDIRECT_URI",
        help="an OAuth client; may come several times "
        "(1001,only-for-the-sandbox,http://127.0.0.1:8000/anilist/callback/)",
    )
    found.add_argument(
        "--dial", action="append", default=[], metavar="NAME=VALUE", help="a fault, from the start"
    )
    return found


def _client(text: str) -> OAuthClient:
    try:
        client_id, secret, redirect_uri = text.split(",", 2)
    except ValueError:
        raise argparse.ArgumentTypeError("expected ID,SECRET,REDIRECT_URI") from None
    return OAuthClient(client_id, secret, redirect_uri)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 0 then, 1 where the port is taken, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    box = Sandbox(options.client, limit=options.limit)
    for dial in options.dial:
        try:
            box.dials.set(*dial.split("=", 1))
        except (TypeError, ValueError) as error:
            sys.exit(f"--dial {dial}: {error}")
    try:
        address = box.bind(options.port)
    except OSError:
        sys.stderr.write(f"Port {options.port} is taken; choose another with --port.\n")
        return 1
    return _serve(box, address)


def _serve(box: Sandbox, address: str) -> int:
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    threading.Thread(target=box.serve, daemon=True).start()
    sys.stdout.write(f"A sandbox that stands in for AniList: {address}\n")
    sys.stdout.flush()
    done.wait()
    box.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
