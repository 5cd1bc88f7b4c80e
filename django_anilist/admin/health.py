"""The health page: how this site gets on with AniList just now, and in the last hour."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_anilist import conf, last_hour
from django_anilist.admin.chart import Chart, chart_of
from django_anilist.admin.filters import keys_in_force
from django_anilist.api.budget import USUAL_LIMIT
from django_anilist.conf import settings
from django_anilist.gateway import AniList, BudgetReport
from django_anilist.last_hour import Failure, Minute, Sheet
from django_anilist.models import AniListToken
from django_anilist.standing import counts

#: Why nobody asks AniList for the moment, by the reasons of ``Unavailable``.
OUTAGES = {
    "connection": _("no connection to AniList comes about"),
    "dns": _("the name of AniList's server is not found"),
    "timeout": _("AniList does not answer in time"),
    "tls": _("AniList's certificate cannot be verified"),
    "proxy": _("the proxy in ANILIST_PROXY does not let requests through"),
    "switched-off": _("AniList has switched its API off"),
    "forbidden": _("AniList refuses requests from this site"),
    "server": _("AniList's server fails"),
    "html": _("AniList answers with a web page instead of data"),
}

#: Those that AniList gives its reason for, in a sentence of its own.
_EXPLAINED = ("switched-off", "forbidden")

_SECRET = ("SECRET", "KEY", "TOKEN", "PASSWORD")
STARS = "********"


@dataclass(frozen=True)
class Lane:
    """How long those of a lane waited for their turn, on average, in seconds."""

    name: str | Promise
    sent: int
    waited: float


@dataclass(frozen=True)
class Setting:
    """A setting in force, fit to be shown."""

    name: str
    value: str


def report(rows: QuerySet[AniListToken]) -> dict[str, Any]:
    """Return what the page shows; wrong settings show as such. AniList is not asked to find out."""
    now, sheet = timezone.now(), last_hour.here().total()
    minutes = sheet.hour(now.timestamp())
    budget, problem = _budget()
    calls = sum(minute.calls for minute in minutes)
    remembered = sum(minute.remembered for minute in minutes)
    return {
        "budget": budget,
        "problem": problem,
        "outage": OUTAGES.get(budget.outage, budget.outage) if budget else "",
        "said": said_last(sheet) if budget and budget.outage in _EXPLAINED else "",
        "where": _where(),
        "sandbox": bool(settings.sandbox_url),
        "chart": _chart(minutes, budget, now),
        "lanes": _lanes(minutes),
        "calls": calls,
        "remembered": remembered,
        "share": round(100 * remembered / calls) if calls else 0,
        "failures": [(_moment(failure), failure) for failure in reversed(sheet.failures)],
        "shared": last_hour.here().shared,
        "statuses": [(status, number) for status, number in counts(rows, keys_in_force()).items()],
        "settings": in_force(),
    }


def _budget() -> tuple[BudgetReport | None, str]:
    """Return the budget, or what is wrong with the settings."""
    try:
        return AniList.anonymous().budget, ""
    except ImproperlyConfigured as error:
        return None, str(error)


def _where() -> str:
    try:
        return settings.endpoints.graphql
    except ImproperlyConfigured:
        return ""


def said_last(sheet: Sheet) -> str:
    """Return the last sentence of AniList's own among the errors kept."""
    return next((failure.said for failure in reversed(sheet.failures) if failure.said), "")


def _chart(minutes: Sequence[Minute], budget: BudgetReport | None, now: datetime.datetime) -> Chart:
    limit = budget.limit if budget else USUAL_LIMIT
    return chart_of([int(minute.requests) for minute in minutes], limit, now)


def _lanes(minutes: Sequence[Minute]) -> list[Lane]:
    web, task = sum(m.web_sent for m in minutes), sum(m.task_sent for m in minutes)
    web_waited = sum(m.web_waited for m in minutes) / max(web, 1)
    task_waited = sum(m.task_waited for m in minutes) / max(task, 1)
    return [Lane(_("web pages"), web, web_waited), Lane(_("tasks"), task, task_waited)]


def _moment(failure: Failure) -> datetime.datetime:
    when = datetime.datetime.fromtimestamp(failure.at, datetime.timezone.utc)
    return timezone.localtime(when)  # templates do so under USE_TZ only


def in_force() -> list[Setting]:
    """Return every setting as it is in force, secrets starred."""
    return [Setting(name, shown(name)) for name in sorted(conf.NAMES)]


def shown(name: str) -> str:
    """Return the value of a setting as it may be shown."""
    try:
        value = _value(name)
    except Exception:  # noqa: BLE001  whatever a wrong value, or a callable of the site, leads to
        return "?"
    if not value and value is not False and value != 0:
        return "-"
    if any(word in name for word in _SECRET):
        return STARS
    if callable(value):
        value = f"{value.__module__}.{getattr(value, '__qualname__', '')}"
    text = re.sub(r"//.*@", f"//{STARS}@", str(value))
    return re.sub(r"(?i)(password=)[^&]*", rf"\1{STARS}", text)


def _value(name: str) -> object:
    if name == "ANILIST_BUDGET":
        return settings.budget_url or settings.budget_path
    if name == "ANILIST_CACHE":
        return settings.cache_alias
    return getattr(settings, name.removeprefix("ANILIST_").lower(), None)
