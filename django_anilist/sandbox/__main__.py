"""``python -m django_anilist.sandbox --port 8001``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from django_anilist.sandbox import OAuthClient, Plan, Sandbox
from django_anilist.sandbox.web import LOOPBACK

#: One option a line: its name, its default, the largest there is, and what it is for.
_NUMBERS = (
    ("--port", 8001, 65_535, "the port to listen on, 0 for a free one (8001)"),
    ("--limit", 30, 1_000_000, "requests a minute, 0 for any number (30, as AniList)"),
    ("--seed", 1, 2**31 - 1, "what is invented follows from this number (1)"),
    ("--users", 0, 5_000, "how many users there are besides alice, bob and eve (0)"),
    ("--entries", 0, 50_000, "how many entries everybody's anime list has at least (0)"),
)


#: What ends it in good order, so that ``--state`` is kept; a closed terminal too, where there is one.
_ENDS = ("SIGINT", "SIGTERM", "SIGHUP")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m django_anilist.sandbox",
        description="A small AniList on this machine, to develop and test against. Not AniList.",
    )
    add_options(found)
    return found


def add_options(found: argparse.ArgumentParser) -> None:
    """Add every option; ``manage.py anilist_sandbox`` has the same."""
    for name, default, most, words in _NUMBERS:
        found.add_argument(name, type=_number_to(most), default=default, help=words)
    found.add_argument("--host", default="127.0.0.1", help="a name of this machine (127.0.0.1)")
    found.add_argument("--state", type=Path, metavar="FILE", help="keep the data in this file")
    found.add_argument("--reset", action="store_true", help="begin anew, whatever --state has kept")
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


def _number_to(most: int) -> Callable[[str], int]:
    """Return what reads a whole number from 0 to ``most``."""

    def number(text: str) -> int:
        found = int(text)
        if not 0 <= found <= most:
            raise argparse.ArgumentTypeError(f"expected a number from 0 to {most}, not {found}")
        return found

    return number


def _client(text: str) -> OAuthClient:
    try:
        client_id, secret, redirect_uri = text.split(",", 2)
    except ValueError:
        raise argparse.ArgumentTypeError("expected ID,SECRET,REDIRECT_URI") from None
    return OAuthClient(client_id, secret, redirect_uri)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 0 then, 1 where the port is taken, 2 for wrong arguments."""
    return run(parser().parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Serve as the options say; the same exit codes."""
    if options.host not in LOOPBACK:
        return _refused(
            f"The sandbox answers on this machine only, never on {options.host}: "
            "it lets everybody in without a password."
        )
    try:
        box = _sandbox(options)
    except (OSError, TypeError, ValueError) as error:
        return _refused(str(error))
    done = _end()
    try:
        box.start(options.port)
    except OSError:
        sys.stderr.write(f"Port {options.port} is taken; choose another with --port.\n")
        return 1
    sys.stdout.write(f"A sandbox that stands in for AniList: {box.url}\n")
    sys.stdout.flush()
    done.wait()
    box.stop()
    return 0


def _refused(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2


def _sandbox(options: argparse.Namespace) -> Sandbox:
    if options.state is not None:
        _prepare(options.state, reset=options.reset)
    plan = Plan(options.seed, options.users, options.entries)
    box = Sandbox(options.client, limit=options.limit, plan=plan, keep=options.state)
    for dial in options.dial:
        name, separator, text = dial.partition("=")
        if not separator:
            raise ValueError(f"--dial {dial}: expected NAME=VALUE")
        box.dials.set(name, text)
    return box


def _prepare(path: Path, *, reset: bool) -> None:
    """Refuse a file that could not be written in the end; forget what it holds where asked to."""
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise ValueError(f"--state {path}: no file can be kept there")
    if reset:
        path.unlink(missing_ok=True)


def _end() -> threading.Event:
    """Return what is set once somebody ends this process: by Ctrl-C, ``kill``, a closed terminal."""
    done = threading.Event()
    for name in _ENDS:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda *_: done.set())
    return done


if __name__ == "__main__":
    raise SystemExit(main())
