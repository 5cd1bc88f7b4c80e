"""The form for a list entry: status, progress, notes, and a score in its owner's own format."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext, pgettext_lazy

from django_anilist import display
from django_anilist.api.values import SCORE_FORMATS, score_from_raw, score_to_raw

#: AniList's own bounds. https://docs.anilist.co/reference/mutation
MAX_NOTES = 6_000
MAX_REPEAT = 1_000
MAX_PROGRESS = 100_000

#: What the form shows of an entry, and what ``save_media_list_entry`` calls it.
ARGUMENTS = {
    "status": "status",
    "progress": "progress",
    "score": "score_raw",
    "notes": "notes",
    "repeat": "repeat",
}
_SHOWN = ("status", "progress", "score", "notes")
#: The best score of each format, and what lies between one score and the next.
_MOST = {"POINT_100": 100, "POINT_10_DECIMAL": 10, "POINT_10": 10, "POINT_5": 5, "POINT_3": 3}
_STEP = {"POINT_10_DECIMAL": "0.1"}


class _Notes(forms.CharField):
    """Text with the line ends that AniList has: browsers send others, which count for two."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class EntryForm(forms.Form):
    """What a user wants an entry to be. Only what they changed is sent.

    ``submission`` is the form's own random value: sent twice, it is one change. Each field carries
    what it showed at first, so that a page left open for an hour does not undo what happened since.
    ``score_format`` is the user's own, where the data names none.
    """

    media_id = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    submission = forms.RegexField(
        r"^[A-Za-z0-9_\-]{16,64}\Z", required=False, widget=forms.HiddenInput
    )
    score_format = forms.ChoiceField(
        choices=[(name, name) for name in SCORE_FORMATS], required=False, widget=forms.HiddenInput
    )
    repeat = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_REPEAT, widget=forms.HiddenInput
    )
    status = forms.ChoiceField(required=False, label=pgettext_lazy("list entry", "Status"))
    progress = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_PROGRESS,
        label=pgettext_lazy("list entry", "Progress"),
    )
    score = forms.DecimalField(required=False, label=pgettext_lazy("list entry", "Score"))
    notes = _Notes(
        required=False,
        max_length=MAX_NOTES,
        label=pgettext_lazy("list entry", "Notes"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, media_type: object = "ANIME", score_format: str = "", **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", f"anilist-{secrets.token_hex(4)}-%s")
        kwargs.setdefault("label_suffix", "")  # labels stand above their fields
        super().__init__(*args, **kwargs)
        for name in _SHOWN:
            self.fields[name].show_hidden_initial = True
        self.scale = display.format_of(
            (self.data if self.is_bound else self.initial).get("score_format") or score_format
        )
        choices = list(display.statuses(media_type).items())
        if not self._was("status"):  # what is on a list does not leave it by a status
            choices.insert(0, ("", gettext("Not on my list")))
        self.fields["status"].choices = choices  # type: ignore[attr-defined]
        self.fields["score"].widget = _score_widget(self.scale)

    @classmethod
    def of(cls, media: Mapping[str, Any], score_format: str) -> EntryForm:
        """Return the form for a medium as its viewer has it now, in ``mediaListEntry``."""
        initial = _initial(media, score_format)
        return cls(initial=initial, media_type=media.get("type"))._for(media)

    @classmethod
    def over(
        cls, media: Mapping[str, Any], score_format: str, given: Mapping[str, Any]
    ) -> EntryForm:
        """Return the form for a medium with what is ``given`` in it, over what AniList has.

        So that a button which sends one field only becomes a form to put right.
        """
        initial = _initial(media, score_format)
        shown = {name: _text(value) for name, value in initial.items()}
        before = {f"initial-{name}": shown[name] for name in _SHOWN}
        data = {**shown, **before, **given}
        return cls(data, media_type=media.get("type"))._for(media)

    def _for(self, media: Mapping[str, Any]) -> EntryForm:
        """Let the browser bound what can be typed by the medium's length."""
        most = display.length_beside(media, _entry_of(media).get("progress"))
        if most is not None:
            self.fields["progress"].widget.attrs["max"] = most
        return self

    def _was(self, name: str) -> Any:
        """Return what a field showed at first."""
        return self.data.get(f"initial-{name}") if self.is_bound else self.initial.get(name)

    def clean_progress(self) -> int | None:
        """Return the progress; emptied, it is none at all."""
        progress: int | None = self.cleaned_data["progress"]
        return 0 if progress is None and "initial-progress" in self.data else progress

    def clean_score(self) -> int | None:
        """Return the raw score, 0 to 100, of what was typed in the owner's format; 0 takes it away."""
        score = self.cleaned_data["score"]
        if score is None:
            return 0 if "initial-score" in self.data else None
        most, step = _MOST[self.scale], _STEP.get(self.scale, "1")
        if 0 <= score <= most:
            try:
                raw = score_to_raw(float(score), self.scale)
            except ValueError:
                raw = -1
            if score_from_raw(raw, self.scale) == float(score):
                return raw
        text = gettext("Your scores go up to %(most)s, in steps of %(step)s.")
        raise ValidationError(text % {"most": most, "step": step})

    def changes(self) -> dict[str, Any]:
        """Return what differs from what the form showed, as arguments of ``save_media_list_entry``."""
        found = {
            argument: self.cleaned_data[name]
            for name, argument in ARGUMENTS.items()
            if name in self.data and name in self.changed_data
        }
        return {
            name: value
            for name, value in found.items()
            if value is not None and (value or name != "status")
        }

    def point_at_mistake(self) -> None:
        """Let the browser go to the first field that has to be put right."""
        fields = self.visible_fields()
        first = next((field for field in fields if field.errors), fields[0])
        first.field.widget.attrs["autofocus"] = True


def typed(wanted: Mapping[str, Any], score_format: str) -> dict[str, Any]:
    """Return the data of a form that wants ``wanted``, arguments of ``save_media_list_entry``."""
    score_format = display.format_of(score_format)
    names = {argument: name for name, argument in ARGUMENTS.items()}
    data = {names.get(name, name): _text(value) for name, value in wanted.items()}
    if "score_raw" in wanted:
        data["score"] = _text(_shown(wanted["score_raw"], score_format))
    return {**data, "score_format": score_format}


def _initial(media: Mapping[str, Any], score_format: str) -> dict[str, Any]:
    entry = _entry_of(media)
    chosen = display.format_of(score_format)
    status = entry.get("status")
    return {
        "media_id": media.get("id"),
        "submission": secrets.token_urlsafe(18),
        "score_format": chosen,
        "status": status if status in display.statuses("") else "",
        "progress": entry.get("progress"),
        "score": _shown(entry.get("scoreRaw"), chosen),
        "notes": _sound(entry.get("notes")),
    }


def _entry_of(media: Mapping[str, Any]) -> Mapping[str, Any]:
    entry = media.get("mediaListEntry")
    return entry if isinstance(entry, Mapping) else {}


def _sound(text: object) -> str:
    """Return remote text without the half characters that no page can be encoded with."""
    return text.encode(errors="replace").decode() if isinstance(text, str) else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _shown(raw: object, score_format: str) -> float | int | None:
    if not isinstance(raw, int | float) or not 0 < raw <= 100:
        return None
    score = score_from_raw(round(raw), score_format)
    return int(score) if score == int(score) else score


def _score_widget(score_format: str) -> forms.Widget:
    if score_format == "POINT_3":
        words = (pgettext("score", "bad"), pgettext("score", "okay"), pgettext("score", "good"))
        return forms.Select(
            choices=[("", pgettext("score", "no score")), *enumerate(words, start=1)]
        )
    if score_format == "POINT_5":
        stars = [(number, f"{number}/5") for number in range(1, 6)]
        return forms.Select(choices=[("", pgettext("score", "no score")), *stars])
    step = _STEP.get(score_format, "1")
    most = _MOST[score_format]
    return forms.NumberInput(attrs={"min": 0, "max": most, "step": step, "placeholder": f"/{most}"})
