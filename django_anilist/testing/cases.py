"""The same for Django's own test cases."""

from __future__ import annotations

from django.test import SimpleTestCase

from django_anilist.testing.kit import AniListKit
from django_anilist.testing.network import blocked


class AniListTestMixin(SimpleTestCase):
    """Mix it in before ``TestCase``: each test has AniList to itself, as ``self.anilist``."""

    anilist: AniListKit

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(blocked()) if hasattr(self, "enterContext") else self._block()
        self.anilist = AniListKit()
        self.anilist.start()
        self.addCleanup(self.anilist.stop)

    def _block(self) -> None:
        """Python 3.10 has no ``enterContext``."""
        block = blocked()
        block.__enter__()
        self.addCleanup(block.__exit__, None, None, None)
