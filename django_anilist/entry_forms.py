"""The form for a list entry: status, progress, notes, and a score in its owner's own format."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_anilist import display
from django_anilist.api.values import SCORE_FORMATS, score_from_raw, score_to_raw

#: AniList's own bounds. https://docs.anilist.co/reference/mutation
MAX_NOTES = 6_000
MAX_PROGRESS = 100_000


class EntryForm(forms.Form):
    """What a user wants an entry to be. Only what they changed is sent.

    ``submission`` is the form's own random value: sent twice, it is one change. Each field carries
    what it showed at first, so that a page left open for an hour does not undo what happened since.
    """

    media_id = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    submission = forms.RegexField(
        r"^[A-Za-z0-9_\-]{16,64}\Z", required=False, widget=forms.HiddenInput
    )
    score_format = forms.ChoiceField(
        choices=[(name, name) for name in SCORE_FORMATS], required=False, widget=forms.HiddenInput
    )
    status = forms.ChoiceField(required=False, label=_("Status"))
    progress = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_PROGRESS, label=_("Progress")
    )
    score = forms.DecimalField(required=False, label=_("Score"))
    notes = forms.CharField(
        required=False,
        max_length=MAX_NOTES,
        label=_("Notes"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, media_type: str = "ANIME", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"anilist-{secrets.token_hex(4)}-%s")
        super().__init__(*args, **kwargs)
        for name in ("status", "progress", "score", "notes"):
            self.fields[name].show_hidden_initial = True
        choices = [("", gettext("Not on my list")), *display.statuses(media_type).items()]
        self.fields["status"].choices = choices  # type: ignore[attr-defined]
        self.fields["score"].widget = _score_widget(self._format)

    @classmethod
    def of(cls, media: Mapping[str, Any], score_format: str) -> EntryForm:
        """Return the form for a medium as its viewer has it now, in ``mediaListEntry``."""
        entry = media.get("mediaListEntry")
        entry = entry if isinstance(entry, Mapping) else {}
        chosen = display.format_of(score_format)
        initial = {
            "media_id": media.get("id"),
            "submission": secrets.token_urlsafe(18),
            "score_format": chosen,
            "status": entry.get("status") or "",
            "progress": entry.get("progress"),
            "score": _shown(entry.get("scoreRaw"), chosen),
            "notes": entry.get("notes") or "",
        }
        form = cls(initial=initial, media_type=str(media.get("type")))
        if initial["status"]:  # what is on a list does not leave it by a status
            form.fields["status"].choices = form.fields["status"].choices[1:]  # type: ignore[attr-defined]
        return form

    @property
    def _format(self) -> str:
        given = self.data.get("score_format") if self.is_bound else self.initial.get("score_format")
        return display.format_of(given)

    def clean_score(self) -> int | None:
        """Return the raw score, 0 to 100, of what was typed in the owner's format; 0 takes it away."""
        score = self.cleaned_data["score"]
        if score is None:
            return 0 if "initial-score" in self.data else None
        try:
            return score_to_raw(float(score), self._format)
        except ValueError:
            raise ValidationError(gettext("There is no such score.")) from None

    def clean_notes(self) -> str:
        """Return the notes with the line ends that AniList has: browsers send others."""
        notes: str = self.cleaned_data["notes"]
        return notes.replace("\r\n", "\n")

    def changes(self) -> dict[str, Any]:
        """Return what differs from what the form showed, as arguments of ``save_media_list_entry``."""
        names = {"status": "status", "progress": "progress", "score": "score_raw", "notes": "notes"}
        found = {
            argument: self.cleaned_data[name]
            for name, argument in names.items()
            if name in self.data and name in self.changed_data
        }
        return {
            name: value
            for name, value in found.items()
            if value is not None and (value or name != "status")
        }


def _shown(raw: object, score_format: str) -> float | int | None:
    if not isinstance(raw, int | float) or not 0 < raw <= 100:
        return None
    score = score_from_raw(round(raw), score_format)
    return int(score) if score == int(score) else score


def _score_widget(score_format: str) -> forms.Widget:
    if score_format == "POINT_3":
        words = (gettext("bad"), gettext("okay"), gettext("good"))
        return forms.Select(choices=[("", gettext("no score")), *enumerate(words, start=1)])
    if score_format == "POINT_5":
        stars = [(number, f"{number}/5") for number in range(1, 6)]
        return forms.Select(choices=[("", gettext("no score")), *stars])
    most, step = {"POINT_100": (100, "1"), "POINT_10": (10, "1")}.get(score_format, (10, "0.1"))
    return forms.NumberInput(attrs={"min": 0, "max": most, "step": step})
