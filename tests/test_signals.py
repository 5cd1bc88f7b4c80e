"""Every signal: sent with what it promises, and no receiver that raises breaks anything."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from django.core import mail

from django_anilist import signals, tasks, tokens
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status

pytestmark = pytest.mark.django_db

NAMES = [name for name in vars(signals) if re.match("anilist_|token_", name)]


def promised(name):
    """Return the arguments that the comment above a signal names."""
    source = Path(signals.__file__).read_text(encoding="utf-8")
    comment = re.search(rf"((?:^#:.*\n)+){name} = ", source, re.M).group(1)
    told = re.search(r"Arguments?: (.*?\.)\s", comment.replace("\n#:", ""), re.S).group(1)
    return set(re.findall("``([a-z_]+)``", re.sub(r"\(.*?\)", "", told)))


class Site:
    """What happens on a site, one thing for each signal, and what must be true afterwards."""

    def __init__(self, anilist, client, user):
        self.anilist, self.client, self.user = anilist, client, user

    def anilist_connected(self):
        response = self.anilist.connect_through(self.client, next="/")
        assert response.status_code == 303
        assert AniList.for_user(self.user).status == Status.CONNECTED

    def anilist_disconnected(self):
        self.anilist.connect(self.user)
        assert self.client.post("/anilist/disconnect/", secure=True).status_code in (302, 303)
        assert not AniListToken.objects.exists()

    def token_rejected(self):
        self.anilist.connect(self.user)
        self.anilist.revoke(self.user)
        assert tasks.verify().refused == 1
        assert AniList.for_user(self.user).status == Status.REJECTED

    def token_expiring(self):
        self.anilist.connect(self.user)
        ends = tokens.for_user(self.user).expires_at - datetime.timedelta(days=336)
        AniListToken.objects.update(expires_at=ends)
        assert tasks.remind() == tasks.ReminderReport(due=1, mailed=1)
        assert len(mail.outbox) == 1

    def anilist_asked(self):
        assert AniList.anonymous().media(1)["id"] == 1


@pytest.fixture
def site(anilist, alice_client, alice):
    return Site(anilist, alice_client, alice)


def test_each_signal_has_its_scene():
    assert set(NAMES) == {name for name in vars(Site) if not name.startswith("_")}


@pytest.mark.parametrize("name", NAMES)
def test_it_carries_what_it_promises_and_no_token(site, name):
    heard = []

    def listen(signal, sender, **arguments):
        heard.append(arguments)

    getattr(signals, name).connect(listen)
    getattr(site, name)()
    getattr(signals, name).disconnect(listen)
    (arguments,) = heard
    assert set(arguments) == promised(name) != set()
    secrets = list(site.anilist.box.store.tokens)
    assert not [secret for secret in secrets if secret in repr(arguments)]


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_that_raises_breaks_nothing_and_is_logged(site, name, caplog):
    heard = []

    def trip(**arguments):
        raise RuntimeError("of the site's own making")

    def listen(**arguments):
        heard.append(arguments)

    signal = getattr(signals, name)
    signal.connect(trip)
    signal.connect(listen)
    getattr(site, name)()
    signal.disconnect(trip)
    signal.disconnect(listen)
    assert len(heard) == 1
    (record,) = [record for record in caplog.records if record.name == "django.dispatch"]
    assert "trip" in record.getMessage()
    assert isinstance(record.exc_info[1], RuntimeError)
