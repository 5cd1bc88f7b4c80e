"""What people do on the site, one request after another, and what must be true of it afterwards."""

from __future__ import annotations

import secrets as random_texts
import threading
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import urlsplit

import requests

from benchmarks.live.secrets_seen import Secrets
from benchmarks.live.stage import Stage

ACCOUNT, AUTHORIZE, DISCONNECT = "/anilist/", "/anilist/authorize/", "/anilist/disconnect/"
SAVE, TASK, REVIEW = "/anilist/save-entry/", "/task/{}/", "/title/{}/review/"
#: Titles of the sandbox that people read, and keep on their lists.
TITLES = (1, 21, 154587)
PAGES = (
    "/",
    *(f"/title/{title}/" for title in TITLES),
    "/dashboard/",
    "/dashboard/?type=MANGA",
    "/reviews/",
    ACCOUNT,
)
REVIEWED = "Quiet, and never slow."
PASSWORD = "only-for-the-soak"  # noqa: S105  of a database that lives for minutes
#: Pages, redirects, and our own calm refusals.
_EXPECTED = {200, 302, 303, 400, 403, 429, 503}


class Tally:
    """What all visitors count together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.unhandled: list[str] = []
        self.leaks: list[str] = []

    def add(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1


class Visitor:
    """A user of the site with an AniList account of their own, who knows what they did."""

    def __init__(self, at: Stage, name: str, account: str, tally: Tally, seed: int) -> None:
        self.name, self.account, self.tally = name, account, tally
        self._at, self._random = at, Random(seed)  # noqa: S311  what they do next
        self._secrets: Secrets = at.secrets
        # A connection for each request: what the site keeps open is its own.
        self._site, self._anilist = requests.Session(), requests.Session()
        self._site.headers["Connection"] = "close"
        for session in (self._site, self._anilist):
            session.trust_env = False
        self.connected = False
        self.saved = self.reviews = 0
        #: What AniList may say of each title; more than one where nobody knows how a save ended.
        self.progress: dict[int, set[int]] = {title: {0} for title in TITLES}

    def agrees(self, progress: dict[str, dict[str, int]]) -> bool:
        """Tell whether AniList has of this visitor's list what it may have."""
        have = progress[self.account]
        return all(have.get(str(title), 0) in may for title, may in self.progress.items())

    # Requests

    def get(self, path: str) -> requests.Response:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, Any], **headers: str) -> requests.Response:
        token = self._site.cookies.get("csrftoken", "")
        return self._ask("POST", path, {**form, "csrfmiddlewaretoken": token}, headers)

    def _ask(
        self, method: str, path: str, form: Any = None, headers: Any = None
    ) -> requests.Response:
        url = path if path.startswith("http") else f"{self._at.site}{path}"
        answer = self._site.request(
            method, url, data=form, headers=headers, allow_redirects=False, timeout=60
        )
        self.tally.add("calls")
        self.tally.add(f"status {answer.status_code}")
        if answer.status_code not in _EXPECTED:
            self.tally.unhandled.append(f"{method} {urlsplit(url).path}: {answer.status_code}")
        self._look_into(answer)
        return answer

    def _look_into(self, answer: requests.Response) -> None:
        """The address of AniList with a state in it is the one place where a secret belongs."""
        place = answer.headers.get("Location", "")
        said = "" if place.startswith(self._at.sandbox) else place
        kept = " ".join(f"{name} {value}" for name, value in answer.cookies.items())
        if self._secrets.are_in(f"{said} {kept} {answer.text}"):
            self.tally.leaks.append(f"an answer of {urlsplit(answer.url).path}")

    # What they do

    def arrive(self) -> None:
        """Sign in, but once."""
        if self._site.cookies.get("sessionid"):
            return
        self.get("/login/")
        answer = self.post("/login/", {"username": self.name, "password": PASSWORD})
        if answer.status_code != 302:
            raise RuntimeError(f"{self.name} cannot sign in: {answer.status_code}")

    def read(self) -> None:
        self.get(self._random.choice(PAGES))

    def connect(self) -> None:
        """Go all the way to AniList and back, now and then with the same answer twice."""
        self.get(AUTHORIZE)
        address = self.post(AUTHORIZE, {}).headers["Location"]
        self._secrets.learn(address)
        back = self._consent(address, "approve")
        landed = self.get(back).headers["Location"]
        self.tally.add("connects")
        if landed == ACCOUNT:
            self.connected = True
            self.tally.add("connected")
        self.get(landed)
        if self._random.random() < 0.1:
            self.get(back)

    def refuse(self) -> None:
        """Go to AniList, and say no there."""
        address = self.post(AUTHORIZE, {}).headers["Location"]
        self._secrets.learn(address)
        self.get(self.get(self._consent(address, "deny")).headers["Location"])

    def _consent(self, address: str, answer: str) -> str:
        form = {"answer": self.account}
        if not self._anilist.cookies:
            self._anilist.post(address, form, allow_redirects=False, timeout=60)
        form["answer"] = answer
        back = self._anilist.post(address, form, allow_redirects=False, timeout=60)
        self._secrets.learn(back.headers["Location"])
        return back.headers["Location"]

    def disconnect(self) -> None:
        self.post(DISCONNECT, {})
        self.connected, self.saved = False, 0  # what is known of their changes goes with the token
        self.tally.add("disconnects")

    def save(self) -> None:
        """Press the list button, now and then twice: that is one change."""
        title, wanted = self._random.choice(TITLES), self._random.randint(1, 10)
        form = {
            "media_id": title,
            "submission": random_texts.token_urlsafe(18),
            "progress": wanted,
            "status": "CURRENT",
        }
        said = [self._saved(form) for _ in range(self._random.choice((1, 1, 1, 2)))]
        if "saved" in said:
            self.saved += 1
            self.tally.add("saves")
            self.progress[title] = {wanted}
        elif "unknown" in said:
            self.progress[title].add(wanted)

    def _saved(self, form: dict[str, Any]) -> str:
        """Return what became of a change: saved, or why not."""
        answer = self.post(SAVE, form, Accept="application/json")
        content = answer.json()
        return "saved" if content.get("saved") else str(content.get("error"))

    def review(self) -> None:
        path = REVIEW.format(self._random.choice(TITLES))
        self.reviews += self.post(path, {"text": REVIEWED}).status_code == 302

    def work(self) -> None:
        """Do what cron does."""
        self.post(TASK.format(self._random.choice(("verify", "purge", "rotate_keys"))), {})
        self.tally.add("tasks")

    def do_something(self) -> None:
        """Do one of these, as often as their weights say."""
        (what,) = self._random.choices(_DEEDS, _WEIGHTS)
        what(self)


_DEEDS = (
    Visitor.read,
    Visitor.connect,
    Visitor.save,
    Visitor.disconnect,
    Visitor.refuse,
    Visitor.review,
    Visitor.work,
)
_WEIGHTS = (56, 16, 18, 6, 2, 0.3, 1)
