"""What the doctor says: each thing found with a stable id, a level, a sentence, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

#: ``unknown`` is what could not be looked at; ``info`` is nothing to mend.
INFO, WARNING, ERROR, UNKNOWN = "info", "warning", "error", "unknown"

#: Where a remedy goes: into the settings, the URLconf or a terminal, to AniList, or to whoever runs
#: the network.
SETTINGS, URLS, SHELL, ANILIST, NETWORK = "settings", "urls", "shell", "anilist", "network"

#: What each id means, besides those of the checks, and how grave it is. ``docs/doctor.rst`` lists them.
KINDS = {
    "D100": (UNKNOWN, "Something could not be looked at, for a reason nobody foresaw."),
    "D101": (INFO, "The redirect URL to register at AniList, to the letter."),
    "D102": (ERROR, "The host of the redirect URL is not in ALLOWED_HOSTS."),
    "D103": (WARNING, "Behind a proxy that ends TLS, Django takes the site for http."),
    "D104": (INFO, "A proxy that ends TLS, if there is one, must be named to Django."),
    "D105": (ERROR, "Django hears the proxy's own host name, not the one that users see."),
    "D106": (WARNING, "The site's origin is not known, so AniList is told another as Referer."),
    "D110": (ERROR, "The session's cookie is for another domain than the redirect URL."),
    "D111": (ERROR, "The session's cookie is for another path than the redirect URL."),
    "D112": (WARNING, "The session's cookie is for https only, and the redirect URL is http."),
    "D113": (ERROR, "Browsers drop a cookie with SameSite=None that is not Secure."),
    "D114": (INFO, "With a strict cookie the way back from AniList takes one page more."),
    "D120": (ERROR, "The budget's file cannot be used, so each process spends for itself."),
    "D121": (ERROR, "Redis does not serve the budget, so each machine spends for itself."),
    "D122": (ERROR, "The cache does not keep what it is given."),
    "D123": (INFO, "Several machines, if there are, share the cache but not the budget."),
    "D124": (WARNING, "Processes of another system user have a budget of their own."),
    "D130": (UNKNOWN, "The database cannot be asked."),
    "D131": (ERROR, "Migrations have not been applied."),
    "D150": (INFO, "AniList was not asked, as wished."),
    "D151": (ERROR, "AniList's name cannot be looked up."),
    "D152": (ERROR, "No connection to AniList comes about, or no answer comes in time."),
    "D153": (ERROR, "What answers in AniList's place cannot prove that it is AniList."),
    "D154": (ERROR, "The proxy does not let the site through to AniList."),
    "D155": (ERROR, "AniList refuses this site."),
    "D156": (UNKNOWN, "AniList gives no usable answer to anybody."),
    "D157": (UNKNOWN, "The request budget is spent for the moment."),
    "D158": (INFO, "AniList answers, and how many requests a minute it allows."),
    "D159": (WARNING, "This machine's clock and AniList's differ."),
    "D160": (ERROR, "AniList does not accept the client id, the secret or the redirect URL."),
    "D161": (INFO, "AniList accepts the client id, the secret and the redirect URL."),
    "D162": (UNKNOWN, "The client id and secret could not be tried."),
}

_GRAVITY = (ERROR, WARNING, UNKNOWN, INFO)


@dataclass(frozen=True)
class Finding:
    """One thing found. ``remedy`` is the line that mends it, ``place`` one of the words above."""

    id: str
    level: str
    text: str
    remedy: str = ""
    place: str = ""


def finding(id: str, text: str, remedy: str = "", place: str = SETTINGS) -> Finding:
    """Return a finding of one of our :data:`KINDS`."""
    return Finding(f"anilist.{id}", KINDS[id][0], text, remedy, place if remedy else "")


@dataclass(frozen=True)
class Report:
    """All that was found, the gravest first. ``asked`` is the address that was asked, or ``""``."""

    findings: tuple[Finding, ...]
    asked: str = ""

    @classmethod
    def of(cls, findings: Iterable[Finding], asked: str = "") -> Report:
        """Put findings in order, and name each only once."""
        unique = dict.fromkeys(findings)
        return cls(tuple(sorted(unique, key=lambda f: _GRAVITY.index(f.level))), asked)

    @property
    def verdict(self) -> str:
        """``problems``, ``unsure`` where something could not be looked at, or ``content``."""
        levels = {found.level for found in self.findings}
        if levels & {ERROR, WARNING}:
            return "problems"
        return "unsure" if UNKNOWN in levels else "content"

    @property
    def exit_code(self) -> int:
        """0 for content, 1 for problems, 3 for unsure; 2 is what Python says of wrong arguments."""
        return {"content": 0, "problems": 1, "unsure": 3}[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """Return it in the shape of ``report.schema.json``, which stands beside this module."""
        return {
            "version": 1,
            "verdict": self.verdict,
            "asked": self.asked,
            "findings": [asdict(found) for found in self.findings],
        }
