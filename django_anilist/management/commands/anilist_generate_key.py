"""``manage.py anilist_generate_key``: a new key for ``ANILIST_TOKEN_KEYS``."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a new key that seals AniList tokens. Keep it where your other secrets are."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())
        self.stderr.write(
            "Put it first in ANILIST_TOKEN_KEYS, leave the older keys behind it, restart the site, "
            "then run: manage.py anilist_rotate_keys",
            self.style.NOTICE,
        )
