"""The canary itself: what it learns, that it bites at each place, and how little it lets pass."""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core import mail
from django.core.cache import cache
from django.core.management.base import OutputWrapper
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory, override_settings

from django_anilist import answer_store
from django_anilist.api import oauth
from django_anilist.api.secrets import Secret
from django_anilist.conf import settings as conf
from tests.canary import hooks, known
from tests.canary.known import Known
from tests.canary.plugin import watching

ROOT = Path(__file__).resolve().parents[1]
FIVE = {known.TOKEN, known.CODE, known.STATE, known.CLIENT_SECRET, known.SEALING_KEY}
urllib3_logger = logging.getLogger("urllib3.connectionpool")


@pytest.fixture
def planted():
    """A token that this test's own canary does not know."""
    return f"planted-{secrets.token_hex(60)}"


def places_where(leak, planted):
    """Return where a canary that knows the planted token finds it after ``leak(planted)``."""
    with watching() as watch:
        watch.known.learn(known.TOKEN, planted)
        leak(planted)
    hits = watch.hits()
    assert all(hit.startswith("access token in ") and planted not in hit for hit in hits)
    return [hit.removeprefix("access token in ").split(": ", 1)[0] for hit in hits]


# It learns


@pytest.mark.django_db
def test_it_learns_all_secrets_of_a_day(canary, alice_client, sandbox, connect):
    connect(alice_client)
    assert canary.known.kinds() == {*FIVE, known.REFRESH_TOKEN}
    (token,), (code,) = sandbox.store.tokens, sandbox.store.codes
    for secret, kind in ((token, known.TOKEN), (code, known.CODE)):
        assert set(canary.known.found_in(secret).values()) == {kind}


@pytest.mark.django_db
def test_it_learns_the_state_of_each_start(canary, alice_client, sandbox):
    alice_client.get("/anilist/authorize/", secure=True)
    address = alice_client.post("/anilist/authorize/", secure=True).url
    state = address.partition("state=")[2]
    assert canary.known.found_in(state) == {state: known.STATE}


def test_it_learns_what_a_test_makes_by_hand(canary):
    by_hand = secrets.token_hex(30)
    oauth.Grant(Secret(by_hand), 3600, None)
    assert canary.known.found_in(by_hand) == {by_hand: known.TOKEN}


def test_it_learns_a_secret_that_a_test_sets(canary, settings):
    settings.ANILIST_CLIENT_SECRET, key = secrets.token_hex(20), secrets.token_urlsafe(32)
    settings.ANILIST_TOKEN_KEYS = [f"{key}="]
    assert canary.known.found_in(settings.ANILIST_CLIENT_SECRET)
    assert canary.known.found_in(key) == {key: known.SEALING_KEY}


@pytest.mark.django_db
def test_it_learns_code_and_state_of_an_address_that_was_never_given_out(canary, client):
    code, state = secrets.token_hex(20), secrets.token_hex(21)
    client.get(f"/anilist/callback/?code={code}&state={state}", secure=True)
    assert set(canary.known.found_in(f"{code} {state}").values()) == {known.CODE, known.STATE}


def test_a_piece_of_a_secret_is_a_leak_and_a_word_is_none():
    book, token = Known(), secrets.token_hex(400)
    book.learn(known.TOKEN, token)
    book.learn(known.TOKEN, "short")
    middle = len(token) // 2
    for piece in (token[:40], token[-32:], token[middle - 30 : middle + 30]):
        assert book.found_in(f"Bearer {piece}.")
    assert book.found_in(f"{token[:20]} short") == {}


def test_it_finds_one_of_many_thousands():
    book = Known()
    many = [secrets.token_hex(40) for _ in range(3000)]
    for token in many:
        book.learn(known.TOKEN, token)
    text = "\n".join(["nothing here", f'{{"token":"{many[1234]}"}}', secrets.token_hex(40)])
    found = book.found_in(text)
    assert len(found) == 3
    assert all(piece in many[1234] for piece in found)
    assert book.found_in(secrets.token_hex(4000)) == {}


# It bites


def log(planted):
    logging.getLogger().debug("All is well, %s", {"token": planted})


def log_of_urllib3(planted):
    urllib3_logger.debug('%s "GET /%s HTTP/1.1" %s', "https://graphql.anilist.co", planted, 200)


def log_that_is_switched_off(planted):
    logger = logging.getLogger("tests.canary.quiet")
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    logger.debug(planted)


def body(planted):
    HttpResponse(f"<p>{planted}</p>")


def body_cut(planted):
    HttpResponse(f"<td>{planted[:40]}…</td>")


def header(planted):
    HttpResponse(headers={"X-Debug": planted})


def location(planted):
    HttpResponseRedirect(f"/anilist/?token={planted}")


def cookie(planted):
    HttpResponse().set_cookie("token", planted)


def session(planted):
    SessionStore()["token"] = planted


def cached(planted):
    cache.set("canary", {"token": planted})


def cache_key(planted):
    answer_store._local.set_many({f"answer-{planted}": b"{}"}, 60.0)


def command(planted):
    OutputWrapper(StringIO()).write(planted)


def mailed(planted):
    mail.send_mail("Hello", planted, None, ["alice@example.com"])


def process(planted):
    subprocess.run([sys.executable, "-c", "", planted], check=True)


def task(planted):
    for watch in hooks.watches:
        hooks._told_of_task(task_result=SimpleNamespace(args=[7], kwargs={"token": planted}))
        assert watch.tasks


@pytest.mark.parametrize(
    ("leak", "place"),
    [
        (log, "log"),
        (log_of_urllib3, "log"),
        (log_that_is_switched_off, "log"),
        (body, "bodies"),
        (body_cut, "bodies"),
        (header, "headers"),
        (location, "headers"),
        (cookie, "cookies"),
        (session, "sessions"),
        (cached, "caches"),
        (cache_key, "caches"),
        (command, "output of commands"),
        (mailed, "mails"),
        (process, "arguments of processes"),
        (task, "arguments of tasks"),
    ],
)
def test_it_bites(leak, place, planted):
    found = places_where(leak, planted)
    cache.clear()
    assert set(found) == {place}


def test_it_lets_pass_what_a_test_expects_at_one_place(planted):
    with watching() as watch:
        watch.known.learn(known.TOKEN, planted)
        watch.expected.add((known.TOKEN, "cookies"))
        cookie(planted)
        assert watch.hits() == []
        body(planted)
    assert {hit.split(": ")[0] for hit in watch.hits()} == {"access token in bodies"}


def test_it_is_silent_where_nothing_leaks(planted):
    assert places_where(lambda planted: log("only a word"), planted) == []


@pytest.mark.django_db
@pytest.mark.parametrize("many", [False, True])
def test_it_bites_where_a_secret_goes_into_the_database(planted, many, django_user_model):
    users = django_user_model.objects

    def leak(planted):
        if many:
            users.bulk_create([django_user_model(username=planted)])
        else:
            users.filter(username=planted).update(last_name="A")

    assert set(places_where(leak, planted)) == {"statements"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_it_bites_on_the_disk(planted, django_user_model, journal):
    if connection.vendor != "sqlite":
        pytest.skip("the files of a server are the server's")
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={journal}")
        cursor.execute("PRAGMA wal_autocheckpoint=0")
    try:
        django_user_model.objects.create(username=planted)
        with watching() as watch:
            watch.known.learn(known.TOKEN, planted)
        hits = [hit for place, data in watch.database_bytes() for hit in watch.look(place, data)]
    finally:
        django_user_model.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=delete")
    place = f"database file {Path(str(connection.settings_dict['NAME'])).suffix}"
    place += "-wal" * (journal == "wal")
    assert hits
    assert {hit.split(": ")[0] for hit in hits} == {f"access token in {place}"}


def broken(planted):
    token = planted
    raise RuntimeError(len(token))


def ends_a_request(planted):
    try:
        broken(planted)
    except RuntimeError:
        got_request_exception.send(None, request=RequestFactory().get("/"))


def is_logged(planted):
    try:
        broken(planted)
    except RuntimeError:
        logging.getLogger("django_anilist").exception("It broke")


@pytest.mark.parametrize("leak", [ends_a_request, is_logged])
def test_it_bites_in_every_report_of_an_error(leak, planted):
    """The token is in no sentence, but in a variable of a frame; Django's text shows none of these."""
    assert set(places_where(leak, planted)) == {
        "error report, HTML, DEBUG=True",
        "error report, HTML, DEBUG=False",
        "Sentry event",
    }


def test_it_bites_in_the_address_that_an_error_was_at(planted):
    """Whether ``DEBUG`` is on or off: Django hides settings and POST, never the query."""

    def leak(planted):
        try:
            raise RuntimeError
        except RuntimeError:
            request = RequestFactory().get("/anilist/callback/", {"code": planted})
            got_request_exception.send(None, request=request)

    assert set(places_where(leak, planted)) >= {
        f"error report, {kind}, DEBUG={debug}"
        for kind in ("HTML", "text")
        for debug in (True, False)
    }


# It lets pass what has to be


@pytest.fixture
def way_out(rf):
    """An address of AniList's consent page, and the state in it."""
    state = secrets.token_urlsafe(32)
    with watching() as watch:
        client = oauth.OAuthClient("1001", Secret(secrets.token_hex(20)), "https://testserver/cb/")
        address = oauth.authorization_url(conf.endpoints, client, state)
        yield SimpleNamespace(watch=watch, address=address, state=state, client=client)


def kinds(hits):
    return {hit.split(" in ")[0] for hit in hits}


def test_the_way_to_the_consent_page_carries_the_state(way_out):
    HttpResponseRedirect(way_out.address)
    assert way_out.watch.hits() == []


def test_no_other_redirect_carries_it(way_out):
    HttpResponseRedirect(f"/anilist/problem/?state={way_out.state}")
    assert kinds(way_out.watch.hits()) == {known.STATE}
    way_out.watch.responses.clear()
    HttpResponseRedirect(way_out.address.replace("anilist.co", "evil.example"))
    assert kinds(way_out.watch.hits()) == {known.STATE}


def test_no_log_and_no_body_carries_it(way_out):
    log(way_out.address)
    HttpResponse(way_out.address)
    assert {hit.split(": ")[0] for hit in way_out.watch.hits()} == {
        "state in log",
        "state in bodies",
    }


def test_the_way_to_the_consent_page_carries_nothing_else(way_out, monkeypatch):
    secret = way_out.client.secret.reveal()
    monkeypatch.setattr(oauth, "urlencode", lambda query: f"client_secret={secret}")
    HttpResponseRedirect(oauth.authorization_url(conf.endpoints, way_out.client, "s" * 43))
    assert kinds(way_out.watch.hits()) == {known.CLIENT_SECRET}


@pytest.mark.django_db
def test_the_page_that_waits_for_a_cookie_carries_the_address_it_goes_on_to(client, canary):
    code, state = secrets.token_hex(20), secrets.token_hex(21)
    with override_settings(SESSION_COOKIE_SAMESITE="Strict"), watching() as watch:
        url = f"/anilist/callback/?code={code}&state={state}"
        assert code in client.get(url, secure=True).content.decode()
    assert watch.hits() == []
    watch.ways_back.clear()
    assert kinds(watch.hits()) == {known.CODE, known.STATE}


def test_a_browser_opens_the_consent_page_and_the_product_never_does(way_out):
    path = f"/api/v2/oauth/authorize?state={way_out.state}"
    line = '%s://%s:%s "%s %s %s" %s %s'
    urllib3_logger.debug(line, "http", "127.0.0.1", 1, "GET", path, "HTTP/1.1", 200, 5)
    assert way_out.watch.hits() == []
    urllib3_logger.debug(line, "http", "127.0.0.1", 1, "POST", path, "HTTP/1.1", 200, 5)
    assert kinds(way_out.watch.hits()) == {known.STATE}


def test_a_table_to_import_from_may_hold_tokens_and_ours_may_not(planted):
    def foreign(planted):
        for watch in hooks.watches:
            hooks._told_of_statement(
                watch, None, 'INSERT INTO "handmade_plain" VALUES (%s)', (planted,)
            )

    def ours(planted):
        for watch in hooks.watches:
            hooks._told_of_statement(
                watch, None, 'UPDATE "django_anilist_anilisttoken"', (planted,)
            )

    assert places_where(foreign, planted) == []
    assert set(places_where(ours, planted)) == {"statements"}


# All of it together

LEAKING = """
import logging, secrets
import pytest
from django_anilist.api import oauth
from django_anilist.api.secrets import Secret

def grant():
    return oauth.Grant(Secret(secrets.token_hex(30)), 3600, None)

def test_silent():
    grant()

def test_leaking():
    logging.getLogger("anywhere").debug("%s", grant().access_token.reveal())
"""


def test_a_test_that_leaks_fails(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.canary.plugin"]\n')
    (tmp_path / "test_two.py").write_text(LEAKING)
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "-q"]
    options = ["--ds", "tests.settings", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    run = subprocess.run(
        [*command, *options, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "FAILED" in run.stdout, run.stdout + run.stderr
    assert "1 failed, 1 passed" in run.stdout
    assert "access token in log: 'anywhere <it>'" in run.stdout
