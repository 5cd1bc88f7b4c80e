"""What the tests of the list button share."""

from __future__ import annotations

from html.parser import HTMLParser

SAVE = "/anilist/save-entry/"
FRIEREN, ONE_PIECE, MUSHISHI, BERSERK, ADULT = 154587, 21, 457, 30002, 900023
SUBMISSION = "submission-of-a-form"


def saves(box):
    """What AniList was asked to save and did not refuse, one mapping for each time."""
    return [
        request.json["variables"]
        for request in box.requests
        if request.operation == "SaveMediaListEntry" and request.status == 200
    ]


def attempts(box):
    """How often AniList was asked to save, whatever came of it."""
    return sum("SaveMediaListEntry" in request.json.get("query", "") for request in box.requests)


def entry_of(box, name, media_id=FRIEREN):
    """A person's entry as AniList has it, or ``None``."""
    found = [entry for entry in box.entries(name) if entry.media_id == media_id]
    return found[0] if found else None


class Fields(HTMLParser):
    """The forms of a page, as a browser would send them untouched: names and values of each."""

    def __init__(self):
        super().__init__()
        self.forms = []
        self.focused = []
        self._area = self._select = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "autofocus" in given:
            self.focused.append(given.get("name") or tag)
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and self.forms:
            self.forms[-1][given.get("name")] = given.get("value", "")
        elif tag == "textarea":
            self._area, self.forms[-1][given["name"]] = given["name"], ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select:
            first = self._select not in self.forms[-1]
            if first or "selected" in given:
                self.forms[-1][self._select] = given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.forms[-1][self._area] = self.forms[-1][self._area].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._area:
            self.forms[-1][self._area] += data


def read(html):
    found = Fields()
    found.feed(str(html))
    return found


def form_in(html):
    """The fields of the form with everything in it."""
    return next(form for form in read(html).forms if "notes" in form)


def plus_in(html):
    """The fields of *+1*; ``None`` where there is none."""
    found = [form for form in read(html).forms if "progress" in form and "notes" not in form]
    return found[0] if found else None
