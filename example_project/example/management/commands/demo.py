"""``manage.py demo``: the example site and a sandbox for it, in one command."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess  # our own commands alone  # nosec B404
import sys
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from example.models import Review

HOST = "127.0.0.1"
PASSWORD = "demo"  # noqa: S105  printed on the sign-in page; users are made under DEBUG only  # nosec B105
READY_WITHIN = 30

BANNER = """
  The example site:  http://{host}:{port}/
  Sign in as:        alice, bob or staff (the admin), password "{password}"
  The sandbox:       http://{host}:{sandbox_port}/  (stands in for AniList, and breaks when asked)

  Ctrl-C stops both.
"""


class Command(BaseCommand):
    help = "Start the example site, and a sandbox that stands in for AniList."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="the site's port (8000)")
        parser.add_argument(
            "--sandbox-port", type=int, default=8001, help="the sandbox's port (8001)"
        )

    def handle(self, *args: Any, port: int, sandbox_port: int, **options: Any) -> None:
        self._refuse_trouble({"--port": port, "--sandbox-port": sandbox_port})
        self.stdout.write("Preparing the database ...")
        call_command("migrate", verbosity=0)
        make_people()
        write_reviews()
        site = f"http://{HOST}:{port}"
        environment = {
            **os.environ,
            "ANILIST_REDIRECT_URI": f"{site}/anilist/callback/",
            "ANILIST_SANDBOX_URL": f"http://{HOST}:{sandbox_port}",
        }
        client = (
            settings.ANILIST_CLIENT_ID,
            settings.ANILIST_CLIENT_SECRET,
            f"{site}/anilist/callback/",
        )
        commands = [
            [sys.executable, "-m", "django_anilist.sandbox", "--port", str(sandbox_port),
             "--limit", "90", "--client", ",".join(client)],
            [sys.executable, sys.argv[0], "runserver", "--noreload", f"{HOST}:{port}"],
        ]  # fmt: skip
        banner = BANNER.format(host=HOST, port=port, sandbox_port=sandbox_port, password=PASSWORD)
        self._run(commands, environment, (port, sandbox_port), banner)

    def _refuse_trouble(self, ports: dict[str, int]) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo makes users with a known password: it needs DEBUG = True.")
        if importlib.util.find_spec("werkzeug") is None:
            raise CommandError('The sandbox needs its extra: python -m pip install -e ".[sandbox]"')
        for flag, port in ports.items():
            if is_listening(port):
                raise CommandError(f"Port {port} is taken; choose another with {flag}.")

    def _run(
        self,
        commands: list[list[str]],
        environment: dict[str, str],
        ports: tuple[int, ...],
        banner: str,
    ) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        # A session of their own: Ctrl-C reaches this process only, which stops them in order.
        children = [
            subprocess.Popen(  # noqa: S603  our own commands  # nosec B603
                command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
            )
            for command in commands
        ]
        try:
            if wait_until_ready(ports, children, stop):
                self.stdout.write(banner)
                self.stdout.flush()
            while not stop.wait(0.3):
                if any(child.poll() is not None for child in children):
                    raise CommandError("The site or the sandbox stopped by itself; see above.")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait()
        self.stdout.write("Stopped.")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def wait_until_ready(
    ports: tuple[int, ...], children: list[subprocess.Popen[bytes]], stop: threading.Event
) -> bool:
    """Return whether both listen; ``False`` as soon as that will not happen any more."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and not stop.wait(0.1):
        if any(child.poll() is not None for child in children):
            return False
        if all(map(is_listening, ports)):
            return True
    return False


def make_people() -> None:
    """Make alice, bob and staff, whose password everybody knows."""
    users = get_user_model().objects
    for name in ("alice", "bob", "staff"):
        powers = {"is_staff": name == "staff", "is_superuser": name == "staff"}
        user, made = users.get_or_create(username=name, defaults=powers)
        if made:
            user.set_password(PASSWORD)
            user.save()


#: A sentence or two about titles that the sandbox has.
REVIEWS = (
    (154587, "A journey that begins where others end. Quiet, and never slow."),
    (1, "Jazz, debts and a dog that is cleverer than its crew."),
    (
        199,
        "A bath house for spirits, and a girl who learns to work. I see something new each time.",
    ),
)


def write_reviews() -> None:
    """Let alice and bob have written about some titles, so that there is something to read."""
    people = [get_user_model().objects.get(username=name) for name in ("alice", "bob")]
    if Review.objects.exists():
        return
    for number, (title, text) in enumerate(REVIEWS):
        Review.objects.create(user=people[number % 2], anilist_id=title, text=text)
