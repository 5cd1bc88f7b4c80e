"""What a page says when connecting, or calling AniList, did not work."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Problem:
    """One page: its HTTP status, its heading, what happened, and what to do now.

    ``retry`` says whether a link to connect again makes sense on it.
    """

    status: int
    title: str | Promise
    text: str | Promise
    advice: str | Promise
    retry: bool = True


#: By the outcome words of ``django_anilist.flow``.
PROBLEMS = {
    "denied": Problem(
        200,
        _("You said no, and that is fine"),
        _("Nothing was connected, and nothing was changed."),
        _("You can connect AniList whenever you like."),
    ),
    "state": Problem(
        400,
        _("This link does not work any more"),
        _("It was used already, is older than ten minutes, or belongs to another sign-in."),
        _("If you just connected AniList, all is well. Otherwise start again from here."),
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
    ),
    "taken": Problem(
        409,
        _("This AniList account is already connected"),
        _("It belongs to another account on this site, and nothing was moved."),
        _("Sign in to that account here, or use another AniList account."),
    ),
    "unknown-account": Problem(
        403,
        _("Nobody here has this AniList account"),
        _("AniList said who you are, and no account on this site is connected to that."),
        _("If you have an account here, sign in to it first and connect AniList there."),
    ),
    "inactive": Problem(
        403,
        _("Your account on this site is not active"),
        _("AniList said who you are, but you cannot sign in here at the moment."),
        _("Please ask the people who run this site."),
        retry=False,
    ),
    "last-way-in": Problem(
        409,
        _("AniList is your only way in"),
        _(
            "You sign in to this site with AniList and have no password here, so you stay connected."
        ),
        _("Set a password first, or ask the people who run this site for one. Then disconnect."),
        retry=False,
    ),
    "busy": Problem(
        503,
        _("AniList needs a moment"),
        _("This site has asked AniList as much as it may for now."),
        _("Please wait a little and try again."),
    ),
    "unavailable": Problem(
        503,
        _("AniList is not reachable"),
        _("AniList gave no answer that this site can use. Your connection is not affected."),
        _("Please try again in a few minutes."),
    ),
    "unknown": Problem(
        503,
        _("AniList did not say whether it worked"),
        _("Your change was sent once, and no answer came. It may have been made or not."),
        _("Please look at your list on AniList before you try again."),
        retry=False,
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
        _("A setting is missing. That is not your fault."),
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
