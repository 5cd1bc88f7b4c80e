"""One line for each request, and nothing in it that is anybody's business."""

import logging

import pytest

from django_anilist.api.client import Client
from django_anilist.api.conversation import Ways
from django_anilist.api.endpoints import ANILIST
from django_anilist.api.errors import NotFound, Unavailable
from django_anilist.api.events import Event, log
from django_anilist.api.transport import Reply
from tests.api.test_client import Access

QUERY = "query Title($id: Int) { Media(id: $id) { id } }"


class Wire:
    """A transport that gives one outcome, and notes what the layers below would."""

    def __init__(self, outcome):
        self.outcome = outcome

    def send(self, call):
        call.trace.left_the_queue(1.5, 12)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def close(self):
        pass


def events_of(outcome):
    found = []
    client = Client(Wire(outcome), ANILIST, Access(), ways=Ways(observers=(found.append, log)))
    try:
        client.execute(QUERY, {"id": 424242})
    except (NotFound, Unavailable):
        pass
    return found


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Reply(200, {}, b'{"data": {"Media": {"id": 1}}}'), "ok"),
        (Reply(404, {}, b'{"errors": [{"message": "Not Found.", "status": 404}]}'), "NotFound"),
        (Reply(502, {}, b""), "Unavailable (server)"),
        (Unavailable("timeout"), "Unavailable (timeout)"),
    ],
)
def test_each_request_is_told_once(outcome, told, caplog):
    caplog.set_level(logging.INFO, "django_anilist")
    (event,) = events_of(outcome)
    assert (event.operation, event.lane, event.outcome, event.cache) == (
        "Title",
        "web",
        told,
        "off",
    )
    assert (event.waited, event.attempts, event.budget_left) == (1.5, 1, 12)
    assert event.took >= 0
    assert caplog.text.count("Title web:") == 1
    assert "budget left 12" in caplog.text


OFF = (
    b'{"errors": [{"message": "Off for\\nnow: temporarily disabled, canary-token", "status": 403}]}'
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (OFF, "Off for now: temporarily disabled, ***"),
        (b'{"errors": []}', ""),
        (b'{"errors": ["no"]}', ""),
        (b'{"errors": {}}', ""),
        (b"<html>", ""),
    ],
)
def test_anilists_own_sentence_is_told(body, said):
    (event,) = events_of(Reply(403, {}, body))
    assert event.said == said


def test_an_error_that_an_old_answer_covers_is_told_beside_it():
    class Stale(Wire):
        def send(self, call):
            call.trace.cache, call.trace.covered = "stale", self.outcome
            return Reply(200, {}, b'{"data": {"Media": {"id": 1}}}', stale=True)

    found = []
    fault = Unavailable("switched-off", said="Off.")
    Client(Stale(fault), ANILIST, ways=Ways(observers=(found.append,))).execute(QUERY, {"id": 1})
    (event,) = found
    assert (event.outcome, event.covered, event.said) == (
        "ok",
        "Unavailable (switched-off)",
        "Off.",
    )


def test_neither_variables_nor_tokens_are_told(caplog):
    caplog.set_level(logging.DEBUG)
    (event,) = events_of(Unavailable("timeout"))
    for secret in ("424242", "canary-token"):
        assert secret not in caplog.text
        assert secret not in repr(event)


def test_what_was_remembered_is_told_more_quietly(caplog):
    caplog.set_level(logging.INFO, "django_anilist")
    log(Event("Title", "web", "ok", "hit", 0.0, 0.0, 0, None))
    assert caplog.text == ""
    caplog.set_level(logging.DEBUG, "django_anilist")
    log(Event("Title", "web", "ok", "hit", 0.0, 0.0, 0, None))
    assert "cache hit" in caplog.text
    assert "budget left -" in caplog.text
