"""What a page says when connecting, or calling AniList, did not work."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

#: The longest wait that is told in seconds.
IN_SECONDS = 90


@dataclass(frozen=True)
class Problem:
    """One page: its HTTP status, its heading, what happened, and what to do now.

    ``icon`` is one that ``parts/icon.html`` draws. ``retry`` says whether a link to try again makes
    sense on it, ``back`` whether one to where the user came from does.
    """

    status: int
    title: str | Promise
    text: str | Promise
    advice: str | Promise
    icon: str = "alert"
    retry: bool = True
    back: bool = False


@dataclass(frozen=True)
class Wait:
    """How long until AniList may be asked again, in whole seconds, and how to say so."""

    seconds: int

    @property
    def text(self) -> str:
        """The sentence that stands on the page."""
        if self.seconds <= IN_SECONDS:
            text = ngettext(
                "You can try again in %(seconds)s second.",
                "You can try again in %(seconds)s seconds.",
                self.seconds,
            )
            return text % {"seconds": localize(self.seconds)}
        minutes = math.ceil(self.seconds / 60)
        text = ngettext(
            "You can try again in %(minutes)s minute.",
            "You can try again in %(minutes)s minutes.",
            minutes,
        )
        return text % {"minutes": localize(minutes)}

    @property
    def counting(self) -> str:
        """The sentence for a script that counts down: ``{time}`` is replaced by ``1:05``."""
        return _("You can try again in %(time)s.") % {"time": "{time}"}


#: By the outcome words of ``django_anilist.flow``.
PROBLEMS = {
    "denied": Problem(
        200,
        _("You said no, and that is fine"),
        _("Nothing was connected, and nothing was changed."),
        _("You can connect AniList whenever you like."),
        icon="link",
    ),
    "state": Problem(
        400,
        _("This link does not work any more"),
        _("It was used already, is older than ten minutes, or belongs to another sign-in."),
        _("If you just connected AniList, all is well. Otherwise start again from here."),
        icon="link",
    ),
    "code": Problem(
        400,
        _("AniList did not accept the answer"),
        _("The one-time code that came back from AniList was not valid any more."),
        _("Please start again; it only takes a moment."),
    ),
    "other-account": Problem(
        409,
        _("You came back as somebody else"),
        _("This account is connected to another AniList account than the one you just used."),
        _("Sign in to the right account on AniList and try again, or disconnect first to switch."),
        icon="person",
    ),
    "taken": Problem(
        409,
        _("This AniList account is already connected"),
        _("It belongs to another account on this site, and nothing was moved."),
        _("Sign in to that account here, or use another AniList account."),
        icon="person",
    ),
    "unknown-account": Problem(
        403,
        _("Nobody here has this AniList account"),
        _("AniList said who you are, and no account on this site is connected to that."),
        _("If you have an account here, sign in to it first and connect AniList there."),
        icon="person",
    ),
    "inactive": Problem(
        403,
        _("Your account on this site is not active"),
        _("AniList said who you are, but you cannot sign in here at the moment."),
        _("Please ask the people who run this site."),
        icon="person",
        retry=False,
    ),
    "last-way-in": Problem(
        409,
        _("AniList is your only way in"),
        _(
            "You sign in to this site with AniList and have no password here, so you stay connected."
        ),
        _("Set a password first, or ask the people who run this site for one. Then disconnect."),
        icon="person",
        retry=False,
    ),
    "other-user": Problem(
        503,
        _("This page cannot be shown just now"),
        _("It needs the AniList account of somebody else, and that is not connected any more."),
        _("Your own connection is not affected."),
        icon="person",
        retry=False,
    ),
    "busy": Problem(
        503,
        _("AniList needs a moment"),
        _("This site has asked AniList as much as it may for now."),
        _("Please wait a little and try again."),
        icon="clock",
    ),
    "unavailable": Problem(
        503,
        _("AniList is not reachable"),
        _("AniList gave no answer that this site can use. Your connection is not affected."),
        _("Please try again in a few minutes."),
        icon="cloud",
    ),
    "unknown": Problem(
        503,
        _("AniList did not say whether it worked"),
        _("Your change was sent once, and no answer came. It may have been made or not."),
        _("Please look at your list on AniList before you try again."),
        retry=False,
        back=True,
    ),
    "client": Problem(
        503,
        _("This site is not set up for AniList yet"),
        _("AniList does not know this site. That is not your fault."),
        _("Please tell the people who run this site."),
        retry=False,
    ),
    "setup": Problem(
        503,
        _("This site is not set up for AniList yet"),
        _("A setting is missing or wrong. That is not your fault."),
        _("Please tell the people who run this site."),
        retry=False,
    ),
    "failed": Problem(
        503,
        _("Something went wrong on this site"),
        _("Nothing was connected, and nothing was changed."),
        _("Please try again in a few minutes."),
    ),
}
