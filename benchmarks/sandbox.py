"""What the sandbox bears: ``python -m benchmarks.sandbox``.

One server process, bound to one core where the system lets us; the requests come from this one, over
kept connections, so that the figure is the server's. Prints one line for each measure: by the clock,
which others on the machine slow down, and by the processor time that the server itself took.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

AT_ONCE = 2
MEDIA = """query ($id: Int) { Media(id: $id) {
  id idMal title { romaji english native userPreferred } format status episodes season seasonYear
  averageScore genres coverImage { large color } nextAiringEpisode { episode timeUntilAiring } } }"""
RICH = """query ($id: Int) { Media(id: $id) {
  id idMal title { romaji english native userPreferred } format status(version: 2)
  description(asHtml: true)
  startDate { year month day } endDate { year month day } season seasonYear episodes duration chapters
  volumes countryOfOrigin source(version: 3) trailer { id site } coverImage { extraLarge large color }
  bannerImage genres synonyms averageScore meanScore popularity trending favourites isAdult siteUrl
  tags { id name rank isMediaSpoiler } nextAiringEpisode { airingAt episode timeUntilAiring }
  studios { nodes { id name isAnimationStudio } }
  relations { edges { relationType(version: 2) node { id title { userPreferred } } } }
  characters(perPage: 6) { edges { role node { id name { full } image { large } }
    voiceActors(language: JAPANESE) { id name { full } } } }
  staff(perPage: 6) { edges { role node { id name { full } } } }
  recommendations(perPage: 6) { nodes { mediaRecommendation { id title { userPreferred } } } } } }"""
LIST = """query { MediaListCollection(userName: "alice", type: ANIME) { hasNextChunk lists {
  name status isCustomList
  entries { id mediaId status progress score media { title { userPreferred } } } } } }"""


@contextmanager
def sandbox(*arguments: str) -> Iterator[tuple[str, float, int]]:
    """Run a sandbox; yield its address, the seconds until it was ready, and its process."""
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-m", "django_anilist.sandbox", "--port", "0", "--limit", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = process.stdout.readline().split()[-1] if process.stdout else ""
        ask(connect(address), MEDIA, {"id": 1})
        ready = time.perf_counter() - begun
        os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        yield address, ready, process.pid
    finally:
        process.terminate()
        process.wait()


def connect(address: str) -> HTTPConnection:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection: HTTPConnection, query: str, variables: dict[str, object]) -> bytes:
    body = json.dumps({"query": query, "variables": variables})
    headers = {"Content-Type": "application/json", "Referer": "http://127.0.0.1/"}
    connection.request("POST", "/graphql", body, headers)
    with connection.getresponse() as response:
        if response.status != 200:
            raise RuntimeError(f"answered with {response.status}")
        return response.read()


def memory_of(pid: int) -> float:
    """Return the mebibytes that a process holds now."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def busy(pid: int) -> float:
    """Return the seconds of processor time that a process has taken, its kernel's included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        parts = file.read().rpartition(") ")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def load(address: str, many: int, query: str = MEDIA) -> float:
    """Ask ``many`` times over a few connections at once; return the requests a second."""

    def play(share: int) -> None:
        connection = connect(address)
        for place in range(share):
            ask(connection, query, {"id": (1, 21, 154587)[place % 3]})

    begun = time.perf_counter()
    threads = [threading.Thread(target=play, args=[many // AT_ONCE]) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return many / (time.perf_counter() - begun)


def report(address: str, pid: int, what: str, query: str, many: int) -> None:
    begun = busy(pid)
    rate = load(address, many, query)
    each = (busy(pid) - begun) / many
    print(
        f"{rate:,.0f} requests a second for {what}, over {many:,}; "
        f"{each * 1000:.2f} ms of processor time each, so {1 / each:,.0f} a second on a core of its own"
    )


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    many = parser.parse_args().requests
    with sandbox() as (address, ready, pid):
        print(f"ready to serve after {ready:.2f} s")
        load(address, 2000)
        before = memory_of(pid)
        report(address, pid, "Media", MEDIA, many)
        print(f"memory {before:.1f} MiB before, {memory_of(pid):.1f} MiB after")
        report(address, pid, "all of a Media page", RICH, many // 10)
    with sandbox("--entries", "5000") as (address, ready, _):
        begun = time.perf_counter()
        size = len(ask(connect(address), LIST, {})) / 2**20
        seconds = time.perf_counter() - begun
        print(f"with 5,000 entries each: ready after {ready:.2f} s")
        print(f"alice's list of 5,000 entries, {size:.1f} MiB: {seconds:.2f} s")


if __name__ == "__main__":
    main()
