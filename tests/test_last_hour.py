"""The last hour with AniList: counted in each process, added up by way of the cache."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache.backends.base import BaseCache

from django_anilist import last_hour
from django_anilist.answer_store import DjangoAnswerStore
from django_anilist.api.errors import Unavailable
from django_anilist.api.events import HIT, MISS, STALE, Event
from django_anilist.gateway import AniList
from django_anilist.last_hour import ERRORS, MINUTES, PAUSE, PLACES, LastHour, Minute, Sheet

NOON = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def hours():
    """A clock by hand."""
    return Clock()


@pytest.fixture
def files(settings, tmp_path):
    """A cache that processes share."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path / "cache",
        }
    }
    return DjangoAnswerStore("default")


def call(outcome="ok", cache=MISS, lane="web", waited=0.5, attempts=1, **more):
    return Event("Media", lane, outcome, cache, waited, 0.1, attempts, 10, **more)


REMEMBERED = call(cache=HIT, waited=0.0, attempts=0)


def test_each_minute_is_counted_by_itself(hours):
    here = LastHour(None, hours)
    here.hear(call())
    hours.now += 60
    for event in (call(lane="task", waited=2.0, attempts=3), REMEMBERED, call("Unavailable (tls)")):
        here.hear(event)
    *earlier, before, now = here.hour()
    assert len(earlier) == 58
    assert set(map(repr, earlier)) == {repr(Minute())}
    assert before == Minute(calls=1, requests=1, web_sent=1, web_waited=0.5)
    assert now == Minute(
        calls=3,
        remembered=1,
        failed=1,
        requests=4,
        web_sent=1,
        web_waited=0.5,
        task_sent=1,
        task_waited=2.0,
    )


def test_no_more_than_an_hour_is_kept(hours):
    here = LastHour(None, hours)
    for _ in range(200):
        here.hear(call())
        hours.now += 60
    assert len(here._sheet.minutes) == MINUTES
    assert sum(minute.calls for minute in here.hour()) == MINUTES - 1  # the present one is empty


def test_the_last_errors_are_kept_with_what_anilist_said(hours):
    here = LastHour(None, hours)
    for number in range(30):
        here.hear(call(f"Unavailable ({number})", said="Off."))
    for event in (call(), call("NotFound"), REMEMBERED):
        here.hear(event)
    failures = list(here.total().failures)
    assert len(failures) == ERRORS
    last = failures[-1]
    assert (last.at, last.operation, last.outcome, last.said) == (
        NOON,
        "Media",
        "Unavailable (29)",
        "Off.",
    )


def test_an_error_that_an_old_answer_stood_in_for_is_one_too(hours):
    here = LastHour(None, hours)
    here.hear(call(cache=STALE, covered="Unavailable (html)"))
    assert [failure.outcome for failure in here.total().failures] == ["Unavailable (html)"]
    assert (here.hour()[-1].failed, here.hour()[-1].remembered) == (1, 1)


def test_a_task_told_to_come_back_later_has_not_called_yet(hours):
    here = LastHour(None, hours)
    here.hear(call("RateLimited", lane="task", attempts=0))
    assert not here.total().minutes
    here.hear(call("RateLimited", lane="task", attempts=1))  # AniList itself said so
    here.hear(call("RateLimited", lane="web", attempts=0))
    assert len(here.total().failures) == 2


def test_what_several_processes_saw_is_added_up(hours, files):
    first, second, third = (LastHour(files, hours) for _ in range(3))
    first.hear(call())
    second.hear(call("RateLimited", attempts=0))
    assert third.hour()[-1].calls == 2
    assert first.hour()[-1].calls == 2
    assert [failure.outcome for failure in first.total().failures] == ["RateLimited"]
    assert first.shared


@pytest.mark.parametrize("alias", ["", "default"])
def test_where_nothing_is_shared_it_says_so(settings, alias, hours):
    settings.ANILIST_CACHE = alias
    assert not last_hour.here().shared


def test_the_cache_is_written_at_most_every_few_seconds(hours, files, monkeypatch):
    writes = []
    monkeypatch.setattr(DjangoAnswerStore, "add", lambda *args: writes.append("add") or True)
    monkeypatch.setattr(DjangoAnswerStore, "set_many", lambda *args: writes.append("set"))
    here = LastHour(files, hours)
    for _ in range(100):
        here.hear(call())
    assert writes == ["add"]
    hours.now += PAUSE
    for _ in range(100):
        here.hear(call())
    assert writes == ["add", "set"]
    hours.now -= 3600  # a clock set back does not silence it
    here.hear(call())
    assert writes == ["add", "set", "set"]


def test_a_process_keeps_its_place(hours, files):
    here = LastHour(files, hours)
    for _ in range(5):
        here.hear(call())
        hours.now += 60
    assert len(places(files)) == 1


def test_a_place_taken_by_somebody_else_is_left_to_them(hours, files):
    here = LastHour(files, hours)
    here.hear(call())
    (key,) = places(files)
    files.set_many({key: b"somebody else's"}, 60)
    hours.now += PAUSE
    here.hear(call())
    assert places(files)[key] == b"somebody else's"
    assert len(places(files)) == 2


def test_a_place_that_was_lost_is_taken_again(hours, files):
    here = LastHour(files, hours)
    here.hear(call())
    files.delete_many(places(files))
    hours.now += PAUSE
    here.hear(call())
    assert len(places(files)) == 1


def test_where_all_places_are_taken_a_process_counts_for_itself(hours, files):
    files.set_many({last_hour._place(number): b"x" for number in range(PLACES)}, 60)
    here = LastHour(files, hours)
    here.hear(call())
    assert here.hour()[-1].calls == 1
    assert set(places(files).values()) == {b"x"}


def places(store):
    return dict(store.get_many([last_hour._place(number) for number in range(PLACES)]))


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"x" * 16 + b"{",
        b"x" * 16 + b"[]",
        b"x" * 16 + b'{"minutes": [], "failures": []}',
        b"x" * 16 + b'{"minutes": {"30000000": ["a"]}, "failures": []}',
        b"x" * 16 + b'{"minutes": {"x": [1]}, "failures": []}',
        b"x" * 16 + b'{"minutes": {}, "failures": [[1]]}',
        b"x" * 16 + b'{"minutes": {}, "failures": [["x", "a", "b", "c", "d"]]}',
        "text",
    ],
)
def test_nonsense_in_the_cache_is_passed_over(hours, files, nonsense):
    files.set_many({last_hour._place(3): nonsense}, 60)
    here = LastHour(files, hours)
    here.hear(call())
    assert here.hour()[-1].calls == 1


def test_a_sheet_is_the_same_after_the_cache():
    sheet = Sheet()
    sheet.note(call("TokenRejected", said="No."), NOON)
    assert Sheet.unpacked(sheet.packed()) == sheet
    assert "Media" in json.dumps(json.loads(sheet.packed()))


def test_a_cache_that_is_down_breaks_nothing(hours, settings):
    settings.CACHES = {"default": {"BACKEND": "tests.test_last_hour.Broken"}}
    here = LastHour(DjangoAnswerStore("default"), hours)
    here.hear(call())
    assert here.hour()[-1].calls == 1


class Broken(BaseCache):
    """A cache whose server is gone."""

    def __init__(self, *args):
        super().__init__({})

    def _fail(self, *args, **kwargs):
        raise ConnectionError

    get_many = set_many = add = _fail


def test_no_call_is_lost_between_threads():
    here = LastHour(None, lambda: NOON)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: here.hear(call()), range(4000)))
    assert here.hour()[-1].calls == 4000


@pytest.mark.django_db
def test_every_call_of_a_client_is_counted(sandbox):
    client = AniList.anonymous()
    client.media(154587)
    client.media(154587)
    sandbox.dials.switched_off = True
    with pytest.raises(Unavailable):
        client.media(1)
    here = last_hour.here()
    minutes = here.hour()
    assert sum(minute.calls for minute in minutes) == 3
    assert sum(minute.remembered for minute in minutes) == 1
    (failure,) = here.total().failures
    assert failure.outcome == "Unavailable (switched-off)"
    assert "temporarily disabled" in failure.said
