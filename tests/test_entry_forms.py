"""The form for a list entry: it sends what its user changed, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.values import SCORE_FORMATS, score_from_raw, score_to_raw
from django_anilist.entry_forms import MAX_NOTES, EntryForm, typed
from tests.list_entries import form_in
from tests.properties import many

MEDIA = {
    "id": 7,
    "type": "ANIME",
    "episodes": 28,
    "mediaListEntry": {"status": "CURRENT", "progress": 11, "scoreRaw": 87, "notes": "a\nb"},
}
SCORES = {
    "POINT_100": range(101),
    "POINT_10_DECIMAL": [number / 10 for number in range(101)],
    "POINT_10": range(11),
    "POINT_5": range(6),
    "POINT_3": range(4),
}


def untouched(media=MEDIA, score_format="POINT_100"):
    """What a browser sends of a form that nobody touched: line ends are its own."""
    form = EntryForm.of(media, score_format)
    fields = form_in(f"<form>{form.as_div()}</form>")
    return {name: value.replace("\n", "\r\n") for name, value in fields.items()}


def changes(**changed):
    form = EntryForm({**untouched(), **changed})
    assert form.is_valid(), form.errors
    return form.changes()


def mistakes(**changed):
    form = EntryForm({**untouched(), **changed})
    assert not form.is_valid()
    return {name: list(found) for name, found in form.errors.items()}


@pytest.mark.parametrize("score_format", SCORE_FORMATS)
@pytest.mark.parametrize("raw", [0, 1, 9, 35, 50, 60, 87, 100])
def test_an_untouched_form_changes_nothing(score_format, raw):
    media = {**MEDIA, "mediaListEntry": {**MEDIA["mediaListEntry"], "scoreRaw": raw}}
    form = EntryForm(untouched(media, score_format))
    assert form.is_valid(), form.errors
    assert form.changes() == {}


@pytest.mark.parametrize("media", [{}, {"id": 7}, {**MEDIA, "mediaListEntry": None}])
def test_an_untouched_form_for_what_is_on_no_list_changes_nothing(media):
    form = EntryForm({**untouched(media), "media_id": "7"})
    assert form.is_valid(), form.errors
    assert form.changes() == {}


@pytest.mark.parametrize(
    ("changed", "sent"),
    [
        ({"progress": "12"}, {"progress": 12}),
        ({"progress": ""}, {"progress": 0}),
        ({"status": "PAUSED"}, {"status": "PAUSED"}),
        ({"status": ""}, {}),
        ({"score": "90"}, {"score_raw": 90}),
        ({"score": ""}, {"score_raw": 0}),
        ({"score": "0"}, {"score_raw": 0}),
        ({"notes": ""}, {"notes": ""}),
        ({"notes": "a\r\nb\r\nc"}, {"notes": "a\nb\nc"}),
        ({"notes": "a\r\nb  "}, {}),
        ({"progress": "12", "status": "COMPLETED"}, {"progress": 12, "status": "COMPLETED"}),
        ({"repeat": "2"}, {"repeat": 2}),
    ],
    ids=str,
)
def test_only_what_was_changed_is_sent(changed, sent):
    assert changes(**changed) == sent


def test_a_page_left_open_does_not_undo_what_happened_since():
    """Somewhere else the progress went on to 20; here only the notes change."""
    assert changes(notes="new") == {"notes": "new"}


def test_a_button_that_sends_one_field_changes_that_field():
    form = EntryForm({"media_id": "7", "progress": "12"})
    assert form.is_valid()
    assert form.changes() == {"progress": 12}


@pytest.mark.parametrize("score_format", SCORE_FORMATS)
def test_every_score_of_every_format_is_shown_again_as_it_was_typed(score_format):
    for score in SCORES[score_format]:
        data = {"media_id": "7", "score_format": score_format, "score": str(score)}
        form = EntryForm(data)
        assert form.is_valid(), form.errors
        raw = form.cleaned_data["score"]
        assert raw == score_to_raw(score, score_format)
        assert score_from_raw(raw, score_format) == score


def test_a_score_without_a_format_is_in_its_owners_own():
    form = EntryForm({"media_id": "7", "score": "4"}, score_format="POINT_5")
    assert form.is_valid()
    assert form.changes() == {"score_raw": 70}


@pytest.mark.parametrize(
    ("score_format", "score"),
    [
        ("POINT_100", "100.5"), ("POINT_100", "101"), ("POINT_100", "-1"), ("POINT_100", "1e400"),
        ("POINT_10_DECIMAL", "8.55"), ("POINT_10_DECIMAL", "10.1"), ("POINT_10_DECIMAL", "1e-9"),
        ("POINT_10", "8.5"), ("POINT_10", "11"), ("POINT_10", "1e400"), ("POINT_5", "6"),
        ("POINT_5", "1e400"), ("POINT_3", "4"), ("POINT_3", "1.5"), ("POINT_3", "-1e400"),
    ],
)  # fmt: skip
def test_a_score_that_the_format_does_not_have_is_refused(score_format, score):
    form = EntryForm({"media_id": "7", "score_format": score_format, "score": score})
    assert not form.is_valid()
    step = "0.1" if score_format == "POINT_10_DECIMAL" else "1"
    most = max(SCORES[score_format])
    assert form.errors["score"] == [f"Your scores go up to {most:.0f}, in steps of {step}."]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"score": "good"}, "Enter a number."),
        ({"score": "8,5"}, "Enter a number."),
        ({"score": "NaN"}, "Enter a number."),
        ({"score": "Infinity"}, "Enter a number."),
        ({"progress": "twelve"}, "Enter a whole number."),
        ({"progress": "1.5"}, "Enter a whole number."),
        ({"progress": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"progress": "9" * 5000}, "Enter a whole number."),
        ({"progress": "100001"}, "Ensure this value is less than or equal to 100000."),
        ({"status": "WATCHED"}, "Select a valid choice. WATCHED is not one"),
        ({"notes": "x" * 6001}, "Ensure this value has at most 6000 characters (it has 6001)."),
        ({"notes": "\0"}, "Null characters are not allowed."),
        ({"media_id": ""}, "This field is required."),
        ({"media_id": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"media_id": str(2**31)}, "Ensure this value is less than or equal to 2147483647."),
        ({"submission": "short"}, "Enter a valid value."),
        ({"submission": SCORE_FORMATS[0] + "/../../etc"}, "Enter a valid value."),
        ({"score_format": "POINT_7"}, "Select a valid choice."),
        ({"repeat": "1001"}, "Ensure this value is less than or equal to 1000."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_mistake_is_named_at_its_field(changed, text):
    ((name, texts),) = mistakes(**changed).items()
    assert [name] == list(changed)
    assert texts[0].startswith(text)


def test_a_line_end_counts_as_one_character():
    text = "\n".join(["x"] * (MAX_NOTES // 2))
    assert changes(notes=text.replace("\n", "\r\n")) == {"notes": text}


@pytest.mark.parametrize(
    ("score_format", "shown"),
    [("POINT_100", 87), ("POINT_10_DECIMAL", 8.7), ("POINT_10", 8), ("POINT_5", 4), ("POINT_3", 3)],
)
def test_a_score_is_shown_in_its_owners_format(score_format, shown):
    assert EntryForm.of(MEDIA, score_format).initial["score"] == shown
    assert untouched(score_format=score_format)["score"] == str(shown)


def test_the_form_knows_how_long_the_medium_is():
    assert EntryForm.of(MEDIA, "").fields["progress"].widget.attrs["max"] == 28
    beyond = {**MEDIA, "mediaListEntry": {"status": "CURRENT", "progress": 30}}
    assert EntryForm.of(beyond, "").fields["progress"].widget.attrs["max"] == 30
    unknown = EntryForm.of({**MEDIA, "episodes": None}, "").fields["progress"].widget.attrs
    assert unknown.get("max") == 100_000


def test_a_manga_is_read_and_an_anime_watched():
    for kind, words in (("ANIME", ["Watching", "Rewatching"]), ("MANGA", ["Reading", "Rereading"])):
        choices = dict(EntryForm.of({**MEDIA, "type": kind}, "").fields["status"].choices)
        assert [choices["CURRENT"], choices["REPEATING"]] == words


def test_what_is_on_a_list_is_not_offered_to_leave_it():
    assert "" not in dict(EntryForm.of(MEDIA, "").fields["status"].choices)
    assert "" in dict(EntryForm.of({"id": 7}, "").fields["status"].choices)


def test_a_status_that_this_site_does_not_know_is_left_alone():
    media = {**MEDIA, "mediaListEntry": {"status": "SKIMMING", "progress": 2}}
    form = EntryForm({**untouched(media), "progress": "3"})
    assert form.is_valid(), form.errors
    assert form.changes() == {"progress": 3}


@pytest.mark.parametrize("entry", [None, "x", 7, {"status": 1, "progress": "x", "scoreRaw": "y"}])
def test_an_odd_entry_makes_a_form_all_the_same(entry):
    html = EntryForm.of({**MEDIA, "mediaListEntry": entry}, "").as_div()
    assert "Progress" in html


# A form to put right


def test_what_was_given_stands_in_the_form_over_what_anilist_has():
    form = EntryForm.over(MEDIA, "POINT_10", {"media_id": "7", "progress": "x", "next": "/"})
    assert [form["progress"].value(), form["notes"].value(), form["score"].value()] == [
        "x", "a\nb", "8",
    ]  # fmt: skip
    assert not form.is_valid()
    again = form_in(f"<form>{form.as_div()}</form>")
    put_right = EntryForm({**again, "progress": "12"})
    assert put_right.is_valid(), put_right.errors
    assert put_right.changes() == {"progress": 12}


def test_what_a_form_showed_at_first_is_not_forgotten_with_a_mistake():
    sent = {**untouched(), "progress": "x", "initial-progress": "9"}
    form = EntryForm.over(MEDIA, "POINT_100", sent)
    again = form_in(f"<form>{form.as_div()}</form>")
    assert again["initial-progress"] == "9"
    put_right = EntryForm({**again, "progress": "11"})
    assert put_right.is_valid()
    assert put_right.changes() == {"progress": 11}


@pytest.mark.parametrize("score_format", SCORE_FORMATS)
def test_a_change_is_typed_into_a_form_again(score_format):
    wanted = {"media_id": 7, "status": "PAUSED", "progress": 3, "score_raw": 35, "notes": "n"}
    media = {"id": 7, "type": "ANIME"}
    form = EntryForm.over(media, score_format, typed(wanted, score_format))
    assert form.is_valid(), form.errors
    expected = score_to_raw(score_from_raw(35, score_format), score_format)
    assert form.changes() == {
        "status": "PAUSED",
        "progress": 3,
        "score_raw": expected,
        "notes": "n",
    }


def test_a_score_taken_away_is_typed_as_none():
    assert typed({"score_raw": 0}, "POINT_5") == {"score": "", "score_format": "POINT_5"}


def test_the_browser_goes_to_the_first_mistake():
    form = EntryForm.over(MEDIA, "", {"progress": "x", "score": "y"})
    form.is_valid()
    form.point_at_mistake()
    focused = [name for name in form.fields if form.fields[name].widget.attrs.get("autofocus")]
    assert focused == ["progress"]


def test_the_browser_goes_to_the_form_where_no_field_is_at_fault():
    form = EntryForm.over(MEDIA, "", {})
    form.add_error(None, "no")
    form.point_at_mistake()
    assert form.fields["status"].widget.attrs["autofocus"]


# Whatever comes


NAMES = [
    "media_id", "submission", "score_format", "status", "progress", "score", "notes", "repeat",
    "initial-status", "initial-progress", "initial-score", "initial-notes",
]  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=50),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from([*SCORE_FORMATS, "CURRENT", "COMPLETED", "", "1e400", "-0", "9" * 5000]),
)


@many(1.5)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_is_sent_is_taken_or_refused(data):
    form = EntryForm(data)
    if form.is_valid():
        wanted = form.changes()
        assert set(wanted) <= {"status", "progress", "score_raw", "notes", "repeat"}
        assert 0 <= wanted.get("score_raw", 0) <= 100
    else:
        assert all(form.errors.values())
    form.as_div()
    EntryForm.over(MEDIA, "POINT_5", data).as_div()
