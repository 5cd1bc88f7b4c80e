"""The transport against servers that break HTTP: one of our errors, in time, and nothing left."""

from __future__ import annotations

import gc
import gzip
import logging
import os
import socket
import threading
import time
import traceback

import pytest
from django.views.debug import ExceptionReporter

from django_anilist.api.errors import Unavailable
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Call, Reply, RequestsTransport
from tests.faults.bodies import BODIES
from tests.faults.echoes import ECHOES
from tests.faults.expected import GRACE
from tests.faults.matrix import WAITING
from tests.faults.server import FaultServer, answer, is_in_time
from tests.faults.transport import FAULTS

#: Seconds for what only a deadline ends, and for all else, which a pause of the machine must not end.
DEADLINE, AMPLE = 1.0, 20.0
CANARY = "canary-token"
SECRET = "canary-secret"
MEBIBYTE = 1024 * 1024

#: What a stricter client would refuse and ours may read: each is a whole answer.
READABLE = {
    "length too small", "two lengths", "length and chunks", "chunk size negative",
    "a header without colon", "a header of raw bytes", "status 999", "HTTP/3", "six encodings",
    "gzip of nothing", "closed inside the headers", "br that is none", "deflate bomb",
    "zstd that is none", "deflate that is none", "an unknown encoding",
    "length no number", "length negative", "status 0", "length of 40 digits",
    "length of 5,000 digits", "last chunk missing",
}  # fmt: skip


@pytest.fixture
def transport():
    transport = RequestsTransport(referer="https://site.test/", user_agent="tests")
    yield transport
    transport.close()


def call(url, deadline=AMPLE, max_bytes=2 * MEBIBYTE):
    return Call(url, {"client_secret": SECRET}, Secret(CANARY), deadline, max_bytes)


def outcome(transport, *args, **kwargs):
    try:
        return transport.send(call(*args, **kwargs))
    except Unavailable as error:
        return error


def deadline_of(name):
    return DEADLINE if name in WAITING else AMPLE


def memory():
    """Resident memory in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors():
    return len(os.listdir("/proc/self/fd"))


needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="memory and descriptors are counted in /proc"
)


def test_there_are_more_than_a_hundred_ways_to_fail():
    assert len(FAULTS) + len(BODIES) > 100


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_server_is_one_of_our_errors_in_time(transport, name):
    with FaultServer(FAULTS[name]) as server:
        found = outcome(transport, server.url, deadline_of(name))
        assert is_in_time(lambda: outcome(transport, server.url, deadline_of(name)), DEADLINE)
    assert isinstance(found, Unavailable) or (isinstance(found, Reply) and name in READABLE)
    if name.startswith(("hang", "drip")):  # nothing else ends these before the server does
        assert found.reason == "timeout"
    assert CANARY not in f"{found}{found!r}"


@pytest.mark.parametrize("name", BODIES)
def test_a_whole_answer_is_handed_on_whatever_it_says(transport, name):
    with FaultServer(BODIES[name]) as server:
        assert isinstance(outcome(transport, server.url), Reply)


@needs_proc
@pytest.mark.parametrize(
    "name", [name for name in FAULTS if "bomb" in name or "MiB" in name or "endless" in name]
)
def test_no_answer_is_large_enough_to_fill_the_memory(transport, name):
    with FaultServer(FAULTS[name]) as server:
        deadline = deadline_of(name)
        outcome(transport, server.url, deadline)  # the bomb is built once, in this process
        gc.collect()
        before = memory()
        outcome(transport, server.url, deadline)
        gc.collect()
        assert memory() - before < 8 * MEBIBYTE


@needs_proc
@pytest.mark.slow
def test_200_failures_leave_no_descriptor_and_no_thread(transport):
    names = [
        n
        for n in FAULTS
        if not n.startswith(("hang", "drip", "endless", "64 MiB")) and "bomb" not in n
    ]
    for name in names:
        with FaultServer(FAULTS[name]) as server:
            outcome(transport, server.url)
    gc.collect()
    before = descriptors(), threading.active_count()
    for number in range(200):
        with FaultServer(FAULTS[names[number % len(names)]]) as server:
            outcome(transport, server.url)
    transport.close()
    gc.collect()
    assert descriptors() <= before[0]
    assert threading.active_count() <= before[1]


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("redirect")])
def test_no_redirect_is_followed(transport, name):
    with FaultServer(FAULTS[name]) as server:
        found = outcome(transport, server.url)
    assert found.reason == "redirect"
    assert len(server.received) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_no_redirect_carries_a_secret_to_another_server(transport, status):
    with (
        FaultServer(answer()) as other,
        FaultServer(answer(b"", status, f"Location: {other.url}")) as server,
    ):
        assert outcome(transport, server.url).reason == "redirect"
    assert other.received == []


def test_cookies_are_never_sent_back(transport):
    with FaultServer(answer(b"{}", "200 OK", "Set-Cookie: laravel_session=x; Path=/")) as server:
        for _ in range(3):
            transport.send(call(server.url))
    assert len(server.received) == 3
    assert not any(b"cookie" in head.lower() for head, _ in server.received)


def test_netrc_is_never_used(transport, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password pass")
    monkeypatch.setenv("NETRC", str(netrc))
    with FaultServer(answer()) as server:
        transport.send(call(server.url))
        transport.send(Call(server.url, {}))
    (first, _), (second, _) = server.received
    assert f"Authorization: Bearer {CANARY}".encode() in first
    assert b"Authorization" not in second


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"]
)
def test_proxies_of_the_environment_are_never_used(transport, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    with FaultServer(answer()) as server:
        assert transport.send(call(server.url)).status == 200


def test_a_chosen_proxy_that_is_gone_is_an_outage():
    transport = RequestsTransport(
        referer="https://site.test/", user_agent="tests", proxy="http://127.0.0.1:1"
    )
    assert outcome(transport, "http://anilist.invalid/").reason == "proxy"
    transport.close()


@pytest.mark.parametrize("status", ["407 Authenticate", "503 Down"])
def test_a_chosen_proxy_that_refuses_is_an_outage(status):
    with FaultServer(answer(b"", status)) as proxy:
        transport = RequestsTransport(
            referer="https://site.test/", user_agent="tests", proxy=proxy.url
        )
        assert outcome(transport, "https://anilist.invalid/").reason == "proxy"
        transport.close()


def test_a_proxy_that_drips_its_answer_is_cut_off():
    with FaultServer(FAULTS["drip headers"]) as proxy:
        transport = RequestsTransport(
            referer="https://site.test/", user_agent="tests", proxy=proxy.url
        )
        started = time.monotonic()
        assert isinstance(outcome(transport, "https://anilist.invalid/", DEADLINE), Unavailable)
        assert time.monotonic() - started <= DEADLINE + GRACE
        transport.close()


def test_a_closed_port_is_an_outage(transport):
    assert outcome(transport, "http://127.0.0.1:1/").reason == "connection"


def test_an_unknown_host_is_an_outage(transport, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = outcome(transport, "http://anilist.invalid/")
    assert (found.reason, found.in_doubt) == ("dns", False)


def test_a_host_without_addresses_is_an_outage(transport, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [])
    assert outcome(transport, "http://anilist.invalid/").reason == "connection"


def test_all_addresses_of_a_host_share_one_deadline(transport, monkeypatch):
    """A full backlog swallows the first address; the second gets only what is left."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, FaultServer(answer()) as good:
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        port = int(good.url.rsplit(":", 1)[1].strip("/"))
        known = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        addresses = [(*known, full.getsockname())] * 4 + [(*known, ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: addresses)
        started = time.monotonic()
        assert outcome(transport, "http://anilist.invalid/", DEADLINE).reason == "timeout"
        assert time.monotonic() - started <= DEADLINE + GRACE
        for filler in fillers:
            filler.close()


def test_a_second_address_serves_where_the_first_is_closed(transport, monkeypatch):
    with FaultServer(answer()) as good:
        port = int(good.url.rsplit(":", 1)[1].strip("/"))
        known = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        addresses = [(*known, ("127.0.0.1", 1)), (*known, ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: addresses)
        assert outcome(transport, "http://anilist.invalid/").status == 200


def test_the_end_of_one_deadline_does_not_shorten_the_next_call(transport):
    """A kept connection's socket remembers a timeout; each call must set its own."""
    pauses = iter((0.0, 2.5))

    def served(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
        exchange.pause(next(pauses))
        exchange.send(b"}")

    served.keeps_alive = True
    with FaultServer(served) as server:
        for deadline in (2.0, 30):
            assert transport.send(call(server.url, deadline)).body == b"{}"
        transport.close()


def test_the_cap_lets_exactly_so_many_bytes_through(transport):
    with FaultServer(answer(b"x" * 1000)) as server:
        assert len(transport.send(call(server.url, max_bytes=1000)).body) == 1000
        assert outcome(transport, server.url, max_bytes=999).reason == "too-large"


def test_what_comes_in_gzip_is_unpacked_and_handed_on_as_it_came_besides(transport):
    body = b'{"data": {}}' * 1000
    packed = gzip.compress(body)
    with FaultServer(answer(packed, "200 OK", "Content-Encoding: gzip")) as server:
        found = outcome(transport, server.url, max_bytes=len(body))
        assert (found.body, found.packed) == (body, packed)
        assert outcome(transport, server.url, max_bytes=len(body) - 1).reason == "too-large"


def test_what_cannot_be_sent_is_the_callers_mistake(transport):
    with pytest.raises(TypeError):
        transport.send(Call("http://127.0.0.1:1/", {"score": float("nan")}))
    with pytest.raises(TypeError):
        transport.send(Call("http://127.0.0.1:1/", {"date": object()}))


@pytest.mark.parametrize(
    "name",
    ["reset at once", "drip a body", "gzip that is none", "redirect 302", "64 MiB announced"],
)
def test_no_secret_is_in_an_error_its_frames_or_a_report(transport, name, settings, caplog):
    caplog.set_level(logging.DEBUG)
    body = f'{{"access_token": "{CANARY}"'.encode()
    fault = answer(body, "302 Found") if name == "redirect 302" else FAULTS[name]
    with FaultServer(fault) as server:
        found = outcome(transport, server.url, deadline_of(name))
    assert found.__context__ is found.__cause__ is None
    ours = found.with_traceback(found.__traceback__.tb_next)  # without the frame of this test
    shown = [str(ours), repr(ours), caplog.text, report(ours)]
    for debug in (True, False):
        settings.DEBUG = debug
        reporter = ExceptionReporter(None, type(ours), ours, ours.__traceback__)
        shown += [reporter.get_traceback_html(), reporter.get_traceback_text()]
    assert "transport.py" in shown[3]
    assert CANARY not in "".join(shown)
    assert SECRET not in "".join(shown)


@pytest.mark.parametrize("name", ECHOES)
def test_what_a_server_echoes_is_in_no_log(transport, name, caplog):
    """Libraries quote what they cannot read, and urllib3 warns of headers with all that is in them."""
    caplog.set_level(logging.DEBUG)
    with FaultServer(ECHOES[name]) as server:
        found = outcome(transport, server.url)
        assert CANARY.encode() in server.received[0][0]
        assert SECRET.encode() in server.received[0][1]
    logged = "".join(map(logging.Formatter().format, caplog.records))
    assert server.url.rstrip("/").rpartition(":")[2] in logged
    assert CANARY not in f"{logged}{found}{found!r}"
    assert SECRET not in f"{logged}{found}{found!r}"


def report(error):
    """Return a traceback with the variables of every frame."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(found.format())
