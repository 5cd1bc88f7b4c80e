"""``manage.py anilist_sandbox`` runs the sandbox for this site, under ``DEBUG`` only."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from django_anilist.management.commands import anilist_sandbox


@pytest.fixture
def ran(monkeypatch):
    """What the command would have run."""
    seen = []

    def run(options):
        seen.append(options)
        return 0

    monkeypatch.setattr(anilist_sandbox, "run", run)
    return seen


def test_the_sites_client_is_registered(settings, ran):
    settings.DEBUG = True
    call_command("anilist_sandbox", "--port", "0", "--dial", "html=on")
    (options,) = ran
    (client,) = options.client
    assert (client.id, client.redirect_uri) == ("1001", settings.ANILIST_REDIRECT_URI)
    assert (options.port, options.dial) == (0, ["html=on"])


def test_other_clients_may_be_named(settings, ran):
    settings.DEBUG = True
    call_command("anilist_sandbox", "--client", "7,word,http://site.test/")
    assert [client.id for client in ran[0].client] == ["7"]


def test_outside_debug_it_is_refused(settings, ran):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG = True"):
        call_command("anilist_sandbox")
    assert ran == []


def test_trouble_is_its_exit_code(settings):
    settings.DEBUG = True
    with pytest.raises(SystemExit) as caught:
        call_command("anilist_sandbox", "--host", "0.0.0.0")
    assert caught.value.code == 2
